import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import type { ServerIdentity } from './certificates.ts'
import { openEngine } from './engines.ts'
import { type Exchange, type HostileDestination, startHostileDestination } from './hostile-destination.ts'
import type { ReceivedChange } from './receiver.ts'
import { FAST, type Lab, type LabOptions, labOn } from './sync-lab.ts'

/** Rows of each case. */
export const ROWS = 6

/** Values of rows and answers are marked, so that no message can quote one unseen. */
export const CANARY = 'canary'
const TOKEN = `${CANARY}-token`

/** A batch is a case. */
export function project(url: string, settings = ', allow_private_network: true'): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", batch_size: ${ROWS}, timeout_seconds: 1, headers: {authorization: "Bearer ${TOKEN}"}${settings}}}
syncs:
  - {name: out, source: people, to: hook.rows, mode: mirror, match: {id: id}, map: {city: city}, guard: {max_remove: 100%, max_rejected: 100%}}
`
}

/** A destination that holds all rows of a model, and is about to go wrong. */
interface Scene {
  readonly lab: Lab
  readonly there: HostileDestination
  readonly rows: number
  /** All rows say another city from here on. */
  move(city: string): Promise<void>
  /** One run with a few attempts. */
  sync(options?: LabOptions): Promise<SyncResult>
}

export const TRIES = { ...FAST, retry: { ...FAST.retry, maxAttempts: 2 } }
export const ONE_TRY = { ...FAST, retry: { ...FAST.retry, maxAttempts: 1 } }

interface SceneParts {
  readonly cases?: number
  readonly scheme?: string
  readonly identity?: ServerIdentity
}

export async function scene(
  context: TestContext,
  { cases = 1, scheme, identity }: SceneParts = {},
): Promise<Scene> {
  const there = await startHostileDestination(context, identity)
  const lab = await labOn(await openEngine('duckdb', context), 'duckdb', project(there.url(scheme)))
  await lab.sql(
    'create table people (id varchar, city varchar)',
    `insert into people select 'case ' || (100 + c) || ' ' || r || '@${CANARY}.example', 'A'
      from range(${cases}) as c(c), range(${ROWS}) as r(r)`,
  )
  const one: Scene = {
    lab,
    there,
    rows: cases * ROWS,
    move: (city) => lab.sql(`update people set city = '${city}'`),
    sync: (options = {}) => lab.sync('out', { delivery: TRIES, build: false, ...options }),
  }
  assert.equal((await one.sync({ build: true })).status, 'done')
  assertHolds(one, 'A')
  there.heal()
  return one
}

/** What one request meets. */
export type Badly = (exchange: Exchange, there: HostileDestination) => void

/** What becomes of the rows of one request that may be answered for. */
export interface Fate {
  readonly rejected?: number
  readonly reason?: string
  /** Rows of which the snapshot must not say what the destination holds. */
  readonly dirty?: number
}

/**
 * One run in which each case meets its own batch. Cities go from A to B meanwhile, and back to A when the destination
 * is healthy: an engine that takes a row for refused that had arrived, or for applied that had not, leaves a B behind.
 */
export async function together(
  context: TestContext,
  cases: Readonly<Record<string, readonly [Badly, Fate]>>,
): Promise<void> {
  // The first is taken, so that it is about rows what the others meet.
  const all = Object.entries<readonly [Badly, Fate]>({
    'an answer as it should be': [answering(200, '{}'), {}],
    ...cases,
  })
  const one = await scene(context, { cases: all.length })
  const { lab, there, move, sync } = one
  await move('B')
  there.onRequest = (exchange) => all[caseOf(exchange)]?.[1][0](exchange, there)
  const result = await sync({ delivery: { ...TRIES, window: 1 } })
  const rejected = all.reduce((sum, [, [, fate]]) => sum + (fate.rejected ?? 0), 0)
  assert.deepEqual(
    [result.error, result.status, result.rejected, result.applied],
    [undefined, rejected > 0 ? 'partial' : 'done', rejected, one.rows - rejected],
  )
  for (const [index, [name, [, fate]]] of all.entries())
    await context.test(name, () => assertFate(lab, index, fate))
  there.heal()
  await move('A')
  const next = await sync()
  assert.deepEqual([next.status, next.error, next.rejected], ['done', undefined, 0])
  assertHolds(one, 'A')
}

function caseOf({ request }: Exchange): number {
  return Number(request.changes[0]?.key.id?.split(' ')[1]) - 100
}

async function assertFate(lab: Lab, index: number, { rejected = 0, reason, dirty = 0 }: Fate): Promise<void> {
  const like = `'case ${100 + index} %'`
  const receipts = await lab.rows(
    `select reason, count(*) as n from sluice.receipts where status = 'rejected' and key like ${like} group by reason`,
  )
  assertSilent(receipts)
  assert.deepEqual(
    receipts.map((row) => [row.reason, Number(row.n)]),
    reason === undefined ? [] : [[reason, rejected]],
  )
  const [row] = await lab.rows(
    `select count(*) as n from sluice.snapshot_out where hash is null and key like ${like}`,
  )
  assert.equal(Number(row?.n), dirty, 'rows that were perhaps applied')
}

/** How a run ends that must not go on. */
interface End {
  readonly status?: SyncResult['status']
  readonly code?: string
  readonly says?: RegExp
}

export type Case = readonly [badly: (there: HostileDestination) => void, End, LabOptions?]

/**
 * One run a case, each of which finds what the one before left, and a healthy one at last, for which the cities went
 * back: see `together`. Nothing is rejected in any of them.
 */
export async function inTurn(
  context: TestContext,
  one: Scene,
  cases: Readonly<Record<string, Case>>,
): Promise<void> {
  const { there, move, sync } = one
  for (const [name, [badly, end, options]] of Object.entries(cases))
    await context.test(name, async () => {
      there.heal()
      await move('B')
      badly(there)
      const result = await sync(options)
      await assertEnd(one, result, end)
    })
  there.heal()
  await move('A')
  const next = await sync()
  assert.deepEqual([next.status, next.error, next.rejected], ['done', undefined, 0])
  assertHolds(one, 'A')
  const last = await sync()
  assert.deepEqual([last.status, last.unchanged, last.requests], ['done', one.rows, 0])
}

export async function assertEnd({ lab, rows }: Scene, result: SyncResult, end: End): Promise<void> {
  const { error } = result
  assert.deepEqual(
    [result.status, error?.code, result.rejected],
    [end.status ?? 'failed', end.code, 0],
    error?.message,
  )
  if (error !== undefined) {
    assert.equal(exitCodeOf(error), 6)
    assert.match(error.message, end.says ?? /./)
    assert.match(error.hint ?? '', /nothing was (?:rejected|sent)|what it took is saved/)
    assert.deepEqual([result.applied, result.pending], [0, result.add + result.change])
  } else assert.equal(result.applied, rows)
  assertSilent([{ ...error }, error?.message, error?.hint, lab.warnings])
  assert.deepEqual(await lab.rows("select 1 as one from sluice.receipts where status = 'rejected'"), [])
}

export function assertHolds({ there, rows }: Scene, city: string): void {
  const cities = [...there.rows.values()].map((fields) => fields.city)
  assert.deepEqual(cities, new Array(rows).fill(city))
}

/** No value of a row, no secret and nothing of an answer is told. */
function assertSilent(said: unknown): void {
  const text = JSON.stringify(said)
  assert.ok(!text.includes(CANARY), text)
}

/** It takes the rows, and answers this. */
export function answering(
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Badly {
  return ({ request, response }, there) => {
    there.take(request.changes)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }
}

/** It takes the rows, and answers with results that depend on them. */
export function resulting(results: (changes: readonly ReceivedChange[]) => unknown): Badly {
  return (exchange, there) =>
    answering(200, JSON.stringify({ results: results(exchange.request.changes) }))(exchange, there)
}

/** It takes the rows, and does this to the connection. */
export function doing(what: (socket: Exchange['socket']) => void): Badly {
  return ({ request, socket }, there) => {
    there.take(request.changes)
    what(socket)
  }
}

export function always(badly: Badly): (there: HostileDestination) => void {
  return (there) => {
    there.onRequest = (exchange) => badly(exchange, there)
  }
}

export const APPLIED = { status: 'applied' }
export const NO_JSON = 'expected an answer in JSON, found one that begins as JSON and is none'
export const NO_RESULT = 'expected a result for every change, found none for this one'

/** The destination is away, or answers what nobody understands: the batch is sent again by the next run. */
export function away(says: RegExp): End {
  return { code: 'SLU5106', says }
}

/** It refuses what is sent as a whole. */
export function stopped(says: RegExp): End {
  return { code: 'SLU5105', says }
}

/** All rows were perhaps applied. */
export function unknown(reason: string): Fate {
  return { rejected: ROWS, reason, dirty: ROWS }
}
