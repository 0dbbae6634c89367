import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CliResult, projectFolder, sluice } from '../support/cli.ts'
import { asEngine, givePrintedRights } from '../support/least-role.ts'
import { freshPostgres } from '../support/postgres.ts'
import { smallShop } from '../support/small-shop.ts'

const AS_OF = ['--as-of', '2026-02-01']

/** What a person may see must hold none of this. */
const PERSONAL = /ada@|grace@|linus@|\bAda\b|\bGrace\b|\bLinus\b/i

const SEGMENT = `  - name: spenders
    entity: customer
    where:
      all:
        - {trait: spent, gte: 10}
        - {event: orders, count: {gte: 1}, within: 30 days}
        - any: [{trait: first_name, eq: Grace}, {segment: french}]
`

function shop(context: TestContext): string {
  const files = smallShop('http://127.0.0.1:9/')
  const text = files['sluice.yml']?.replace('destinations:\n', `${SEGMENT}destinations:\n`)
  return projectFolder(context, { ...files, 'sluice.yml': text ?? '' })
}

async function printed(folder: string, ...args: readonly string[]): Promise<string> {
  const result = await sluice(['-C', folder, ...args])
  assert.equal(result.code, 0, result.stderr)
  return result.stdout
}

async function answer(folder: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const result = await sluice(['-C', folder, ...args, '-o', 'json'])
  assert.equal(result.code, 0, result.stdout + result.stderr)
  return { ...result.json() }
}

const errorOf = (result: CliResult) => result.json().error as { code: string; message: string; hint?: string }

test('explain prints a tree of marks, predicates, windows and masked values', async (context) => {
  const folder = shop(context)
  const text = await printed(folder, 'explain', 'email=ADA@example.com', 'in', 'spenders', ...AS_OF)
  const [head, ...tree] = text.split('\n')
  assert.match(head ?? '', /^customer [0-9a-f]{32} is in spenders, as of 2026-02-01T00:00:00\.000Z$/)
  assert.deepEqual(tree, [
    '',
    '[x] all of',
    '    [x] spent gte 10  (spent = 30.5)',
    '    [x] orders: count gte 1 within 30 days from 2026-01-02T00:00:00.000Z to 2026-02-01T00:00:00.000Z  (count = 2)',
    '    [x] at least one of',
    '        [ ] first_name eq Grace  (first_name = A***)',
    '        [x] in segment french',
    '            [x] country eq FR  (country = FR)',
    '',
  ])
  const out = await printed(folder, 'explain', 'email=linus@example.com', 'in', 'spenders', ...AS_OF)
  assert.match(out, /is not in spenders.*\n\n\[ \] all of\n {4}\[ \] spent gte 10 {2}\(spent = 0/)
  assert.doesNotMatch(out.replace('eq Grace', ''), PERSONAL)
})

test('explain answers as a tree in JSON, and shows text as it is only when asked', async (context) => {
  const folder = shop(context)
  const ask = ['explain', 'email=ada@example.com', 'in', 'spenders', ...AS_OF]
  const found = await answer(folder, ...ask)
  assert.deepEqual(
    [found.segment, found.entity, found.as_of, found.holds],
    ['spenders', 'customer', '2026-02-01T00:00:00.000Z', true],
  )
  assert.match(String(found.id), /^[0-9a-f]{32}$/)
  const tree = found.tree as { kind: string; holds: boolean; of: Record<string, unknown>[] }
  assert.deepEqual([tree.kind, tree.holds], ['all', true])
  assert.deepEqual(tree.of[1], {
    kind: 'event',
    text: 'orders: count gte 1 within 30 days',
    holds: true,
    values: { count: 2 },
    window: { from: '2026-01-02T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
  })
  assert.doesNotMatch(JSON.stringify(found).replace('eq Grace', ''), PERSONAL)
  assert.match(JSON.stringify(await answer(folder, ...ask, '--unmask')), /"first_name":"Ada"/)
})

test('explain ends with 64 for a question that cannot be read, with 1 when nobody or several are meant', async (context) => {
  const folder = shop(context)
  const ask = (...args: readonly string[]) =>
    sluice(['-C', folder, 'explain', ...args, ...AS_OF, '-o', 'json'])
  for (const args of [
    [],
    ['email=ada@example.com'],
    ['email=ada@example.com', 'spenders'],
    ['ada@example.com', 'in', 'spenders'],
    ['email=', 'in', 'spenders'],
    ['email=ada@example.com', 'of', 'spenders'],
  ]) {
    const result = await ask(...args)
    assert.deepEqual([result.code, errorOf(result).code], [64, 'SLU7001'], args.join(' '))
    assert.match(errorOf(result).hint ?? '', /sluice explain email=/)
  }
  const unknown = await ask('emial=ada@example.com', 'in', 'spenders')
  assert.deepEqual([unknown.code, errorOf(unknown).hint], [64, 'did you mean "email"?'])
  const none = await ask('email=ada@example.org', 'in', 'spenders')
  const several = await ask('country=FR', 'in', 'spenders')
  for (const result of [none, several]) {
    assert.deepEqual([result.code, errorOf(result).code], [1, 'SLU7014'])
    assert.doesNotMatch(result.stdout + result.stderr, PERSONAL)
  }
})

test('identity show and why tell of the published identity, masked', async (context) => {
  const folder = shop(context)
  const early = await sluice(['-C', folder, 'identity', 'why', 'contacts:1', 'contacts:4', '-o', 'json'])
  assert.deepEqual([early.code, errorOf(early).code], [78, 'SLU7010'])
  await answer(folder, 'build', ...AS_OF)
  const why = await answer(folder, 'identity', 'why', 'contacts:1', 'orders:2')
  assert.deepEqual(
    [why.entity, why.same, why.path],
    [
      'customer',
      true,
      [
        { kind: 'record', source: 'contacts', record_id: '1', rows: 1 },
        { kind: 'identifier', identifier: 'email', value: 'a***@e***.com' },
        { kind: 'record', source: 'orders', record_id: '2', rows: 1 },
      ],
    ],
  )
  const text = await printed(folder, 'identity', 'why', 'contacts:1', 'orders:2')
  assert.match(
    text,
    /^one customer, [0-9a-f]{32} \(4 records\): 1 shared identifier apart\n\ncontacts:1\n {2}\| email a\*\*\*@e\*\*\*\.com\norders:2\n$/,
  )
  const apart = await answer(folder, 'identity', 'why', 'email=ada@example.com', 'email=grace@example.com')
  assert.deepEqual([apart.same, apart.path], [false, []])
  assert.deepEqual(
    (apart.entities as { records: number }[]).map(({ records }) => records),
    [4, 2],
  )
  assert.match(await printed(folder, 'identity', 'why', 'contacts:1', 'contacts:2'), /^not the same customer/)

  const [{ id }] = why.entities as [{ id: string }]
  const shown = await answer(folder, 'identity', 'show', id)
  assert.deepEqual(
    [shown.records, shown.sources, shown.identifiers, shown.merges, shown.splits],
    [
      4,
      [
        { source: 'contacts', records: 2, record_ids: ['1', '4'] },
        { source: 'orders', records: 2, record_ids: ['1', '2'] },
      ],
      [{ identifier: 'email', value: 'a***@e***.com', records: 4, links: true, refused: null }],
      [],
      [],
    ],
  )
  assert.equal((shown.first_run as { as_of: string }).as_of, '2026-02-01T00:00:00.000Z')
  const page = await printed(folder, 'identity', 'show', id, '--limit', '1')
  assert.match(page, /contacts +2 +1 and 1 more/)
  assert.doesNotMatch(page + text, PERSONAL)
  assert.match(await printed(folder, 'identity', 'show', id, '--unmask'), /ada@example\.com/)
  for (const args of [
    ['show', 'nothing'],
    ['why', 'contacts:9', 'contacts:1'],
  ])
    assert.equal((await sluice(['-C', folder, 'identity', ...args])).code, 1, args.join(' '))
  const entity = await sluice(['-C', folder, 'identity', 'show', id, '--entity', 'custmer', '-o', 'json'])
  assert.deepEqual([entity.code, errorOf(entity).hint], [64, 'did you mean "customer"?'])
})

test('identity diff tells what new rules would split before they are built, and publishes nothing', async (context) => {
  const folder = shop(context)
  await answer(folder, 'build', ...AS_OF)
  const same = await answer(folder, 'identity', 'diff', '--detailed-exitcode')
  assert.deepEqual(
    [same.entity, same.rules_changed, same.merges, same.splits],
    ['customer', false, { entities: 0, parts: 0, examples: [] }, { entities: 0, parts: 0, examples: [] }],
  )
  const file = join(folder, 'sluice.yml')
  const before = readFileSync(file, 'utf8')
  const after = before.replace('identity:\n', 'identity:\n      block: [["contacts:1", "contacts:4"]]\n')
  assert.notEqual(after, before)
  writeFileSync(file, after)
  const stands = await printed(folder, 'identity', 'stats')
  const told = await sluice(['-C', folder, 'identity', 'diff', '--detailed-exitcode', '-o', 'json'])
  assert.equal(told.code, 2, told.stderr)
  const { splits, rules_changed: isChanged } = told.json() as {
    splits: { entities: number; parts: number; examples: { parts: { record_ids: string[] }[] }[] }
    rules_changed: boolean
  }
  assert.deepEqual([isChanged, splits.entities], [true, 1])
  const ids = splits.examples[0]?.parts.flatMap((part) => part.record_ids) ?? []
  assert.ok(ids.includes('contacts:1') && ids.includes('contacts:4'), ids.join(' '))
  const text = await printed(folder, 'identity', 'diff')
  assert.match(text, /rules +changed since the published build/)
  assert.match(text, /splits +1, falling into \d/)
  assert.match(text, /WOULD FALL APART\n[0-9a-f]{32} {2}2 records\n/)
  // Their orders carry nothing but the address that both share: they would be nobody's.
  assert.match(text, /in one only +2 published records, 0 new ones/)
  assert.doesNotMatch(text, PERSONAL)
  assert.equal(await printed(folder, 'identity', 'stats'), stands)
})

test('explain answers the same on PostgreSQL', async (context) => {
  const settings = await freshPostgres()
  const target = `{type: postgres, ${[...asEngine(settings)].map(([key, value]) => `${key}: ${value}`).join(', ')}}`
  const files = smallShop('http://127.0.0.1:9/', { target })
  const onTables = (files['sluice.yml'] ?? '')
    .replace(
      'file: contacts.csv',
      "query: \"select 1 as id, 'ada@example.com' as email, 'Ada' as first_name, 'FR' as country\"",
    )
    .replace(
      'file: orders.csv',
      `query: "select 7 as id, 'ADA@example.com' as buyer, 12.5 as total, timestamp '2026-01-15' as at"`,
    )
    .replace('destinations:\n', `${SEGMENT}destinations:\n`)
  const folder = projectFolder(context, { 'sluice.yml': onTables })
  await givePrintedRights(folder, settings)
  const text = await printed(folder, 'explain', 'email=ada@example.com', 'in', 'spenders', ...AS_OF)
  assert.match(text, /^customer [0-9a-f]{32} is in spenders/)
  assert.match(text, /\[x\] spent gte 10 {2}\(spent = 12\.5\)/)
  assert.match(text, /\[ \] first_name eq Grace {2}\(first_name = A\*\*\*\)/)
})
