import { SluiceError } from '../base/errors.ts'
import { type Fragment, lit, sql } from '../dialect/fragment.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { isWriteConflict } from './conflicts.ts'
import type { Lease } from './ledger.ts'
import type { LedgerSession } from './session.ts'
import { Turns } from './turns.ts'

/** A lease that was taken. Where other processes may take it over, it keeps itself alive until it is released. */
export class HeldLease implements Lease {
  readonly name: string
  readonly token: number
  readonly #session: LedgerSession
  readonly #seconds: number
  readonly #onRelease: () => Promise<void>
  readonly #stopped = new AbortController()
  /** A renewal and a transaction would wait for, or fail on, each other's row. */
  readonly #row = new Turns('write of one lease')
  /** By our monotonic clock, from before the statement that extended it was sent. */
  #extendedAt: number
  #lost = false
  #beating: Promise<void> | undefined

  constructor(
    session: LedgerSession,
    taken: {
      readonly name: string
      readonly token: number
      readonly seconds: number
      readonly takenAt: number
    },
    onRelease: () => Promise<void>,
  ) {
    this.name = taken.name
    this.token = taken.token
    this.#session = session
    this.#seconds = taken.seconds
    this.#extendedAt = taken.takenAt
    this.#onRelease = onRelease
  }

  fenced<T>(work: () => Promise<T>): Promise<T> {
    return this.#session.turn(() => this.#row.take(() => this.#untilFenced(work)))
  }

  validForMs(): number {
    if (this.#lost || this.#stopped.signal.aborted) return 0
    return Math.max(0, this.#extendedAt + this.#seconds * 1000 - this.#session.clock.monotonicMs())
  }

  async release(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort()
    await this.#beating
    try {
      await this.#session.turn(() => this.#session.runTemplate('release_lease', this.#mine()))
    } catch {
      // What cannot be released runs out by itself, and must not hide why the run ended.
    }
    await this.#onRelease()
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
      }
    }
  }

  async #attempt<T>(work: () => Promise<T>, progress: { proven: boolean }): Promise<T> {
    const { clock, warehouse } = this.#session
    let extendedAt = clock.monotonicMs()
    const result = await warehouse.transaction(async () => {
      await this.#prove()
      progress.proven = true
      const done = await work()
      const now = clock.monotonicMs()
      // While the transaction lasts nobody can take the lease; when it ends, the lease must not have run out.
      if (now - extendedAt > this.#thirdMs()) {
        extendedAt = now
        await this.#prove()
      }
      return done
    })
    this.#extendedAt = extendedAt
    return result
  }

  async #prove(): Promise<void> {
    if ((await this.#session.runTemplate('fence_lease', this.#extension())) > 0) return
    this.#lost = true
    throw new SluiceError('SLU5002', {
      message: `expected to hold the lease "${this.name}", found that it was taken over or freed by hand`,
      hint: 'nothing was written after that; run again: what was sent is taken up from the last acknowledgement',
    })
  }

  async #beat(): Promise<void> {
    const { clock } = this.#session
    while (!this.#stopped.signal.aborted && !this.#lost) {
      await clock.sleep(this.#thirdMs(), this.#stopped.signal)
      if (!this.#stopped.signal.aborted) await this.#row.take(() => this.#renew())
    }
  }

  async #renew(): Promise<void> {
    const sentAt = this.#session.clock.monotonicMs()
    const extend = this.#session.statement(
      'renew_lease',
      this.#session.template('fence_lease', this.#extension()),
    )
    let second: Warehouse | undefined
    try {
      second = await this.#session.second()
      if ((await second.execute(extend)) > 0) this.#extendedAt = sentAt
      else this.#lost = true
    } catch (error) {
      // A broken session is opened anew at the next beat; until one succeeds, `validForMs` runs down by itself.
      if (!isWriteConflict(error)) await this.#session.closeSecond()
    }
  }

  #thirdMs(): number {
    return (this.#seconds * 1000) / 3
  }

  #mine(): Readonly<Record<string, Fragment>> {
    const { dialect } = this.#session.warehouse
    return {
      leases: this.#session.named('leases'),
      name: lit(this.name),
      token: sql`${this.token}`,
      clock: dialect.fn.clock(),
    }
  }

  #extension(): Readonly<Record<string, Fragment>> {
    const { fn } = this.#session.warehouse.dialect
    const { clock: now, ...mine } = this.#mine()
    return { ...mine, expires_at: fn.addSeconds(now ?? fn.clock(), sql`${this.#seconds}`) }
  }
}

const FENCE_ATTEMPTS = 5
