import { SluiceError } from '../base/errors.ts'
import { lit, sql } from '../dialect/fragment.ts'
import { isRefusedRow, isWriteConflict } from '../warehouse/conflicts.ts'
import { HeldLease, type Moment, momentOf, type TakenLease } from './held-lease.ts'
import { warehouseLeases } from './lease-keeper.ts'
import type { Lease, LeaseInfo } from './ledger.ts'
import type { StateSchema } from './prepare.ts'
import type { LedgerSession } from './session.ts'
import { flagOf, instantIn, numberOf, textOf } from './values.ts'

/** The leases of one ledger, by the warehouse's clock. A token only grows: also when a lease is freed. */
export class Leases {
  readonly #session: LedgerSession
  readonly #schema: StateSchema
  readonly #usualSeconds: number
  #held = 0

  constructor(session: LedgerSession, schema: StateSchema, usualSeconds: number) {
    this.#session = session
    this.#schema = schema
    this.#usualSeconds = usualSeconds
  }

  async acquire(name: string, runId: string, waitMs?: number, leaseSeconds = 0): Promise<Lease> {
    await this.#schema.prepare()
    const { clock } = this.#session
    const seconds = Math.max(this.#usualSeconds, leaseSeconds)
    const giveUpAt = clock.monotonicMs() + (waitMs ?? seconds * 1000)
    for (;;) {
      const takenAt = momentOf(clock)
      const token = await this.#take(name, runId, seconds)
      if (token !== undefined) return this.#hold({ name, token, seconds, takenAt })
      const restMs = giveUpAt - clock.monotonicMs()
      if (restMs <= 0) throw await this.#busy(name)
      await clock.sleep(Math.min(restMs, POLL_MS))
    }
  }

  async list(): Promise<readonly LeaseInfo[]> {
    if (!(await this.#schema.exists())) return []
    const clock = this.#session.warehouse.dialect.fn.clock()
    const rows = await this.#session.readAll('read_leases', (last, limit) =>
      this.#session.template('read_leases', {
        leases: this.#session.named('leases'),
        clock,
        after: lit(last === undefined ? '' : textOf(last, 'name')),
        limit: sql`${limit}`,
      }),
    )
    return rows.map((row) => ({
      name: textOf(row, 'name'),
      runId: textOf(row, 'run_id'),
      token: numberOf(row, 'token'),
      expiresAt: instantIn(row, 'expires_at'),
      expired: flagOf(row, 'expired'),
    }))
  }

  async unlock(name: string): Promise<boolean> {
    if (!(await this.#schema.exists())) return false
    const freed = await this.#session.runTemplate('unlock_lease', {
      leases: this.#session.named('leases'),
      name: lit(name),
      clock: this.#session.warehouse.dialect.fn.clock(),
    })
    return freed > 0
  }

  #hold(taken: TakenLease & { readonly takenAt: Moment }): Lease {
    this.#held += 1
    const lease = new HeldLease(warehouseLeases(this.#session), taken, async () => {
      this.#held -= 1
      if (this.#held === 0) await this.#session.closeSecond()
    })
    if (!this.#session.warehouse.exclusive) lease.keepAlive()
    return lease
  }

  /** The token, or undefined when the lease is another's. */
  async #take(name: string, runId: string, seconds: number): Promise<number | undefined> {
    if (await this.#takeFree(name, runId, seconds)) return this.#tokenOf(name, runId)
    const { db } = this.#session
    const [row] = await this.#session.read(
      'find_lease',
      db.selectFrom('leases').select('token').where('name', '=', name),
    )
    if (row !== undefined) return undefined
    // Never taken before. Born expired, so that the statement that takes leases takes this one too.
    await this.#create(name)
    return (await this.#takeFree(name, runId, seconds)) ? this.#tokenOf(name, runId) : undefined
  }

  async #create(name: string): Promise<void> {
    const creating = this.#session.runTemplate('create_lease', {
      leases: this.#session.named('leases'),
      name: lit(name),
      clock: this.#session.warehouse.dialect.fn.clock(),
    })
    await creating.catch((error: unknown) => {
      // Another run was first with it at this moment, and `on conflict` did not see it yet.
      if (!isWriteConflict(error) && !isRefusedRow(error)) throw error
    })
  }

  async #takeFree(name: string, runId: string, seconds: number): Promise<boolean> {
    const { warehouse } = this.#session
    const clock = warehouse.dialect.fn.clock()
    const taking = this.#session.runTemplate('take_lease', {
      leases: this.#session.named('leases'),
      name: lit(name),
      run_id: lit(runId),
      clock,
      expires_at: warehouse.dialect.fn.addSeconds(clock, sql`${seconds}`),
      holder_is_dead: warehouse.exclusive ? sql`run_id <> ${lit(runId)}` : lit(false),
    })
    const taken = await taking.catch((error: unknown) => {
      // Somebody else was taking it at this moment.
      if (isWriteConflict(error)) return 0
      throw error
    })
    return taken > 0
  }

  async #tokenOf(name: string, runId: string): Promise<number | undefined> {
    const mine = this.#session.db
      .selectFrom('leases')
      .select('token')
      .where('name', '=', name)
      .where('run_id', '=', runId)
    const [row] = await this.#session.read('read_token', mine)
    return row === undefined ? undefined : numberOf(row, 'token')
  }

  async #busy(name: string): Promise<SluiceError> {
    const holder = (await this.list()).find((lease) => lease.name === name)
    const found =
      holder === undefined ? 'it taken' : `run ${holder.runId} holding it until ${holder.expiresAt}`
    return new SluiceError('SLU5001', {
      message: `expected the lease "${name}" to become free, found ${found}`,
      hint: `wait longer with --wait; when that run is surely dead, free it: sluice state unlock ${name}`,
    })
  }
}

/** Often enough that a short run is followed at once, seldom enough for a warehouse that bills by statement. */
const POLL_MS = 1000
