import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BuiltTables } from '../../src/build/build.ts'
import { scratchBuild } from '../../src/build/scratch-build.ts'
import { tableOf } from '../../src/compile/sources/relation.ts'
import { render } from '../../src/dialect/fragment.ts'
import { forEachEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

const YAML = `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: orders, table: data.orders, primary_key: id, occurred_at: ordered_at}
entities:
  - name: person
    identity: {from: [{source: people, ids: {mail: mail}}, {source: orders, ids: {mail: mail}}]}
traits:
  - {name: orders_count, entity: person, count: orders}
segments:
  - {name: buyers, entity: person, where: {trait: orders_count, gte: 1}}
`

const [EARLY, LATE] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z']

async function loadAll(lab: IdentityLab): Promise<void> {
  await lab.load(
    'people',
    ['id', 'mail'],
    [
      ['a', 'a@x'],
      ['b', 'b@x'],
    ],
  )
  await lab.load(
    'orders',
    ['id', 'mail', 'ordered_at'],
    [
      ['o1', 'a@x', '2025-12-01'],
      ['o2', 'b@x', '2026-01-15'],
    ],
  )
}

const nameOf = (lab: IdentityLab, built: BuiltTables, logical: string) =>
  render(tableOf(built.tables.output(logical)), lab.warehouse.dialect)

async function rowsIn(lab: IdentityLab, built: BuiltTables, logical: string): Promise<number> {
  const [row] = await lab.session.rows(`select count(*) as n from ${nameOf(lab, built, logical)}`)
  return Number(row?.n)
}

async function everything(lab: IdentityLab): Promise<readonly string[]> {
  const rows = await lab.rows(`select table_schema as s, table_name as n from information_schema.tables
where table_schema not in ('information_schema', 'pg_catalog')`)
  return rows.map((row) => `${row.s}.${row.n}`).sort()
}

forEachEngine((engine, open) => {
  test(`${engine}: before any build, scratch tables stand in the session and nothing is written`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    const before = await everything(lab)
    const built = await scratchBuild(await lab.run({ asOf: LATE }), ['segment:buyers'])
    assert.equal(await rowsIn(lab, built, 'segment_buyers'), 2)
    assert.equal(await rowsIn(lab, built, 'person'), 2)
    assert.equal(built.tables.output('segment_buyers').schema, undefined)
    await built.drop()
    assert.deepEqual(await everything(lab), before)
    const again = await scratchBuild(await lab.run({ asOf: LATE }), ['segment:buyers'])
    assert.equal(await rowsIn(lab, again, 'segment_buyers'), 2)
    await again.drop()
  })

  test(`${engine}: the published tables are used when project and time are theirs`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    await lab.build({ asOf: LATE, nodes: ['segment:buyers'] })
    const same = await scratchBuild(await lab.run({ asOf: LATE }), ['segment:buyers'])
    assert.deepEqual(same.tables.output('segment_buyers'), { schema: 'sluice', name: 'segment_buyers' })
    const changed = YAML.replace('gte: 1', 'gte: 2')
    const other = await scratchBuild(await lab.run({ asOf: LATE, yaml: changed }), ['segment:buyers'])
    assert.deepEqual(other.tables.output('person'), { schema: 'sluice', name: 'person' })
    assert.equal(other.tables.output('segment_buyers').schema, undefined)
    assert.equal(await rowsIn(lab, other, 'segment_buyers'), 0)
    await other.drop()
  })

  test(`${engine}: in the past events are cut, and identity is as published`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    await lab.build({ asOf: LATE, nodes: ['segment:buyers'] })
    const past = await scratchBuild(await lab.run({ asOf: EARLY }), ['segment:buyers'])
    assert.deepEqual(past.tables.output('person_identity'), { schema: 'sluice', name: 'person_identity' })
    assert.equal(await rowsIn(lab, past, 'segment_buyers'), 1)
    await past.drop()
  })

  test(`${engine}: scratch ids are those that the next build publishes, and the published ones stay`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    await lab.build({ asOf: EARLY, nodes: ['segment:buyers'] })
    const published = await lab.rows('select * from sluice.person_identity order by record_id')
    await lab.load(
      'people',
      ['id', 'mail'],
      [
        ['a', 'a@x'],
        ['c', 'c@x'],
      ],
    )
    const built = await scratchBuild(await lab.run({ asOf: LATE }), ['identity:person'])
    const scratch = await lab.session.rows(
      `select * from ${nameOf(lab, built, 'person_identity')} order by record_id`,
    )
    await built.drop()
    assert.deepEqual(await lab.rows('select * from sluice.person_identity order by record_id'), published)
    await lab.build({ asOf: LATE, nodes: ['segment:buyers'] })
    assert.deepEqual(await lab.rows('select * from sluice.person_identity order by record_id'), scratch)
  })

  test(`${engine}: a scratch build that fails leaves no table behind`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await loadAll(lab)
    const before = await everything(lab)
    const stop = new AbortController()
    const progress = {
      update: (line: string) => (line.startsWith('profile.') ? stop.abort() : undefined),
      done: () => {},
      warn: () => {},
    }
    await assert.rejects(
      scratchBuild(await lab.run({ asOf: LATE, signal: stop.signal, progress }), ['segment:buyers']),
      /told to stop/,
    )
    assert.deepEqual(await everything(lab), before)
  })
})
