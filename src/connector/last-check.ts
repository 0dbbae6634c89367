import { Agent, type Dispatcher } from 'undici'

/**
 * A pool that asks `mayStart` for each request when its bytes are about to go out. Between the decision to send and
 * the socket a connection may be opened and the process may stand still, for a garbage collection or for hours; what
 * held then may hold no more, and our timers are told only after the socket is. What `mayStart` throws, the request
 * throws, and nothing was sent.
 */
export class CheckedAgent extends Agent {
  readonly #mayStart: () => void

  constructor(options: Agent.Options, mayStart: () => void) {
    super(options)
    this.#mayStart = mayStart
  }

  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const start = handler.onRequestStart?.bind(handler)
    handler.onRequestStart = (controller, context) => {
      this.#mayStart()
      start?.(controller, context)
    }
    return super.dispatch(options, handler)
  }
}
