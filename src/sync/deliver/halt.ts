import { SluiceError } from '../../base/errors.ts'
import { asSluiceError } from '../as-sluice-error.ts'

/** The end of a delivery before its time: nothing starts any more, waits end, what is in flight is finished. */
export class Halt {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  readonly #onOuter: () => void
  #reason: SluiceError | undefined

  constructor(outer: AbortSignal) {
    this.#outer = outer
    this.#onOuter = () =>
      this.stop(new SluiceError('SLU7011', { message: 'stopped by a signal; what was sent is saved' }))
    if (outer.aborted) this.#onOuter()
    else outer.addEventListener('abort', this.#onOuter, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The first reason, or the loss of the lease that led to it. */
  get reason(): SluiceError | undefined {
    return this.#reason
  }

  stop(reason: SluiceError): void {
    if (this.#reason === undefined || explains(reason, this.#reason)) this.#reason = reason
    this.#controller.abort()
  }

  /** Takes anything that was thrown: what is not ours is a bug. */
  stopFor(error: unknown): void {
    this.stop(asSluiceError(error))
  }

  close(): void {
    this.#outer.removeEventListener('abort', this.#onOuter)
  }
}

/** Who lost the lease finds its plan gone, or another in its place. Then nothing is wrong with project or Sluice. */
function explains(reason: SluiceError, first: SluiceError): boolean {
  return reason.code === 'SLU5002' && (first.kind === 'project' || first.kind === 'bug')
}
