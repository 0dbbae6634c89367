import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { FAST, type Lab, type LabOptions, openLab } from '../support/sync-lab.ts'

function project(url: string, sync: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
  - {name: visits, table: visits, primary_key: visit, belongs_to: {people: id}}
entities:
  - {name: person, source: people, key: id, profile: {score: {from: [people.score]}}}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 5}}
syncs:
  - ${sync}
`
}

/** Of the sync of people, by their e-mail address. */
const people = (url: string, rest: string) =>
  project(url, `{name: out, source: people, to: hook.rows, match: {email: email}, map: {city: city}${rest}}`)

type Value = string | number | boolean | null
type Row = Readonly<Record<string, Value>>

/** What a value may be: SQL type, and some values in their ascending order. */
const COLUMNS: Readonly<Record<string, { readonly type: string; readonly ascending: readonly Value[] }>> = {
  score: { type: 'double precision', ascending: [-1e300, -2.5, 0, 1e-9, 2, 9.75, 10, 1e17] },
  spend: { type: 'decimal(12,2)', ascending: [-100.25, -9, 0, 2, 9.5, 10, 100.01] },
  visits: { type: 'integer', ascending: [-3, 0, 2, 9, 10, 11, 200] },
  name: { type: 'varchar(20)', ascending: ['', '10', '9', 'Zoe', 'a', 'zoe', 'é', '漢'] },
  since: { type: 'date', ascending: ['1969-12-31', '2024-02-29', '2026-01-01'] },
  seen: { type: 'timestamp', ascending: ['2026-01-01 00:00:00.001', '2026-01-01 00:00:00.002'] },
  active: { type: 'boolean', ascending: [false, true] },
}

async function fill(lab: Lab, random: Random): Promise<readonly Row[]> {
  const names = Object.keys(COLUMNS)
  const rows = Array.from({ length: 40 }, (_, at): Row => {
    const values = names.map((name) => [
      name,
      random.chance(15) ? null : random.pick(COLUMNS[name]?.ascending ?? []),
    ])
    return { id: at, email: `p${at}@x.example`, city: 'Rome', ...Object.fromEntries(values) }
  })
  const types = names.map((name) => `${name} ${COLUMNS[name]?.type}`)
  await lab.sql(
    `create table people (id integer, email varchar(50), city varchar(50), ${types.join(', ')})`,
    `create table visits (visit integer, id integer)`,
    `insert into people values ${rows.map((row) => `(${Object.values(row).map(literal).join(', ')})`).join(', ')}`,
    'insert into visits select id + 100, id from people',
  )
  return rows
}

function literal(value: Value): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

/** Keys in the order of a first run, in plain TypeScript. */
function inOrder(rows: readonly Row[], name: string, descending: boolean, key = keyOf): readonly string[] {
  const ascending = COLUMNS[name]?.ascending ?? []
  const place = (row: Row) => {
    const value = row[name] ?? null
    if (value === null) return Number.POSITIVE_INFINITY
    const at = ascending.indexOf(value)
    return descending ? -at : at
  }
  return rows.toSorted((a, b) => place(a) - place(b) || byBytes(key(a), key(b))).map(key)
}

const keyOf = (row: Row) => String(row.email)
const idOf = (row: Row) => String(row.id)
const byBytes = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const byKey = (rows: readonly Row[]) => rows.map(keyOf).toSorted(byBytes)

/** One request after the other, so that they arrive in the order in which they were sent. */
const IN_TURN: LabOptions = { delivery: { ...FAST, window: 1 } }

const arrived = (receiver: Receiver) => receiver.changes.map(({ key }) => key.email ?? key.id)

forEachEngine((engine, open) => {
  for (const [index, column] of Object.keys(COLUMNS).entries())
    test(`${engine}: a first run sends in the order of a ${COLUMNS[column]?.type}, missing ones last, later runs by key`, async (context) => {
      const receiver = await startReceiver(context)
      const descending = index % 2 === 0
      const order = `, backfill: {order_by: ${column}${descending ? ', descending: true' : ''}}`
      const lab = await openLab(context, engine, open, people(receiver.url, order))
      const rows = await fill(lab, new Random(index + 1))
      const first = await lab.sync('out', IN_TURN)
      assert.deepEqual([first.error, first.applied], [undefined, 40])
      assert.deepEqual(arrived(receiver), inOrder(rows, column, descending))
      receiver.clear()
      await lab.sql("update people set city = 'Paris'")
      assert.equal((await lab.sync('out', IN_TURN)).change, 40)
      assert.deepEqual(arrived(receiver), byKey(rows))
    })

  test(`${engine}: a first run that is cut by --limit has sent the rows that matter most`, async (context) => {
    const receiver = await startReceiver(context)
    const order = ', backfill: {order_by: spend, descending: true}'
    const lab = await openLab(context, engine, open, people(receiver.url, order))
    const rows = await fill(lab, new Random(20))
    const expected = inOrder(rows, 'spend', true)
    const first = await lab.sync('out', { ...IN_TURN, limit: 12 })
    assert.deepEqual([first.applied, first.heldBy], [12, { limit: 28 }])
    assert.deepEqual(arrived(receiver), expected.slice(0, 12))
    receiver.clear()
    assert.equal((await lab.sync('out', IN_TURN)).applied, 28)
    assert.deepEqual(arrived(receiver), [...expected.slice(12)].sort(byBytes))
  })

  test(`${engine}: a first run that was stopped goes on in its order`, async (context) => {
    const receiver = await startReceiver(context)
    const order = ', backfill: {order_by: visits, descending: true}'
    const lab = await openLab(context, engine, open, people(receiver.url, order))
    const rows = await fill(lab, new Random(21))
    const stop = new AbortController()
    const sent: unknown[] = []
    receiver.reply = ({ changes }) => {
      if (receiver.requests.length === 4) stop.abort()
      receiver.take(changes)
      return { status: 200 }
    }
    const stopped = await lab.sync('out', { ...IN_TURN, signal: stop.signal })
    assert.equal(stopped.status, 'failed')
    sent.push(...arrived(receiver))
    assert.ok(sent.length > 0 && sent.length < 40, String(sent.length))
    receiver.clear()
    const next = await lab.sync('out', IN_TURN)
    assert.deepEqual([next.resumed, next.status], [true, 'done'])
    sent.push(...arrived(receiver))
    assert.deepEqual([...new Set(sent)], inOrder(rows, 'visits', true))
  })

  test(`${engine}: the order may be a value that is not sent: of the entity, or of one that a row reaches`, async (context) => {
    const receiver = await startReceiver(context)
    const ofEntity =
      '{name: out, entity: person, to: hook.rows, match: {id: person_id}, backfill: {order_by: score}}'
    const lab = await openLab(context, engine, open, project(receiver.url, ofEntity))
    const rows = await fill(lab, new Random(22))
    assert.equal((await lab.sync('out', IN_TURN)).applied, 40)
    assert.deepEqual(arrived(receiver), inOrder(rows, 'score', false, idOf))
    receiver.clear()
    const ofRow =
      '{name: reached, source: visits, to: hook.rows, match: {id: id}, backfill: {order_by: person.score, descending: true}}'
    lab.use(project(receiver.url, ofRow))
    assert.equal((await lab.sync('reached', IN_TURN)).applied, 40)
    assert.deepEqual(arrived(receiver), inOrder(rows, 'score', true, idOf))
  })
})
