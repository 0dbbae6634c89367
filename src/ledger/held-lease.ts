import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import { isWriteConflict } from '../warehouse/conflicts.ts'
import type { Lease } from './ledger.ts'
import { Turns } from './turns.ts'

/** A lease as it was taken. */
export interface TakenLease {
  readonly name: string
  readonly token: number
  readonly seconds: number
}

/** A moment by both of our clocks. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() }
}

/** Where leases are kept: the warehouse, or the simulator's. False: the token is no longer the one that holds. */
export interface LeaseKeeper {
  readonly clock: Clock
  /** For a whole transaction, one after the other. */
  turn<T>(work: () => Promise<T>): Promise<T>
  transaction<T>(work: () => Promise<T>): Promise<T>
  /** Proves the token and extends the lease from now; in the transaction that it is called in. */
  extend(lease: TakenLease): Promise<boolean>
  /** The same in a session of its own, which is opened anew after it broke. */
  extendBeside(lease: TakenLease): Promise<boolean>
  release(lease: TakenLease): Promise<void>
}

/** A lease that was taken. Where other processes may take it over, it keeps itself alive until it is released. */
export class HeldLease implements Lease {
  readonly name: string
  readonly token: number
  readonly #keeper: LeaseKeeper
  readonly #taken: TakenLease
  readonly #onRelease: () => Promise<void>
  readonly #stopped = new AbortController()
  /** A renewal and a transaction would wait for, or fail on, each other's row. */
  readonly #row = new Turns('write of one lease')
  /** From before the statement that extended it was sent. */
  #extendedAt: Moment
  #lost = false
  #beating: Promise<void> | undefined

  constructor(
    keeper: LeaseKeeper,
    taken: TakenLease & { readonly takenAt: Moment },
    onRelease: () => Promise<void>,
  ) {
    this.name = taken.name
    this.token = taken.token
    this.#keeper = keeper
    this.#taken = taken
    this.#extendedAt = taken.takenAt
    this.#onRelease = onRelease
  }

  fenced<T>(work: () => Promise<T>): Promise<T> {
    return this.#keeper.turn(() => this.#row.take(() => this.#untilFenced(work)))
  }

  validForMs(): number {
    if (this.#lost || this.#stopped.signal.aborted) return 0
    return Math.max(0, this.#taken.seconds * 1000 - this.#sinceMs(this.#extendedAt))
  }

  async release(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort()
    await this.#beating
    try {
      await this.#keeper.turn(() => this.#keeper.release(this.#taken))
    } catch {
      // What cannot be released runs out by itself, and must not hide why the run ended.
    }
    await this.#onRelease()
  }

  abandon(): void {
    this.#stopped.abort()
  }

  /** Renews every third of the lease, in a session of its own, because ours may be in a statement for hours. */
  keepAlive(): void {
    this.#beating ??= this.#beat()
  }

  /** Another session may write the row between our snapshot and our fence; nothing was done then, so try again. */
  async #untilFenced<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const progress = { proven: false }
      try {
        return await this.#attempt(work, progress)
      } catch (error) {
        if (progress.proven || attempt === FENCE_ATTEMPTS || !isWriteConflict(error)) throw error
        await this.#keeper.clock.sleep(FENCE_PAUSE_MS * 2 ** attempt)
      }
    }
  }

  async #attempt<T>(work: () => Promise<T>, progress: { proven: boolean }): Promise<T> {
    const { clock } = this.#keeper
    let extendedAt = momentOf(clock)
    const result = await this.#keeper.transaction(async () => {
      await this.#prove()
      progress.proven = true
      const done = await work()
      // While the transaction lasts nobody can take the lease; when it ends, the lease must not have run out.
      if (this.#sinceMs(extendedAt) > this.#thirdMs()) {
        extendedAt = momentOf(clock)
        await this.#prove()
      }
      return done
    })
    this.#extendedAt = extendedAt
    return result
  }

  async #prove(): Promise<void> {
    if (await this.#keeper.extend(this.#taken)) return
    this.#lost = true
    throw new SluiceError('SLU5002', {
      message: `expected to hold the lease "${this.name}", found that it was taken over or freed by hand`,
      hint: 'nothing was written after that; run again: what was sent is taken up from the last acknowledgement',
    })
  }

  async #beat(): Promise<void> {
    const { clock } = this.#keeper
    while (!this.#stopped.signal.aborted && !this.#lost) {
      await clock.sleep(this.#thirdMs(), this.#stopped.signal)
      if (!this.#stopped.signal.aborted) await this.#row.take(() => this.#renew())
    }
  }

  async #renew(): Promise<void> {
    const sentAt = momentOf(this.#keeper.clock)
    try {
      if (await this.#keeper.extendBeside(this.#taken)) this.#extendedAt = sentAt
      else this.#lost = true
    } catch {
      // Until a beat succeeds, `validForMs` runs down by itself.
    }
  }

  /**
   * By the clock that went further: the monotonic one stands still while the machine sleeps, and the other one may be
   * set back.
   */
  #sinceMs({ monotonicMs, wallMs }: Moment): number {
    const { clock } = this.#keeper
    return Math.max(clock.monotonicMs() - monotonicMs, clock.nowMs() - wallMs)
  }

  #thirdMs(): number {
    return (this.#taken.seconds * 1000) / 3
  }
}

/** Where one writes to a table at a time, all leases are one table: others are soon done, or have as long a statement. */
const FENCE_ATTEMPTS = 6
const FENCE_PAUSE_MS = 20
