import { keyText } from '../../base/key-text.ts'
import type { Batch } from '../../connector/types.ts'
import type { LateRows, Lease } from '../../ledger/ledger.ts'

/** A request as it was handed over. */
type Sent = Pick<Batch, 'mode' | 'changes'>

/**
 * Batches whose request was not over when the lease ran out by our clocks. A process may stand still between its last
 * look at the lease and the socket, for longer than the lease lasts: its bytes then go out when another run has taken
 * over, and what they say may be old. No client can call them back, but who sent them knows it when it goes on.
 */
export class LateBatches {
  readonly #lease: Pick<Lease, 'validForMs'>
  readonly #sent = new Map<Sent, Promise<unknown>>()
  readonly #late: Sent[] = []

  constructor(lease: Pick<Lease, 'validForMs'>) {
    this.#lease = lease
  }

  /** Does the request. An insert says the same whenever it arrives. */
  async watch<T>(sent: Sent, request: () => Promise<T>): Promise<T> {
    if (sent.mode === 'insert') return request()
    const answer = request()
    this.#sent.set(sent, answer)
    try {
      return await answer
    } finally {
      this.#sent.delete(sent)
      if (this.#lease.validForMs() === 0) this.#late.push(sent)
    }
  }

  /** What is on its way; undefined: nothing. */
  get inFlight(): Promise<unknown> | undefined {
    return this.#sent.size === 0 ? undefined : Promise.allSettled(this.#sent.values())
  }

  /** Their rows, and those on their way; nobody has lost anything by them unless the lease was lost. `keyFields`: of the plan. */
  rows(keyFields: readonly string[]): LateRows['rows'] {
    return [...this.#late, ...this.#sent.keys()].flatMap(({ changes }) =>
      changes().map(({ op, key, identifiers }) => ({
        op,
        key: keyText(keyFields.map((field) => String(key[field]))),
        identifiers,
      })),
    )
  }
}
