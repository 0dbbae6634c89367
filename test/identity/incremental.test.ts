import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BuildResult } from '../../src/build/build.ts'
import { scratchBuild } from '../../src/build/scratch-build.ts'
import type { Dialect } from '../../src/dialect/dialect.ts'
import { sql, userSql } from '../../src/dialect/fragment.ts'
import { forEachOf } from '../support/dialects.ts'
import { ENGINES } from '../support/engines.ts'
import {
  type Changes,
  changedData,
  loadData,
  PEOPLE_YAML,
  type PeopleData,
  publishedState,
} from '../support/identity-batches.ts'
import { EDGES, loadEdges } from '../support/identity-edges.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import { Random } from '../support/random.ts'

const YAML = `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at}
entities:
  - name: person
    identity:
      from: [{source: people, ids: {mail: mail}}, {source: visits, ids: {mail: mail, cookie: cookie}}]
      identifiers: {mail: {max_records: 3}}
`
const LOOKING = YAML.replace('occurred_at: seen_at', 'occurred_at: seen_at, detect_removals: true')

type People = readonly (readonly [id: string, mail: string | null])[]
type Visits = readonly (readonly [id: string, mail: string | null, cookie: string | null])[]

async function load(lab: IdentityLab, people: People, visits: Visits): Promise<void> {
  await lab.load('people', ['id', 'mail'], people)
  await lab.load(
    'visits',
    ['id', 'mail', 'cookie', 'seen_at'],
    visits.map((row) => [...row, '2025-01-01']),
  )
}

async function idsOf(lab: IdentityLab, table = 'sluice.person_identity'): Promise<Record<string, string>> {
  const rows = await lab.session.rows(`select source, record_id, person_id from ${table}`)
  return Object.fromEntries(
    rows.map((row) => [`${row.source} ${row.record_id}`, String(row.person_id)] as const).sort(),
  )
}

/** Records of one entity stand together. */
async function together(lab: IdentityLab): Promise<readonly string[]> {
  const groups = Map.groupBy(Object.entries(await idsOf(lab)), ([, id]) => id)
  return [...groups.values()].map((group) => group.map(([record]) => record.split(' ')[1]).join(' ')).sort()
}

function toldBy({ nodes }: BuildResult): string {
  const { mode, why } = nodes[0]?.stitch ?? {}
  return why === undefined ? String(mode) : `${mode}: ${why}`
}

/** An engine whose hash gives all texts that begin so one value. */
function weak(dialect: Dialect, prefix: string): Dialect {
  const { hash64 } = dialect.fn
  const same = userSql(`cast(7 as ${dialect.types.hash64})`)
  return {
    ...dialect,
    fn: {
      ...dialect.fn,
      hash64: (text) =>
        sql`case when ${dialect.fn.startsWith(text, userSql(`'${prefix}'`))} then ${same} else ${hash64(text)} end`,
    },
  }
}

const DIALECTS = [...ENGINES, 'redshift'] as const
/** By how fast each is. */
const SEEDS = { duckdb: 5, postgres: 2, redshift: 1 }

forEachOf(DIALECTS, (engine, open) => {
  for (const { kind, most } of [
    { kind: 'a few', most: 4 },
    { kind: 'many', most: 25 },
  ])
    for (let seed = 1; seed <= SEEDS[engine]; seed += 1)
      test(`${engine}: after any batch of ${kind} additions, changes and removals an incremental stitch is a full one, row for row (seed ${seed})`, async (context) => {
        const warehouse = await open(context)
        const incremental = await openIdentityLab(warehouse, PEOPLE_YAML, 'changes')
        const full = await openIdentityLab(warehouse, PEOPLE_YAML, 'whole')
        const random = new Random(seed * 7919)
        const changes: Changes = { next: 0, gone: [] }
        let data: PeopleData = { contacts: [], accounts: [], visits: [] }
        for (let run = 1; run <= 12; run += 1) {
          data = changedData(random, data, changes, most)
          await loadData(incremental, data)
          const scratch = run % 4 === 0 ? await scratchIds(incremental, full) : undefined
          const built = await incremental.build()
          await full.build({ fullRefresh: true })
          assert.equal(toldBy(built), run === 1 ? 'full: the first build' : 'incremental')
          const [found, wanted] = [
            await publishedState(incremental, 'changes'),
            await publishedState(full, 'whole'),
          ]
          for (const table of Object.keys(wanted))
            assert.deepEqual(found[table], wanted[table], `${table} after run ${run}`)
          if (scratch !== undefined)
            assert.deepEqual(scratch, await idsOf(incremental, 'changes.person_identity'))
        }
      })

  test(`${engine}: blanks, refused and ignored values, events without a key and keys that stand twice end as in a full stitch`, async (context) => {
    const warehouse = await open(context)
    const incremental = await openIdentityLab(warehouse, PEOPLE_YAML, 'changes')
    const full = await openIdentityLab(warehouse, PEOPLE_YAML, 'whole')
    const told: string[] = []
    for (const batch of EDGES) {
      await loadEdges(incremental, batch)
      told.push(toldBy(await incremental.build({ asOf: batch.asOf })).replace(/:.*/, ''))
      await full.build({ asOf: batch.asOf, fullRefresh: true })
      const wanted = await publishedState(full, 'whole')
      const found = await publishedState(incremental, 'changes')
      for (const table of Object.keys(wanted))
        assert.deepEqual(found[table], wanted[table], `${table} at ${batch.asOf}`)
    }
    const kinds = ['full', 'incremental', 'incremental', 'full', 'full', 'full', 'full', 'incremental']
    assert.deepEqual(told, kinds)
  })

  test(`${engine}: what came, changed and went is counted, and so is what that touched`, async (context) => {
    const lab = await openIdentityLab(await open(context), LOOKING)
    await load(
      lab,
      [
        ['p1', 'a'],
        ['p2', 'b'],
        ['p3', 'c'],
        ['p4', 'd'],
      ],
      [['v1', null, 'k']],
    )
    await lab.build()
    await load(
      lab,
      [
        ['p1', 'a'],
        ['p2', 'c'],
        ['p3', 'c'],
        ['p5', 'e'],
      ],
      [
        ['v1', 'a', 'k'],
        ['v2', null, null],
      ],
    )
    const { nodes } = await lab.build()
    assert.deepEqual(nodes[0]?.stitch, {
      mode: 'incremental',
      why: undefined,
      found: { fresh: 2, changed: 2, removed: 1 },
      // Of p1 with v1, of v1 alone, of p2 alone, of p3, of p4, of p5.
      touched: 6,
      // p2 or p3, and v1's own.
      merges: 1,
      splits: 0,
    })
    assert.deepEqual([nodes[0]?.rows, nodes[0]?.unattached], [5, 1])
    const again = await lab.build()
    assert.deepEqual(again.nodes[0]?.stitch?.found, { fresh: 0, changed: 0, removed: 0 })
    assert.deepEqual([again.nodes[0]?.rows, again.nodes[0]?.unattached], [5, 1])
  })

  test(`${engine}: a stitch is full, keeps ids and says why when it is asked for, and when rules, engine or time are others`, async (context) => {
    const warehouse = await open(context)
    const lab = await openIdentityLab(warehouse, YAML)
    const people: People = [
      ['p1', 'a'],
      ['p2', 'A'],
    ]
    await load(lab, people, [])
    assert.equal(toldBy(await lab.build()), 'full: the first build')
    const ids = await idsOf(lab)
    assert.equal(toldBy(await lab.build({ fullRefresh: true })), 'full: --full-refresh')
    const past = { asOf: '2020-01-01T00:00:00.000Z' }
    assert.equal(toldBy(await lab.build(past)), 'full: a time before that of the last stitch')
    assert.equal(toldBy(await lab.build()), 'incremental')
    assert.deepEqual(await idsOf(lab), ids)
    const yaml = YAML.replace('mail: {max', 'mail: {normalize: email, max')
    assert.equal(toldBy(await lab.build({ yaml })), 'full: other rules')
    assert.deepEqual(await together(lab), ['p1 p2'])
    const [kept] = Object.values(await idsOf(lab))
    assert.ok(Object.values(ids).includes(kept ?? ''), 'one of the two ids')
    const newer = await openIdentityLab({ ...warehouse, version: async () => 'newer 1' }, yaml)
    const told = toldBy(await newer.build({ asOf: '2026-02-01T00:00:00.000Z' }))
    assert.match(told, /^full: newer 1 instead of /)
    await lab.execute('drop table sluice.person_stitch')
    const later = { yaml, asOf: '2026-03-01T00:00:00.000Z' }
    assert.equal(toldBy(await lab.build(later)), 'full: the state of an earlier version')
  })

  // What stands in for Redshift's hash takes long for as many rows.
  const isFast = engine !== 'redshift'
  test(`${engine}: where much has changed a full stitch costs less, and is made`, {
    skip: isFast ? false : 'not run: 25,000 rows take long here',
  }, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    await load(lab, [], [])
    const add = (from: number, to: number) =>
      lab.execute(
        `insert into data.people with recursive t(i) as (select ${from} union all select i + 1 from t where i < ${to})
          select 'p' || cast(i as varchar(9)), 'm' || cast(mod(i, 9000) as varchar(9)) from t`,
      )
    await add(1, 12_000)
    await lab.build()
    await add(12_001, 14_000)
    assert.equal(toldBy(await lab.build()), 'incremental')
    await add(14_001, 25_000)
    assert.equal(toldBy(await lab.build()), 'full: 11000 of 14000 records are not as they were')
  })

  test(`${engine}: records and events that go oldest first change no id`, async (context) => {
    const yaml = LOOKING.replace('max_records: 3', 'max_records: 300')
    const lab = await openIdentityLab(await open(context), yaml)
    const random = new Random(5)
    let people: People = []
    let visits: Visits = []
    for (let day = 0; day < 12; day += 1) {
      for (let left = day < 6 ? 8 : 0; left > 0; left -= 1) {
        const [next, person] = [people.length, random.below(7)]
        people = [...people, [`p${next}`, `m${person}`]]
        visits = [...visits, [`v${next}`, null, `c${person}`], [`w${next}`, `m${person}`, `c${person}`]]
      }
      if (day >= 6) {
        people = people.slice(6)
        visits = visits.slice(12)
      }
      await load(lab, people, visits)
      const before = day === 0 ? {} : await idsOf(lab)
      assert.equal(toldBy(await lab.build()), day === 0 ? 'full: the first build' : 'incremental')
      const after = await idsOf(lab)
      const kept = Object.keys(after).filter((record) => record in before)
      if (day >= 6) assert.equal(kept.length, people.length + visits.length)
      const ids = (of: Record<string, string>) => kept.map((record) => `${record} ${of[record]}`)
      if (day >= 6) assert.deepEqual(ids(after), ids(before))
    }
  })

  test(`${engine}: events that are gone count until a full stitch, unless their source looks for removals`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    const people: People = [
      ['p1', 'a'],
      ['p2', 'b'],
    ]
    const visits: Visits = [
      ['v1', 'a', 'k'],
      ['v2', 'b', 'k'],
      ['v3', null, 'k'],
    ]
    await load(lab, people, visits)
    await lab.build()
    await load(lab, people, [])
    await lab.build()
    assert.deepEqual(await together(lab), ['p1 p2 v1 v2 v3'])
    // Changed is not gone: what v2 was joined before does not hold any more.
    await load(lab, people, [['v2', null, 'k']])
    await lab.build()
    assert.deepEqual(await together(lab), ['p1 v1 v2 v3', 'p2'])
    await lab.build({ fullRefresh: true })
    assert.deepEqual(await together(lab), ['p1', 'p2', 'v2'])
  })

  test(`${engine}: a value that passes max_records stops linking, and links again when it falls back`, async (context) => {
    const lab = await openIdentityLab(await open(context), LOOKING)
    const three: Visits = [
      ['v1', 'a', 'k1'],
      ['v2', 'a', null],
      ['v3', 'a', 'k3'],
    ]
    await load(lab, [], three)
    await lab.build()
    assert.deepEqual(await together(lab), ['v1 v2 v3'])
    const ids = await idsOf(lab)
    await load(lab, [['p', 'a']], three)
    assert.equal(toldBy(await lab.build()), 'incremental')
    assert.deepEqual(await together(lab), ['p', 'v1', 'v3'])
    await load(lab, [], three)
    const { nodes } = await lab.build()
    assert.deepEqual(await together(lab), ['v1 v2 v3'])
    assert.equal(nodes[0]?.unattached, 0)
    assert.equal((await idsOf(lab))['visits v1'], ids['visits v1'])
  })

  for (const { what, prefix, first, second, why } of [
    {
      what: 'a new record has the hash of another',
      prefix: '0|people|x',
      first: { people: [['x1', 'a']], visits: [] },
      second: {
        people: [
          ['x1', 'a'],
          ['x2', 'b'],
        ],
        visits: [],
      },
      why: 'the keys of people are not all there once, or two share a hash',
    },
    {
      what: 'a new record has the hash of one that is gone',
      prefix: '0|people|x',
      first: { people: [['x1', 'a']], visits: [] },
      second: { people: [['x2', 'a']], visits: [] },
      why: 'two records share a hash',
    },
    {
      what: 'new events have the hash of others',
      prefix: '0|visits|mail=x',
      first: { people: [], visits: [['v1', 'x1', null]] },
      second: {
        people: [],
        visits: [
          ['v1', 'x1', null],
          ['v2', 'x2', null],
        ],
      },
      why: 'two records share a hash',
    },
    {
      what: 'values share a hash',
      prefix: '0|mail|x',
      first: { people: [['p1', 'x1']], visits: [] },
      second: {
        people: [
          ['p1', 'x1'],
          ['p2', 'x2'],
        ],
        visits: [['v1', 'x2', null]],
      },
      why: undefined,
    },
  ] as const)
    test(`${engine}: when ${what}, nobody is merged`, async (context) => {
      const warehouse = await open(context)
      const lab = await openIdentityLab({ ...warehouse, dialect: weak(warehouse.dialect, prefix) }, LOOKING)
      await load(lab, first.people, first.visits)
      await lab.build()
      await load(lab, second.people, second.visits)
      assert.equal(toldBy(await lab.build()), why === undefined ? 'incremental' : `full: ${why}`)
      const found = await together(lab)
      const strong = await openIdentityLab(warehouse, LOOKING, 'strong')
      await strong.build()
      const rows = await lab.rows('select source, record_id, person_id from strong.person_identity')
      assert.equal(found.length, new Set(rows.map((row) => row.person_id)).size)
      assert.equal((await lab.rows('select 1 as one from sluice.person_identity')).length, rows.length)
    })

  test(`${engine}: a key of an event that stands twice with other identifiers is stitched in full`, async (context) => {
    const lab = await openIdentityLab(await open(context), LOOKING)
    await load(lab, [['p1', 'a']], [['v1', 'a', null]])
    await lab.build()
    const twice: Visits = [
      ['v1', 'a', null],
      ['v1', 'b', null],
    ]
    await load(lab, [['p1', 'a']], twice)
    assert.match(toldBy(await lab.build()), /^full: a key of an event stands twice/)
    await load(lab, [['p1', 'b']], twice)
    assert.match(toldBy(await lab.build()), /^full: 1 keys of events stand twice/)
    await load(lab, [['p1', 'b']], [['v1', 'b', null]])
    await lab.build()
    assert.equal(toldBy(await lab.build()), 'incremental')
  })
})

/** What the next build would make of it. */
async function scratchIds(lab: IdentityLab, other: IdentityLab): Promise<Record<string, string>> {
  // Both labs count their runs.
  await other.run()
  const built = await scratchBuild(await lab.run(), ['identity:person'])
  try {
    return await idsOf(lab, `"${built.tables.output('person_identity').name}"`)
  } finally {
    await built.drop()
  }
}
