/**
 * The engine in a process of its own: changes the model, plans and sends, over and over, until it is
 * killed. Takes its orders as JSON in the first argument, and says one line of JSON for each sync.
 */
import { CONNECTORS } from '../../connectors/index.ts'
import { SluiceError } from '../../src/base/errors.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { endWithParent } from '../support/child.ts'
import { openWithOwner } from '../support/least-role.ts'
import { Random } from '../support/random.ts'
import { FAST, type Lab, labOn } from '../support/sync-lab.ts'
import { type Entry, writeTo } from './journal.ts'
import { nextMutation, takeBack } from './model.ts'
import { monotonicMs } from './oracle.ts'
import { gapFile, LEASE_SECONDS, type Orders, SYNC, type Told, WINDOW } from './orders.ts'
import { Witness } from './witness.ts'

const orders = JSON.parse(process.argv[2] ?? '') as Orders
const random = new Random(orders.seed)
const write = writeTo(orders.journal)
const witness = new Witness(write, SYNC, gapFile(orders.journal))
const http = CONNECTORS.get('http')
if (http === undefined) throw new Error('expected the connector http')
const connectors = new Map([['http', witness.entry(http)]])
const flushMs = random.pick([10, 40, 400])
let runs = 0

endWithParent()

if (orders.task === 'work') for (;;) await withWarehouse(work)
else await withWarehouse(orders.task === 'finish' ? finish : once)

async function withWarehouse(work: (lab: Lab, warehouse: Warehouse) => Promise<void>): Promise<void> {
  runs += 1
  const runId = `${orders.name}r${runs}x`
  const warehouse = await openWithOwner({
    type: orders.engine,
    directory: orders.directory,
    settings: new Map(orders.settings),
    runId,
    waitMs: 5000,
  })
  try {
    const watched = witness.warehouse(warehouse)
    const lab = await labOn(watched, orders.engine, orders.yaml, {
      connectors,
      leaseSeconds: LEASE_SECONDS,
      runs: runId,
      queried: 'public',
    })
    await work(lab, warehouse)
  } finally {
    await warehouse.close()
  }
}

async function once(lab: Lab): Promise<void> {
  await lab.sql(...orders.sql)
  say({ synced: await sync(lab) })
}

async function work(lab: Lab, warehouse: Warehouse): Promise<void> {
  if (runs === 1) await lab.sql(...orders.sql)
  // The plan of a run that was killed is the hardest to bring to its end when the values have gone back.
  await change(lab.sql, runs === 1 && random.chance(80) ? takeBack() : nextMutation(random))
  const beside = random.chance(60) ? changeBeside(warehouse) : undefined
  const synced = await sync(lab)
  await beside
  say({ synced })
}

/** With nobody else about, and a destination that only refuses poison: the run by which all must be there. */
async function finish(lab: Lab): Promise<void> {
  await lab.sql(...orders.sql)
  const synced = await sync(lab)
  const again = await sync(lab)
  say({
    synced,
    again,
    model: (await lab.rows('select id, city from people where present')).map(({ id, city }) => [
      String(id),
      String(city),
    ]),
    explained: (
      await lab.rows("select key from sluice.receipts where status = 'rejected' and length(reason) > 0")
    ).map(({ key }) => String(key)),
  })
}

async function sync(lab: Lab): Promise<Entry & { readonly kind: 'synced' }> {
  const { status, code, resumed, error } = await lab
    .sync(SYNC, { delivery: { ...FAST, window: WINDOW, flushMs } })
    .then(
      (result) => ({ ...result, code: result.error?.code, error: result.error?.message }),
      (error: unknown) => ({ status: 'thrown', resumed: false, code: codeOf(error), error: String(error) }),
    )
  const entry = { kind: 'synced', atMs: monotonicMs(), status, code, resumed, error } as const
  write(entry)
  return entry
}

function codeOf(error: unknown): string {
  return error instanceof SluiceError ? error.code : 'none'
}

/** At any moment of the run. */
async function changeBeside(warehouse: Warehouse): Promise<void> {
  const wait = random.below(150)
  const second = await warehouse.openSession()
  await new Promise((resolve) => setTimeout(resolve, wait))
  const run = (statement: string) => second.execute({ step: 'test', sql: statement }).then(() => {})
  await change(run, nextMutation(random))
  await second.close()
}

/** A rival may be changing the same rows: then only one of both is needed. */
async function change(run: (statement: string) => Promise<void>, mutation: string): Promise<void> {
  await run(mutation).catch((error: unknown) => {
    if (!(error instanceof SluiceError)) throw error
  })
}

function say(told: Told): void {
  process.stdout.write(`${JSON.stringify(told)}\n`)
}
