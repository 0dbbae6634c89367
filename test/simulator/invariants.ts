import { SluiceError } from '../../src/base/errors.ts'
import { type Engine, SYNC } from './engine.ts'
import { answeredRanges } from './memory-commit.ts'
import { hashOf, type ModelRow, type PlanRules } from './memory-plans.ts'
import type { MemoryWarehouse } from './memory-session.ts'
import { type MemoryTables, openPlanOf } from './memory-tables.ts'
import { POISON_BATCH, POISON_ROW } from './model.ts'
import { type SentRequest, TIMEOUT_MS } from './network.ts'
import type { World } from './world.ts'

/** Looks at each request at the moment at which it leaves, and at each run that ends. */
export class Watch {
  readonly breaches: string[] = []
  /** Rows that were sent. */
  rows = 0
  /** Of those: sent before, under the same plan. */
  repeats = 0
  readonly #warehouse: MemoryWarehouse
  readonly #world: World
  readonly #payloads = new Map<string, string>()
  readonly #keys = new Map<string, string>()

  constructor(warehouse: MemoryWarehouse, world: World) {
    this.#warehouse = warehouse
    this.#world = world
  }

  sent(request: SentRequest): void {
    this.#byHolder(request)
    this.#unanswered(request)
    this.#same(request)
  }

  /** A run's own sums are checked by itself, and are a bug of ours when they are wrong. */
  ended(ended: Engine['ended']): readonly string[] {
    if (ended === undefined) return []
    const { result, error } = ended
    // A warehouse that is gone when the run's result is to be written down.
    if (error instanceof SluiceError && error.kind === 'unavailable') return []
    if (result === undefined) return [`a run threw ${String(error)}`]
    const { add, change, remove, applied, rejected, pending } = result
    const found = result.error
    // Nothing is wrong with the project either.
    if (found instanceof SluiceError && (found.kind === 'bug' || found.kind === 'project'))
      return [`a run found a mistake: ${found.code} ${found.message}`]
    if (add + change + remove === applied + rejected + pending && pending >= 0) return []
    return [`${add} + ${change} + ${remove} changes are ${applied} + ${rejected} + ${pending} answers`]
  }

  #byHolder({ by }: SentRequest): void {
    const lease = this.#warehouse.tables.leases.get(`sync:${SYNC}`)
    if (lease?.runId !== by.name) this.#breach(`${by.name} sends while ${lease?.runId} holds the lease`)
    else if (lease.expiresAtMs < this.#world.nowMs + TIMEOUT_MS)
      this.#breach(
        `${by.name} starts a request ${lease.expiresAtMs - this.#world.nowMs} ms before its lease ends`,
      )
  }

  /** Nothing is sent that is not marked as started, nor what was answered for already. */
  #unanswered({ by, batch, changes }: SentRequest): void {
    const { tables } = this.#warehouse
    const plan = openPlanOf(tables, SYNC)
    if (plan?.record.runId !== batch.runId) {
      this.#breach(`${by.name} sends rows of a plan that is gone`)
      return
    }
    const { record, rows } = plan
    if (!tables.starts.some((one) => one.runId === record.runId && one.batch === batch.batch))
      this.#breach(`${by.name} sends batch ${batch.batch}, which is not marked as started`)
    const answered = answeredRanges(tables, record)
    for (const { key } of changes) {
      const seq = rows.find((row) => row.seq !== null && row.key === String(key.email))?.seq ?? 0
      if (answered.some(({ lo, hi }) => lo <= seq && seq <= hi))
        this.#breach(`${by.name} sends ${String(key.email)} again, which was answered for`)
    }
  }

  #same({ batch, changes }: SentRequest): void {
    const { idempotencyKey, changesJson, runId } = batch
    const before = this.#keys.get(idempotencyKey)
    if (before !== undefined && before !== changesJson)
      this.#breach('the same idempotency key stands for other rows')
    this.#keys.set(idempotencyKey, changesJson)
    for (const change of changes) {
      const payload = JSON.stringify(change)
      const id = `${runId} ${String(change.key.email)}`
      const known = this.#payloads.get(id)
      this.rows += 1
      if (known !== undefined) this.repeats += 1
      if (known !== undefined && known !== payload) this.#breach(`${id} is sent again with another payload`)
      this.#payloads.set(id, payload)
    }
  }

  #breach(what: string): void {
    this.#world.note('BREACH', what)
    this.breaches.push(what)
  }
}

/** What must hold after a last run in which nothing went wrong. */
export function finalBreaches(end: {
  readonly ended: Engine['ended']
  readonly rules: PlanRules
  readonly model: readonly ModelRow[]
  readonly there: ReadonlyMap<string, string>
  readonly tables: MemoryTables
}): readonly string[] {
  const { ended, model, tables } = end
  const status = ended?.result?.status
  if (status !== 'done' && status !== 'partial') {
    const error = ended?.result?.error ?? ended?.error
    return [`the last run is ${status}, though nothing went wrong: ${String(error)}`]
  }
  if (tables.plans.some(({ record }) => record.state === 'sending')) return ['a plan is left over']
  const keys = new Set([...model.flatMap(({ key }) => key ?? []), ...end.there.keys()])
  return [...keys].flatMap((key) => wrongAt(key, end)).concat(wrongSnapshot(end))
}

function wrongAt(
  key: string,
  { rules, model, there, tables }: Parameters<typeof finalBreaches>[0],
): readonly string[] {
  const rows = model.filter((row) => row.key === key)
  const consenting = rows.filter(({ consents }) => consents)
  const [row] = consenting
  const held = there.get(key)
  const told = tables.receipts.find((one) => one.key === key && one.status === 'rejected')
  if (consenting.length > 1) return []
  if (row === undefined) {
    if (held === undefined || (rules.onRemove === 'clear' && held === 'null')) return []
    if (rows.length === 0 && rules.mode === 'upsert' && rules.onRemove === 'nothing') return []
    // Its removal was refused too often, and waits.
    if (told?.op === 'remove' && told.nextTryAt !== undefined) return []
    return [`undeleted: ${key} is ${held} there, ${rows.length === 0 ? 'and left' : 'without consent'}`]
  }
  const isTold = told?.hash === hashOf(row.value)
  if (row.value === POISON_ROW || row.value === POISON_BATCH)
    return isTold ? [] : [`${key} was rejected, and no receipt says so`]
  if (held === row.value || (isTold && told.nextTryAt !== undefined)) return []
  return [`lost: ${key} is ${held} there, not ${row.value}`]
}

/** What the snapshot says is there is there. */
function wrongSnapshot({ there, tables }: Parameters<typeof finalBreaches>[0]): readonly string[] {
  const rows = tables.snapshots.get(SYNC)?.rows ?? new Map<string, never>()
  return [...rows].flatMap(([key, { hash }]) => {
    const held = there.get(key)
    if (hash === null || (held !== undefined && hashOf(held) === hash)) return []
    return [`the snapshot has ${key} with another value than ${held}, which is there`]
  })
}
