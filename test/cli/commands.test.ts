import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CliResult, projectFolder, receiver, sluice } from '../support/cli.ts'
import { smallShop } from '../support/small-shop.ts'

const AS_OF = ['--as-of', '2026-02-01']

/** What a person may see must hold none of this. */
const PERSONAL = /ada@|grace@|linus@|\bAda\b|\bGrace\b|\bLinus\b/i
const CONTROL = /(?!\n)\p{Cc}/u

async function answer(folder: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const result = await sluice(['-C', folder, ...args, '-o', 'json'])
  assert.equal(result.code, 0, result.stdout + result.stderr)
  return { ...result.json() }
}

async function text(folder: string, ...args: readonly string[]): Promise<string> {
  const result = await sluice(['-C', folder, ...args])
  assert.equal(result.code, 0, result.stderr)
  assert.doesNotMatch(result.stdout, CONTROL)
  assert.doesNotMatch(result.stderr, CONTROL)
  return result.stdout
}

const named = (list: unknown, name: string) =>
  (list as readonly Readonly<Record<string, unknown>>[]).find((one) => one.name === name)

test('a project goes from validate to a second sync that sends nothing, every answer JSON', async (context) => {
  const hook = await receiver(context)
  const folder = projectFolder(context, smallShop(hook.url))

  assert.deepEqual(await answer(folder, 'validate'), { ok: true, errors: [], warnings: [] })
  assert.equal((await answer(folder, 'validate', '--connect')).ok, true)

  const plan = await answer(folder, 'plan', ...AS_OF)
  const planned = named(plan.syncs, 'buyers_to_hook')
  assert.deepEqual(
    [planned?.add, planned?.change, planned?.remove, planned?.held, planned?.api_calls, planned?.guard],
    [2, 0, 0, 0, 1, null],
  )
  assert.match(String(planned?.plan_id), /^[0-9a-f]+$/)
  assert.equal(hook.bodies.length, 0, 'a plan sends nothing')

  const build = await answer(folder, 'build', ...AS_OF)
  assert.match(String(build.run_id), /^[0-9a-f]{16}$/)
  assert.equal(build.as_of, '2026-02-01T00:00:00.000Z')
  assert.equal(named(build.nodes, 'buyers')?.rows, 2)
  assert.equal(named(build.nodes, 'customer')?.kind !== undefined, true)

  const stats = await answer(folder, 'identity', 'stats')
  assert.deepEqual([stats.entity, stats.records, stats.entities], ['customer', 7, 3])
  assert.equal((stats.largest as { records: number }[])[0]?.records, 4)

  const preview = await answer(folder, 'preview', 'buyers', ...AS_OF)
  assert.deepEqual([preview.segment, preview.count, preview.total], ['buyers', 2, 3])
  assert.equal(preview.as_of, '2026-02-01T00:00:00.000Z')
  const rows = preview.rows as Record<string, unknown>[]
  assert.deepEqual(rows.map((row) => row.country).sort(), ['BE', 'FR'])
  assert.deepEqual(rows.map((row) => row.email).sort(), ['a***@e***.com', 'g***@e***.com'])
  assert.deepEqual(rows.map((row) => Number(row.spent)).sort(), [30.5, 5.25])

  const sync = await answer(folder, 'sync', ...AS_OF)
  assert.deepEqual(
    [named(sync.syncs, 'buyers_to_hook')?.status, named(sync.syncs, 'buyers_to_hook')?.applied],
    ['done', 2],
  )
  assert.equal(hook.bodies.flatMap((body) => body.changes).length, 2)

  const again = await answer(folder, 'run', ...AS_OF)
  assert.equal(named(again.syncs, 'buyers_to_hook')?.unchanged, 2)
  assert.equal(hook.bodies.flatMap((body) => body.changes).length, 2, 'the second run sends nothing')

  const runs = (await answer(folder, 'runs', 'ls')).runs as Record<string, unknown>[]
  assert.ok(runs.length >= 3)
  const shown = await answer(folder, 'runs', 'show', String(sync.run_id).slice(0, 8))
  assert.equal(shown.run_id, sync.run_id)
  const state = await answer(folder, 'state', 'ls')
  assert.equal(named(state.snapshots, 'buyers_to_hook')?.rows, 2)
})

test('previews count by a trait, compare two segments, print SQL and unmask only when asked', async (context) => {
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/'))
  const by = await answer(folder, 'preview', 'buyers', '--by', 'country', ...AS_OF)
  assert.deepEqual(by.by, {
    name: 'country',
    values: [
      { value: 'BE', count: 1 },
      { value: 'FR', count: 1 },
    ],
  })
  const overlap = await answer(folder, 'preview', 'buyers', '--overlap', 'french', ...AS_OF)
  assert.deepEqual(overlap.overlap, { segment: 'french', count: 2, both: 1, only_this: 1, only_other: 1 })
  assert.match(String((await answer(folder, 'preview', 'buyers', '--sql', ...AS_OF)).sql), /select/)
  const plainRows = (await answer(folder, 'preview', 'buyers', '--unmask', ...AS_OF)).rows as {
    email: string
  }[]
  assert.deepEqual(plainRows.map((row) => row.email.toLowerCase()).sort(), [
    'ada@example.com',
    'grace@example.com',
  ])
  assert.equal(
    ((await answer(folder, 'preview', 'buyers', '--limit', '1', ...AS_OF)).rows as unknown[]).length,
    1,
  )
})

test('text for people has no escape sequence in a pipe and shows nobody', async (context) => {
  const hook = await receiver(context)
  const folder = projectFolder(context, smallShop(hook.url))
  assert.match(await text(folder, 'validate'), /^ok: 2 sources, 1 entity, 2 traits, 2 segments, 1 sync$/m)
  assert.match(
    await text(folder, 'plan', ...AS_OF),
    /sync buyers_to_hook {2}\(hook\/rows, mirror\)\n {2}\+ 2 add/,
  )
  for (const args of [
    ['plan', '--sample', '5', ...AS_OF],
    ['sync', ...AS_OF],
    ['preview', 'buyers', ...AS_OF],
    ['identity', 'stats'],
    ['runs', 'ls'],
    ['state', 'ls'],
    ['connectors', 'ls'],
    ['connectors', 'show', 'http'],
  ])
    assert.doesNotMatch(await text(folder, ...args), PERSONAL, args.join(' '))
})

test('compile writes the same text of every step twice, without a connection', async (context) => {
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/'))
  const first = await answer(folder, 'compile')
  const steps = first.steps as { name: string; sql: string; file: string }[]
  assert.ok(steps.length > 5)
  for (const step of steps)
    assert.ok(readFileSync(join(folder, step.file), 'utf8').includes(step.sql), step.name)
  assert.deepEqual(await answer(folder, 'compile'), first)
  const unknown = await sluice(['-C', folder, 'compile', '--dialect', 'oracle', '-o', 'json'])
  assert.equal(unknown.code, 64)
  assert.match(JSON.stringify(unknown.json().error), /snowflake/)
})

test('a target of type redshift is validated and compiled, its rights are printed, and nothing connects to it', async (context) => {
  const folder = projectFolder(context, {
    'sluice.yml': `version: 1
name: shop
targets: {prod: {type: redshift, host: warehouse.example, database: shop, user: loader}}
sources: [{name: contacts, table: crm.contacts, primary_key: id}]
entities: [{name: customer, source: contacts, key: id}]
segments: [{name: ours, entity: customer, where: {sql: "email like '%@shop.example'"}}]
`,
  })
  await answer(folder, 'validate')
  const { steps } = (await answer(folder, 'compile')) as unknown as { steps: { sql: string; file: string }[] }
  assert.ok(steps.length > 1)
  assert.ok(steps.every(({ file }) => file.startsWith(join('target', 'compiled', 'redshift'))))
  const { statements } = (await answer(folder, 'doctor', '--grants')) as unknown as {
    statements: { sql: string }[]
  }
  assert.ok(statements.some(({ sql }) => sql === 'grant role "sluice_writer" to "loader"'))
  const build = await sluice(['-C', folder, 'build', '-o', 'json'])
  assert.equal(build.code, 6)
  assert.match(JSON.stringify(build.json().error), /SLU3001.*Amazon Redshift at warehouse\.example:5439/)
})

test('a target of type snowflake is compiled with its names in upper case, and its rights are printed', async (context) => {
  const folder = projectFolder(context, {
    'sluice.yml': `version: 1
name: shop
targets: {prod: {type: snowflake, account: a-b, user: loader, warehouse: wh, database: shop}}
sources: [{name: contacts, table: crm.contacts, primary_key: id}]
entities: [{name: customer, source: contacts, key: id}]
`,
  })
  const { steps } = (await answer(folder, 'compile')) as unknown as { steps: { sql: string }[] }
  assert.ok(steps.some(({ sql }) => sql.includes('create table "SLUICE"."CUSTOMER" as')))
  const { statements } = (await answer(folder, 'doctor', '--grants')) as unknown as {
    statements: { sql: string }[]
  }
  assert.deepEqual(
    statements.map(({ sql }) => sql),
    [
      'create role if not exists "SLUICE_READER"',
      'grant usage on database "SHOP" to role "SLUICE_READER"',
      'grant usage on warehouse "WH" to role "SLUICE_READER"',
      'grant usage on schema "CRM" to role "SLUICE_READER"',
      'grant select on all tables in schema "CRM" to role "SLUICE_READER"',
      'grant select on future tables in schema "CRM" to role "SLUICE_READER"',
      'grant select on all views in schema "CRM" to role "SLUICE_READER"',
      'grant select on future views in schema "CRM" to role "SLUICE_READER"',
      'create role if not exists "SLUICE_WRITER"',
      'grant role "SLUICE_READER" to role "SLUICE_WRITER"',
      'create schema if not exists "SLUICE"',
      'grant usage, create table, create view on schema "SLUICE" to role "SLUICE_WRITER"',
      'grant role "SLUICE_WRITER" to user "LOADER"',
    ],
  )
})

test('plan tells by its exit code, when asked, that there are changes', async (context) => {
  const hook = await receiver(context)
  const folder = projectFolder(context, smallShop(hook.url))
  const changes = await sluice(['-C', folder, 'plan', '--detailed-exitcode', '-o', 'json', ...AS_OF])
  assert.equal(changes.code, 2)
  await answer(folder, 'sync', ...AS_OF)
  const none = await sluice(['-C', folder, 'plan', '--detailed-exitcode', '-o', 'json', ...AS_OF])
  assert.equal(none.code, 0)
})

test('a snapshot whose sync is gone is listed by plan and state, until a sync takes it over', async (context) => {
  const hook = await receiver(context)
  const files = smallShop(hook.url)
  const folder = projectFolder(context, files)
  await answer(folder, 'sync', ...AS_OF)
  assert.deepEqual((await answer(folder, 'plan', ...AS_OF)).orphans, [])
  const yaml = files['sluice.yml'] ?? ''
  const renamed = yaml.replace('name: buyers_to_hook', 'name: to_hook')
  writeFileSync(join(folder, 'sluice.yml'), renamed)
  assert.deepEqual((await answer(folder, 'plan', ...AS_OF)).orphans, ['buyers_to_hook'])
  assert.match(await text(folder, 'plan', ...AS_OF), /No longer in the project.*: buyers_to_hook/)
  const state = await answer(folder, 'state', 'ls')
  assert.equal(named(state.snapshots, 'buyers_to_hook')?.in_project, false)
  writeFileSync(
    join(folder, 'sluice.yml'),
    renamed.replace('name: to_hook', 'name: to_hook\n    renamed_from: buyers_to_hook'),
  )
  assert.deepEqual((await answer(folder, 'plan', ...AS_OF)).orphans, [])
})

test('schema and connectors answer without a project', async (context) => {
  const nowhere = projectFolder(context, {})
  const schema = await sluice(['schema'], { cwd: nowhere })
  assert.match(String(schema.json().$schema), /json-schema/)
  assert.ok(named((await sluice(['connectors', 'ls', '-o', 'json'])).json().connectors, 'http'))
})

const NEED_A_PROJECT = [
  ['validate'],
  ['compile'],
  ['build'],
  ['preview', 'a'],
  ['identity', 'stats'],
  ['plan'],
  ['sync'],
  ['run'],
  ['runs', 'ls'],
  ['state', 'ls'],
]

test('every command that needs a project ends with 78 and JSON where there is none', async (context) => {
  const nowhere = projectFolder(context, {})
  const results: CliResult[] = []
  for (const args of NEED_A_PROJECT) results.push(await sluice([...args, '-o', 'json'], { cwd: nowhere }))
  for (const [index, result] of results.entries()) {
    assert.equal(result.code, 78, NEED_A_PROJECT[index]?.join(' '))
    assert.equal((result.json().error as { code: string }).code, 'SLU7002')
  }
})

test('a time before the last published one is refused without --allow-past', async (context: TestContext) => {
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/'))
  await answer(folder, 'build', ...AS_OF)
  for (const command of [['build'], ['plan'], ['sync'], ['sync', '--no-build']]) {
    const past = await sluice(['-C', folder, ...command, '--as-of', '2026-01-01', '-o', 'json'])
    assert.equal(past.code, 78, command.join(' '))
    assert.match(JSON.stringify(past.json().error), /allow-past/)
  }
  await answer(folder, 'build', '--as-of', '2026-01-01', '--allow-past')
})
