import type { Instant } from '../base/instant.ts'

/**
 * The state schema of one target: runs, leases, published nodes, plans, acknowledgements, receipts, snapshots.
 * Opened by `openLedger`, which creates the schema and refuses another project's.
 */
export interface Ledger {
  readonly runs: RunLog
  readonly published: Published
  /**
   * Takes the lease of `name` (`build`, or `sync:<name>`), waiting up to `waitMs`.
   * Throws SLU5001 (busy) when another run still holds it.
   */
  acquire(name: string, runId: string, waitMs: number): Promise<Lease>
}

export interface RunLog {
  start(run: {
    readonly runId: string
    readonly command: string
    readonly asOf: Instant
    readonly fingerprint: string
  }): Promise<void>
  finish(
    runId: string,
    outcome: { readonly status: string; readonly exitCode: number; readonly error?: string },
  ): Promise<void>
}

/** What the last builds published. */
export interface Published {
  /** The greatest `as_of` that was ever published; undefined before the first build. */
  lastAsOf(): Promise<Instant | undefined>
  nodes(): Promise<ReadonlyMap<string, PublishedNode>>
  /** The number that this build gets: one more than the last published one. Entity ids' `first_run` counts these. */
  nextBuildNumber(): Promise<number>
  /** Called inside the publishing transaction. */
  record(runId: string, buildNumber: number, asOf: Instant, nodes: readonly PublishedNode[]): Promise<void>
}

export interface PublishedNode {
  readonly id: string
  readonly fingerprint: string
  readonly asOf: Instant
  readonly runId: string
  readonly rows: number
}

/** The right to write. Every state write happens inside `fenced`, which fails when the lease was lost. */
export interface Lease {
  readonly token: number
  /**
   * Runs `work` in a transaction that first proves, by `where token = mine`, that this run still holds the lease,
   * and extends it. Throws SLU5002 when it does not.
   */
  fenced<T>(work: () => Promise<T>): Promise<T>
  release(): Promise<void>
}
