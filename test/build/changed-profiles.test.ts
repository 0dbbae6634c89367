import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BuildResult } from '../../src/build/build.ts'
import { scratchBuild } from '../../src/build/scratch-build.ts'
import { render } from '../../src/dialect/fragment.ts'
import { forEachEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import {
  changedProfiles,
  LIMITED_YAML,
  loadProfiles,
  NOTHING,
  PROFILES_YAML,
  type ProfileData,
  TRAITS_YAML,
} from '../support/profile-batches.ts'
import { Random } from '../support/random.ts'

const NODES = ['entity:person', 'segment:grown', 'segment:visitors']

forEachEngine((engine, open) => {
  for (const { what, yaml, seeds } of [
    { what: 'fields', yaml: PROFILES_YAML, seeds: 2 },
    { what: 'fields and traits', yaml: TRAITS_YAML, seeds: 2 },
    { what: 'fields over an identity with limits', yaml: LIMITED_YAML, seeds: 1 },
  ])
    for (let seed = 1; seed <= seeds; seed += 1)
      test(`${engine}: after any batch of changes, a profile of ${what} of which only changed entities were computed is the whole one, row for row (seed ${seed})`, async (context) => {
        const warehouse = await open(context)
        const incremental = await openIdentityLab(warehouse, yaml, 'changes')
        const full = await openIdentityLab(warehouse, yaml, 'whole')
        const random = new Random(seed * 104_729)
        let data: ProfileData = NOTHING
        for (let run = 1; run <= 12; run += 1) {
          data = changedProfiles(random, data, run === 1 ? 40 : random.pick([0, 2, 12]))
          await loadProfiles(incremental, data)
          const asOf = `2026-01-01T00:00:${String(run * 5 - 1).padStart(2, '0')}.000Z`
          const scratch = run % 5 === 0 ? await scratchProfiles(incremental, full, asOf) : undefined
          const built = await incremental.build({ asOf, nodes: NODES })
          await full.build({ asOf, nodes: NODES, fullRefresh: true })
          assert.equal(toldBy(built), run === 1 ? 'full: the first build' : 'incremental', `run ${run}`)
          for (const table of ['person', 'person_field_rows', 'segment_grown', 'segment_visitors'])
            assert.deepEqual(
              await sorted(incremental, `changes.${table}`),
              await sorted(full, `whole.${table}`),
              `${table} after run ${run}`,
            )
          if (scratch !== undefined) assert.deepEqual(scratch, await sorted(full, 'whole.person'))
        }
      })

  for (const { what, change, field, from, to } of [
    {
      what: 'only the time of a record changes, and with it which value is the newest',
      change: "update data.contacts set updated_at = '2025-03-01' where id = 'c1'",
      field: 'email',
      from: 'ada@new.example',
      to: 'ada@old.example',
    },
    {
      what: 'a column changes that identity does not read',
      change: "update data.contacts set city = 'Rome' where id in ('c1', 'c2')",
      field: 'city',
      from: 'Paris',
      to: 'Rome',
    },
    {
      what: 'an event is delivered once more',
      change: "insert into data.notes select * from data.notes where id = 'n2'",
      field: 'note',
      from: 'a',
      to: 'b',
    },
    {
      what: 'an event is gone',
      change: "delete from data.notes where id = 'n0'",
      field: 'note',
      from: 'a',
      to: 'b',
    },
    {
      what: "a row goes over to another's record",
      change: "update data.clicks set visit_id = 'v2' where id = 'k1'",
      field: 'button',
      from: 'buy',
      to: null,
    },
    {
      what: 'the record that a row reaches goes over to another',
      change: "update data.visits set email = 'bob@x.example' where id = 'v1'",
      field: 'button',
      from: 'buy',
      to: null,
    },
    {
      what: 'a row is gone',
      change: 'delete from data.clicks',
      field: 'button',
      from: 'buy',
      to: null,
    },
  ])
    test(`${engine}: a field is computed again when ${what}`, async (context) => {
      const lab = await openIdentityLab(await open(context), PROFILES_YAML)
      await loadProfiles(lab, SMALL)
      await lab.build({ asOf: '2026-01-01T00:00:30.000Z', nodes: ['entity:person'] })
      const ofAda = () => fieldOf(lab, field, "source = 'contacts' and record_id = 'c1'")
      assert.equal(await ofAda(), from)
      await lab.execute(change)
      const built = await lab.build({ asOf: '2026-01-01T00:00:40.000Z', nodes: ['entity:person'] })
      assert.equal(toldBy(built), 'incremental')
      assert.equal(await ofAda(), to)
    })

  test(`${engine}: an event is in a field from the build on whose time it was before`, async (context) => {
    const lab = await openIdentityLab(await open(context), PROFILES_YAML)
    await loadProfiles(lab, SMALL)
    const last = () => fieldOf(lab, 'last_note', "source = 'contacts' and record_id = 'c1'")
    await lab.build({ asOf: '2025-01-01T00:00:00.000Z', nodes: ['entity:person'] })
    assert.equal(await last(), null)
    const built = await lab.build({ asOf: '2026-01-01T00:00:00.000Z', nodes: ['entity:person'] })
    assert.equal(toldBy(built), 'incremental')
    assert.match(String(await last()), /^2025-06-01/)
  })

  test(`${engine}: the profile of who has not changed is not computed again, and stays`, async (context) => {
    const lab = await openIdentityLab(await open(context), PROFILES_YAML)
    await loadProfiles(lab, SMALL)
    const nodes = ['entity:person']
    await lab.build({ nodes })
    await lab.execute("update sluice.person set city = 'by hand'")
    await lab.execute("update data.contacts set name = 'Augusta' where id = 'c1'")
    const { nodes: built } = await lab.build({ nodes })
    const report = built.find(({ kind }) => kind === 'entity')
    assert.deepEqual(report?.fields, { mode: 'incremental', why: undefined, changed: 1 })
    assert.equal(report?.rows, 2)
    const cities = async () => {
      const rows = await lab.rows('select name, city from sluice.person')
      return rows.map(({ name, city }) => `${name} ${city}`).sort()
    }
    assert.deepEqual(await cities(), ['Augusta Paris', 'Bob by hand'])
    await lab.build({ nodes, fullRefresh: true })
    assert.deepEqual(await cities(), ['Augusta Paris', 'Bob Oslo'])
  })

  test(`${engine}: all fields are computed, and it says why, when what stands there is not what a build would have left`, async (context) => {
    const warehouse = await open(context)
    const lab = await openIdentityLab(warehouse, PROFILES_YAML)
    await loadProfiles(lab, SMALL)
    const nodes = ['entity:person']
    const build = async (yaml?: string) =>
      toldBy(await lab.build({ nodes, ...(yaml !== undefined && { yaml }) }))
    assert.equal(await build(), 'full: the first build')
    assert.equal(await build(), 'incremental')
    assert.equal(toldBy(await lab.build({ nodes, fullRefresh: true })), 'full: --full-refresh')
    const longest = PROFILES_YAML.replace(
      'contacts.city], pick: first_source',
      'contacts.city], pick: longest',
    )
    assert.equal(await build(longest), 'full: other rules')
    assert.equal(await build(longest), 'incremental')
    await lab.build({ nodes: ['identity:person'], yaml: longest })
    assert.equal(await build(longest), 'full: the identity was built without it')
    await lab.execute('alter table data.contacts alter column age_n type varchar')
    await lab.execute("update data.contacts set city = 'Rome'")
    assert.equal(await build(longest), 'full: the columns have other types')
    assert.equal(await build(longest), 'incremental')
    await lab.execute("update sluice.person_field_state set run_id = 'another'")
    assert.equal(await build(longest), 'full: the state of another version or build')
    await lab.execute('drop table sluice.person_field_rows')
    assert.equal(await build(longest), 'full: the state of an earlier version')
    await lab.execute('drop table sluice.person')
    assert.equal(await build(longest), 'full: the state of an earlier version')
    assert.equal(await build(longest), 'incremental')
    const newer = await openIdentityLab({ ...warehouse, version: async () => 'newer 1' }, longest)
    const built = await newer.build({ nodes, asOf: '2026-02-01T00:00:00.000Z' })
    assert.equal(toldBy(built), 'full: the state of another version or build')
  })

  test(`${engine}: a profile without fields leaves no hashes behind`, async (context) => {
    const warehouse = await open(context)
    const lab = await openIdentityLab(warehouse, PROFILES_YAML)
    await loadProfiles(lab, SMALL)
    const { list } = warehouse.dialect.table
    const kept = async () => {
      const rows = await lab.rows(render(list('sluice'), warehouse.dialect))
      return rows.map(({ name }) => String(name)).filter((name) => name.includes('_field_'))
    }
    await lab.build({ nodes: ['entity:person'] })
    assert.deepEqual((await kept()).sort(), ['person_field_rows', 'person_field_state'])
    const yaml = PROFILES_YAML.replace(/ {4}profile:\n(?: {6}.*\n)+/, '').replace(/segments:[\s\S]*/, '')
    await lab.build({ nodes: ['entity:person'], yaml })
    assert.deepEqual(await kept(), [])
  })

  test(`${engine}: where much has changed all fields are computed`, async (context) => {
    const lab = await openIdentityLab(await open(context), PROFILES_YAML)
    await loadProfiles(lab, NOTHING)
    await lab.execute(
      "insert into data.contacts (id, email, city) select 'c' || i, 'm' || i, 'Paris' from generate_series(1, 30000) as t(i)",
    )
    const nodes = ['entity:person']
    await lab.build({ nodes })
    await lab.execute("update data.contacts set city = 'Rome' where email like 'm1%'")
    assert.equal(toldBy(await lab.build({ nodes })), 'full: 22222 of 30000 rows are not as they were')
    await lab.execute("update data.contacts set city = 'Oslo' where email like 'm22%'")
    assert.equal(toldBy(await lab.build({ nodes })), 'incremental')
  })
})

/** Ada with two records, a visit and notes, and Bob. */
const SMALL: ProfileData = {
  contacts: [
    ['c1', 'ada@old.example', '+1', 'Ada', 'Paris', 36, '2025-01-01'],
    ['c2', 'ada@new.example', '+1', 'A.', 'Paris', 36, '2025-02-01'],
    ['c3', 'bob@x.example', null, 'Bob', 'Oslo', 20, '2025-02-01'],
  ],
  accounts: [],
  visits: [
    ['v1', 'ada@new.example', null, null, '2024-01-01'],
    ['v2', 'bob@x.example', null, null, '2024-01-01'],
  ],
  clicks: [['k1', 'v1', 'buy']],
  notes: [
    ['n0', 'c1', 'a', '2025-06-01'],
    ['n1', 'c1', 'a', '2025-06-01'],
    ['n2', 'c1', 'b', '2025-06-01'],
    ['n3', 'c1', 'b', '2025-06-01'],
  ],
}

async function fieldOf(lab: IdentityLab, field: string, record: string): Promise<unknown> {
  const [row] = await lab.rows(
    `select ${field} as value from sluice.person where person_id in (select person_id from sluice.person_identity where ${record})`,
  )
  return row?.value ?? null
}

function toldBy({ nodes }: BuildResult): string {
  const { mode, why } = nodes.find(({ kind }) => kind === 'entity')?.fields ?? {}
  return why === undefined ? String(mode) : `${mode}: ${why}`
}

async function sorted(lab: Pick<IdentityLab, 'rows'>, table: string): Promise<readonly string[]> {
  const rows = await lab.rows(`select * from ${table}`)
  return rows
    .map((row) => JSON.stringify(Object.entries(row).map(([name, value]) => [name, String(value)])))
    .sort()
}

/** What the next build would make of it. */
async function scratchProfiles(
  lab: IdentityLab,
  other: IdentityLab,
  asOf: string,
): Promise<readonly string[]> {
  // Both labs count their runs.
  await other.run()
  const built = await scratchBuild(await lab.run({ asOf }), ['entity:person'])
  try {
    return await sorted(lab.session, `"${built.tables.output('person').name}"`)
  } finally {
    await built.drop()
  }
}
