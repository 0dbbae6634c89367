/**
 * An answer about a whole request, named by what the engine must do:
 * - `retry`: wait (at least `afterMs` when given) and send the same again; `ambiguous` when it may have been applied.
 * - `split`: halve the batch until the bad row is alone, then reject that row.
 * - `refresh`: the credentials may have expired: refresh once, then it is `stop`.
 * - `stop`: misconfigured; the sync ends with exit 6 and nothing is rejected.
 */
export class DestinationError extends Error {
  readonly action: 'retry' | 'split' | 'refresh' | 'stop'
  readonly status: number | undefined
  readonly afterMs: number | undefined
  readonly ambiguous: boolean

  constructor(
    action: DestinationError['action'],
    details: {
      readonly message: string
      readonly status?: number | undefined
      readonly afterMs?: number | undefined
      readonly ambiguous?: boolean
      readonly cause?: unknown
    },
  ) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'DestinationError'
    this.action = action
    this.status = details.status
    this.afterMs = details.afterMs
    this.ambiguous = details.ambiguous ?? false
  }
}
