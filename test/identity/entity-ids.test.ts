import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import { assign, type NodeState, type OracleSource, stitch } from '../support/identity-oracle.ts'
import { Random } from '../support/random.ts'

const YAML = `
sources:
  - {name: contacts, table: data.contacts, primary_key: id}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at, detect_removals: true}
entities:
  - name: person
    identity:
      from:
        - {source: contacts, ids: {email: email, phone: phone}}
        - {source: visits, ids: {email: email, cookie: cookie}}
      identifiers: {email: {max_records: 6}}
`

interface Row {
  readonly id: string
  readonly values: readonly [string | null, string | null]
}

interface Data {
  readonly contacts: readonly Row[]
  readonly visits: readonly Row[]
}

const AT = '2025-06-01'

async function load(lab: IdentityLab, data: Data): Promise<void> {
  const { contacts, visits } = data
  await lab.load(
    'contacts',
    ['id', 'email', 'phone'],
    contacts.map(({ id, values }) => [id, ...values]),
  )
  await lab.load(
    'visits',
    ['id', 'email', 'cookie', 'seen_at'],
    visits.map(({ id, values }) => [id, ...values, AT]),
  )
}

function asOracle(data: Data): readonly OracleSource[] {
  const rows = (all: readonly Row[], first: string, second: string) =>
    all.map(({ id, values: [a, b] }) => ({
      key: id,
      ids: { ...(a === null ? {} : { [first]: [a] }), ...(b === null ? {} : { [second]: [b] }) },
    }))
  return [
    { name: 'contacts', isEvent: false, rows: rows(data.contacts, 'email', 'phone') },
    { name: 'visits', isEvent: true, rows: rows(data.visits, 'email', 'cookie') },
  ]
}

/** Some records come, some go, some change what they carry; now and then many at once. */
function changed(random: Random, data: Data, counter: { next: number }): Data {
  const value = (kind: string) => (random.chance(30) ? null : `${kind}${random.below(14)}`)
  const values = (second: string): Row['values'] => [value('e'), value(second)]
  const step = (rows: readonly Row[], second: string): readonly Row[] => {
    const goes = random.chance(15) ? 60 : 12
    const stays = rows
      .filter(() => !random.chance(goes))
      .map((row) => (random.chance(12) ? { id: row.id, values: values(second) } : row))
    const come = Array.from({ length: random.below(6) }, () => {
      counter.next += 1
      return { id: `r${counter.next}`, values: values(second) }
    })
    return random.shuffled([...stays, ...come])
  }
  return { contacts: step(data.contacts, 'p'), visits: step(data.visits, 'c') }
}

async function storedNodes(lab: IdentityLab): Promise<ReadonlyMap<string, NodeState>> {
  const rows = await lab.rows('select * from sluice.person_nodes')
  return new Map(
    rows.map((row) => [
      `${row.source}|${row.node_key}`,
      {
        firstRun: Number(row.first_run),
        rank: BigInt(row.rank_hash as number | bigint),
        owned: row.owned_id === null ? undefined : String(row.owned_id),
        entity: String(row.entity_id),
      },
    ]),
  )
}

async function log(lab: IdentityLab, kind: string, run: string): Promise<readonly string[]> {
  const rows = await lab.rows(`select from_id, into_id from sluice.person_${kind} where run_id = '${run}'`)
  return rows.map((row) => `${row.from_id}>${row.into_id}`).sort()
}

async function identity(lab: IdentityLab): Promise<Readonly<Record<string, string>>> {
  const rows = await lab.rows('select source, record_id, person_id from sluice.person_identity')
  return Object.fromEntries(
    rows.map((row) => [`${row.source}|${row.record_id}`, String(row.person_id)] as const).sort(),
  )
}

const byKey = <T>(of: ReadonlyMap<string, T>) =>
  Object.fromEntries([...of].sort(([a], [b]) => (a < b ? -1 : 1)))

forEachEngine((engine, open) => {
  for (let seed = 1; seed <= (engine === 'duckdb' ? 8 : 3); seed += 1)
    test(`${engine}: ids follow the anchors over any adds, merges, splits and removals (seed ${seed})`, async (context) => {
      const lab = await openIdentityLab(await open(context), YAML)
      const random = new Random(seed)
      const counter = { next: 0 }
      let data: Data = { contacts: [], visits: [] }
      let before: ReadonlyMap<string, NodeState> = new Map()
      for (let run = 1; run <= 10; run += 1) {
        data = changed(random, data, counter)
        await load(lab, data)
        await lab.build({ fullRefresh: random.chance(30) })
        const stitched = stitch(asOracle(data), { email: 6 })
        const stored = await storedNodes(lab)
        const wanted = assign('person', stitched, before, run, (id) => stored.get(id)?.rank ?? 0n)
        assert.deepEqual(byKey(stored), byKey(wanted.state), `nodes of run ${run}`)
        assert.deepEqual(await log(lab, 'merges', `run_${run}`), wanted.merges, `merges of run ${run}`)
        assert.deepEqual(await log(lab, 'splits', `run_${run}`), wanted.splits, `splits of run ${run}`)
        const records = [...stitched.records].map(
          ([record, node]) => [record, wanted.state.get(node)?.entity ?? ''] as const,
        )
        assert.deepEqual(await identity(lab), Object.fromEntries(records.sort()), `records of run ${run}`)
        before = stored
      }
    })

  test(`${engine}: building again changes no id and logs nothing, from scratch or not`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    const random = new Random(77)
    const counter = { next: 0 }
    let data: Data = { contacts: [], visits: [] }
    for (let run = 1; run <= 4; run += 1) {
      data = changed(random, data, counter)
      await load(lab, data)
      await lab.build()
    }
    const ids = await identity(lab)
    const nodes = await storedNodes(lab)
    for (const fullRefresh of [false, true]) {
      await load(lab, { contacts: random.shuffled(data.contacts), visits: random.shuffled(data.visits) })
      await lab.build({ fullRefresh })
      assert.deepEqual(await identity(lab), ids)
      assert.deepEqual(byKey(await storedNodes(lab)), byKey(nodes))
    }
    assert.deepEqual(await log(lab, 'merges', 'run_5'), [])
    assert.deepEqual(await log(lab, 'splits', 'run_6'), [])
  })

  test(`${engine}: a merge keeps the older id, a split gives the former one back, and both are told`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    const old = { id: 'old', values: ['e1', null] } as const
    const young = { id: 'young', values: ['e2', null] } as const
    await load(lab, { contacts: [old], visits: [] })
    await lab.build()
    await load(lab, { contacts: [old, young], visits: [] })
    await lab.build()
    const apart = await identity(lab)
    const bridge = { id: 'bridge', values: ['e1', 'p1'] } as const
    const joined = { id: 'young', values: ['e2', 'p1'] } as const
    await load(lab, { contacts: [old, joined, bridge], visits: [] })
    await lab.build()
    const together = await identity(lab)
    assert.equal(together['contacts|young'], apart['contacts|old'])
    assert.deepEqual(await log(lab, 'merges', 'run_3'), [
      `${apart['contacts|young']}>${apart['contacts|old']}`,
    ])
    await load(lab, { contacts: [old, joined], visits: [] })
    await lab.build()
    assert.deepEqual(await identity(lab), apart)
    assert.deepEqual(await log(lab, 'merges', 'run_4'), [])
    assert.deepEqual(await log(lab, 'splits', 'run_4'), [
      `${apart['contacts|old']}>${apart['contacts|young']}`,
    ])
  })

  test(`${engine}: when the anchor disappears the next member keeps the id, and gives it to nobody who comes later`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    const first = { id: 'first', values: ['e1', null] } as const
    const second = { id: 'second', values: ['e1', null] } as const
    await load(lab, { contacts: [first], visits: [] })
    await lab.build()
    const { 'contacts|first': kept } = await identity(lab)
    await load(lab, { contacts: [first, second], visits: [] })
    await lab.build()
    await load(lab, { contacts: [second], visits: [] })
    await lab.build()
    assert.deepEqual(await identity(lab), { 'contacts|second': kept })
    await load(lab, { contacts: [{ id: 'first', values: ['e9', null] }, second], visits: [] })
    await lab.build()
    const after = await identity(lab)
    assert.equal(after['contacts|second'], kept)
    assert.notEqual(after['contacts|first'], kept)
  })

  test(`${engine}: events that a retention drops take no id with them`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    const visits = [
      { id: 'v1', values: [null, 'c1'] },
      { id: 'v2', values: ['e1', 'c1'] },
    ] as const
    await load(lab, { contacts: [], visits: [visits[0]] })
    await lab.build()
    const { 'visits|v1': kept } = await identity(lab)
    await load(lab, { contacts: [], visits })
    await lab.build()
    await load(lab, { contacts: [], visits: [visits[1]] })
    await lab.build()
    assert.deepEqual(await identity(lab), { 'visits|v2': kept })
    await load(lab, { contacts: [], visits: [] })
    await lab.build()
    assert.deepEqual(await identity(lab), {})
  })
})
