import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ProjectErrors, SluiceError } from '../../src/base/errors.ts'
import { publishBuild } from '../../src/build/publish-build.ts'
import type { Statement, Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

const YAML = `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: orders, table: data.orders, primary_key: id, occurred_at: ordered_at, belongs_to: {stores: store_id}}
  - {name: stores, table: data.stores, primary_key: id}
entities:
  - name: person
    identity: {from: [{source: people, ids: {mail: mail}}, {source: orders, ids: {mail: mail}}]}
    profile: {mail: {from: [people.mail], pick: most_recent}}
  - {name: store, source: stores, key: id}
traits:
  - {name: orders_count, entity: person, count: orders}
  - {name: sales, entity: store, count: orders}
segments:
  - {name: buyers, entity: person, where: {trait: orders_count, gte: 1}}
`

/** Steps of an incremental stitch: before it, in the middle of it, and within its publishing transaction. */
const INCREMENTAL = ['seen_people', 'known', 'current', 'remove_nodes', 'remove_identity', 'add_refused']

const ALL = ['entity:person', 'entity:store', 'segment:buyers']

async function loadAll(lab: IdentityLab, people = ['a', 'b']): Promise<void> {
  await lab.load(
    'people',
    ['id', 'mail'],
    people.map((id) => [id, `${id}@x`]),
  )
  await lab.load('orders', ['id', 'mail', 'store_id', 'ordered_at'], [['o1', 'a@x', 's1', '2025-01-01']])
  await lab.load('stores', ['id'], [['s1'], ['s2']])
}

async function tables(lab: IdentityLab): Promise<readonly string[]> {
  const rows = await lab.rows(`select table_schema as s, table_name as n from information_schema.tables
where table_schema not in ('information_schema', 'pg_catalog')`)
  return rows.map((row) => `${row.s}.${row.n}`).sort()
}

const counted = async (lab: IdentityLab, table: string) =>
  Number((await lab.rows(`select count(*) as n from sluice.${table}`))[0]?.n)

/** A warehouse that dies (or calls `then`) at the first statement of `step`, and answers nothing from then on. */
function dyingAt(warehouse: Warehouse, step: string): Warehouse {
  let dead = false
  const deadly = async <T>(statement: Statement, run: (statement: Statement) => Promise<T>): Promise<T> => {
    if (statement.step === step) dead = true
    if (dead) throw new Error('the process was killed')
    return run(statement)
  }
  return {
    ...warehouse,
    execute: (statement) => deadly(statement, warehouse.execute),
    read: (statement) => deadly(statement, warehouse.read),
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof SluiceError) return error.code
    throw error
  }
  return 'done'
}

forEachEngine((engine, open) => {
  test(`${engine}: a build publishes every table, tells rows of each node, and leaves nothing else`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    const { nodes } = await lab.build({ nodes: ALL })
    assert.deepEqual(nodes.map(({ kind, name, rows }) => `${kind} ${name} ${rows}`).sort(), [
      'entity person 2',
      'entity store 2',
      'identity person 3',
      'segment buyers 1',
    ])
    const ours = (await tables(lab)).filter((name) => /person|store|buyers|sl_/.test(name))
    assert.deepEqual(ours, [
      'data.stores',
      'sluice.person',
      'sluice.person_field_rows',
      'sluice.person_field_state',
      'sluice.person_identity',
      'sluice.person_merges',
      'sluice.person_node_ids',
      'sluice.person_node_rows',
      'sluice.person_nodes',
      'sluice.person_refused',
      'sluice.person_splits',
      'sluice.person_stitch',
      'sluice.segment_buyers',
      'sluice.store',
    ])
    const run = await lab.run()
    const published = await run.ledger.published.nodes()
    assert.deepEqual([...published.keys()].sort(), [
      'entity:person',
      'entity:store',
      'identity:person',
      'segment:buyers',
    ])
    assert.equal(
      published.get('segment:buyers')?.fingerprint,
      run.graph.nodes.get('segment:buyers')?.fingerprint,
    )
  })

  for (const { step, fullRefresh } of [
    { step: 'identity.person.known', fullRefresh: true },
    ...INCREMENTAL.map((name) => ({ step: `identity.person.incremental.${name}`, fullRefresh: false })),
    { step: 'profile.person', fullRefresh: false },
    { step: 'segment.buyers', fullRefresh: false },
    { step: 'build.swap', fullRefresh: false },
    { step: 'ledger.record_build', fullRefresh: false },
  ])
    test(`${engine}: a build killed at ${step} leaves the last one as it was, and the next one clears up`, async (context) => {
      const lab = await openIdentityLab(await open(context), YAML)
      await loadAll(lab)
      await lab.build({ nodes: ALL })
      const before = await tables(lab)
      const ids = await lab.rows('select * from sluice.person_identity order by record_id')
      await loadAll(lab, ['a', 'b', 'c'])
      const run = await lab.run()
      const dying = dyingAt(lab.warehouse, step)
      const killed = await openIdentityLab(dying, YAML)
      const dead = { ...(await killed.run()), runId: 'killed' }
      await assert.rejects(publishBuild(dead, { nodes: ALL, fullRefresh }), /killed/)
      // What a dead process would leave: its temporary tables go with its session, its lease runs out.
      await run.ledger.unlock('build')
      await dropTemporary(lab)
      assert.deepEqual(await lab.rows('select * from sluice.person_identity order by record_id'), ids)
      assert.equal(await counted(lab, 'person'), 2)
      await lab.build({ nodes: ALL })
      assert.deepEqual(await tables(lab), before)
      assert.equal(await counted(lab, 'person'), 3)
      const rows = await lab.rows('select distinct first_run from sluice.person_nodes order by 1')
      assert.deepEqual(
        rows.map((row) => Number(row.first_run)),
        [1, 2],
        'a build that was not published does not count',
      )
    })

  test(`${engine}: views that people build on published tables, and rights on them, outlive a build`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    await lab.build({ nodes: ALL })
    const people = async () => Number((await lab.rows('select count(*) as n from data.seen'))[0]?.n)
    const sql = (text: string) => lab.warehouse.execute({ step: 'test', sql: text })
    await sql('create view data.seen as select * from sluice.person')
    const grants = engine === 'postgres'
    if (grants) {
      await sql('create role reader_of_sluice')
      await sql('grant select on sluice.person, sluice.segment_buyers to reader_of_sluice')
    }
    assert.equal(await people(), 2)
    await loadAll(lab, ['a', 'b', 'c'])
    await lab.build({ nodes: ALL })
    assert.equal(await people(), 3)
    if (grants) {
      const may = `select has_table_privilege('reader_of_sluice', 'sluice.' || t, 'select') as may
        from (values ('person'), ('segment_buyers'), ('person_identity')) as tables(t)`
      assert.deepEqual(
        (await lab.rows(may)).map((row) => row.may),
        [true, true, false],
      )
      await sql('drop view data.seen')
      await sql('drop owned by reader_of_sluice')
      await sql('drop role reader_of_sluice')
    }
  })

  test(`${engine}: a build that is told to stop stops between two steps`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    await lab.build({ nodes: ALL })
    await loadAll(lab, ['a', 'b', 'c'])
    const stop = new AbortController()
    const progress = {
      update: (line: string) =>
        line.startsWith('identity.person.incremental.stars') ? stop.abort() : undefined,
      done: () => {},
      warn: () => {},
    }
    assert.equal(await codeOf(lab.build({ nodes: ALL, signal: stop.signal, progress })), 'SLU7011')
    assert.equal(await counted(lab, 'person'), 2)
    await lab.build({ nodes: ALL })
    assert.equal(await counted(lab, 'person'), 3)
  })

  test(`${engine}: a time before the last build is refused, unless the past is allowed`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    const [older, newer] = ['2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z']
    await lab.build({ asOf: newer, allowPast: false })
    assert.equal(await codeOf(lab.build({ asOf: older, allowPast: false })), 'SLU4101')
    assert.equal(await codeOf(lab.build({ asOf: newer, allowPast: false })), 'done')
    assert.equal(await codeOf(lab.build({ asOf: older, allowPast: true })), 'done')
  })

  test(`${engine}: one build at a time`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    const other = await lab.run()
    const lease = await other.ledger.acquire('build', other.runId)
    // DuckDB's file lock proves that the holder is dead, wherever it is not this process itself.
    if (engine === 'postgres') assert.equal(await codeOf(lab.build()), 'SLU5001')
    await lease.release()
    assert.equal(await codeOf(lab.build()), 'done')
  })

  for (const { name, people, stores, expected } of [
    {
      name: 'a record key that stands twice',
      people: [
        ['secret-key', 'a'],
        ['secret-key', 'b'],
        ['u', 'c'],
        ['u', 'd'],
        ['u', 'd'],
      ],
      stores: [['s1']],
      expected:
        /primary key \(id\) of source "people".*2 keys more than once: \*\*\* \(3 rows\); s\*\*\* \(2 rows\)$/,
    },
    {
      name: 'a record without a key',
      people: [
        [null, 'a'],
        ['b', 'b'],
      ],
      stores: [['s1']],
      expected: /source "people" once in every row, found 1 row without it$/,
    },
    {
      name: 'a parent key that stands twice',
      people: [['a', 'a']],
      stores: [['s1'], ['s1'], [null]],
      expected:
        /source "stores" once in every row, found 1 key more than once: \*\*\* \(2 rows\), and 1 row without it$/,
    },
  ] as const)
    test(`${engine}: ${name} fails the build, told with masked examples`, async (context) => {
      const lab = await openIdentityLab(await open(context), YAML)
      await loadAll(lab)
      await lab.load('people', ['id', 'mail'], people)
      await lab.load('stores', ['id'], stores)
      await assert.rejects(lab.build({ nodes: ALL }), (error: SluiceError) => {
        assert.equal(error.code, 'SLU4102')
        assert.match(error.message, expected)
        assert.equal(error.at?.file, 'sluice.yml')
        assert.doesNotMatch(error.message, /secret/)
        return true
      })
    })

  test(`${engine}: what the warehouse does not have is told all at once with its place, and nothing runs`, async (context) => {
    const lab = await openIdentityLab(
      await open(context),
      YAML.replace('ids: {mail: mail}}, {', 'ids: {mail: mial}}, {'),
    )
    await loadAll(lab)
    await lab.execute('drop table data.stores')
    await assert.rejects(lab.build({ nodes: ALL }), (error: ProjectErrors) => {
      assert.deepEqual(
        error.errors.map((one) => `${one.code} ${one.at?.line}`),
        ['SLU4103 9', 'SLU4104 12'],
      )
      assert.match(error.errors[0]?.message ?? '', /^expected to read source "stores"; expected/)
      assert.equal(error.errors[1]?.hint, 'did you mean "mail"?')
      return true
    })
    assert.deepEqual(
      (await tables(lab)).filter((name) => !name.startsWith('data.')),
      [],
    )
  })

  test(`${engine}: SQL of an identifier that is wrong is told with its place`, async (context) => {
    const yaml = YAML.replace('ids: {mail: mail}}, {', 'ids: {mail: {sql: "nosuch(mail)"}}}, {')
    const lab = await openIdentityLab(await open(context), yaml)
    await loadAll(lab)
    await assert.rejects(lab.build(), (error: SluiceError) => {
      assert.equal(error.code, 'SLU4103')
      assert.equal(error.at?.line, 12)
      return true
    })
  })
})

async function dropTemporary(lab: IdentityLab): Promise<void> {
  for (const kind of ['view', 'table']) {
    const rows = await lab.session.rows(
      `select table_name as n from information_schema.${kind}s where table_name like 'sl\\_%' escape '\\'`,
    )
    for (const row of rows) await lab.session.execute(`drop ${kind} "${row.n}"`)
  }
}
