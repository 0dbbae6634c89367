import type { Clock } from '../../base/clock.ts'
import type { RetryPolicy } from '../deliver/retry-policy.ts'
import { AccountPace } from './account-pace.ts'
import type { PaceLimits } from './pace-control.ts'

/** Whose quota requests count against. */
export interface PacedAccount {
  readonly connector: string
  readonly account: string
  readonly destination: string
  /** Of one object, which has a quota to itself. */
  readonly quota?: string | undefined
}

/** The paces of all accounts that a process sends to. Made once and handed down: limits are an account's, not a run's. */
export class AccountPaces {
  readonly #clock: Clock
  readonly #retry: RetryPolicy
  readonly #random: () => number
  readonly #paces = new Map<string, AccountPace>()

  /** `retry.totalMs` is also how long an account may be away; `random` gives 0 to below 1. */
  constructor(clock: Clock, retry: RetryPolicy, random: () => number) {
    this.#clock = clock
    this.#retry = retry
    this.#random = random
  }

  of({ connector, account, destination, quota }: PacedAccount, limits: PaceLimits): AccountPace {
    const key = JSON.stringify([connector, account, quota])
    const pace = this.#paces.get(key) ?? new AccountPace(this.#clock, this.#retry, this.#random, limits)
    this.#paces.set(key, pace)
    pace.limit(destination, limits)
    return pace
  }
}
