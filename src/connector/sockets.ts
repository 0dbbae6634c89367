import { connect, type Socket } from 'node:net'
import { DestinationError } from './errors.ts'
import { ConnectError, guardedHost, guardedLookup, type Resolve } from './request-guard.ts'

/** Where a connection goes that does not speak HTTP. */
export interface SocketOptions {
  readonly host: string
  readonly port: number
  /** The connector encrypts all that it sends; without, only private addresses are reached. */
  readonly encrypted: boolean
  readonly allowPrivateNetwork: boolean
  /** The longest that one question and its answer may take. */
  readonly timeoutMs: number
}

/** A connection that the request guard let through. */
export interface GuardedSocket {
  readonly socket: Socket
  /**
   * To be called right before a question of so many bytes leaves: counts it. Throws, and then nothing may be sent, when
   * the run may not send any more.
   */
  leaving(bytes: number): void
}

interface SocketParts {
  readonly onRequest?: ((request: { method: 'POST'; origin: string; bytes: number }) => void) | undefined
  readonly signal?: AbortSignal | undefined
  readonly mayStart?: (() => void) | undefined
  readonly resolve?: Resolve | undefined
}

/** A connection stands within seconds or not at all. */
const CONNECT_TIMEOUT_MS = 10_000

/** All raw connections of one set of tools: they end together. */
export class GuardedSockets {
  readonly #parts: SocketParts
  readonly #open = new Set<Socket>()

  constructor(parts: SocketParts) {
    this.#parts = parts
    parts.signal?.addEventListener('abort', () => this.close(), { once: true })
  }

  /** Throws a DestinationError: `stop` from the guard, `retry` when nobody answers. */
  async open(options: SocketOptions): Promise<GuardedSocket> {
    const { signal, mayStart, onRequest, resolve } = this.#parts
    const { allowPrivateNetwork, encrypted, port } = options
    const rules = { allowPrivateNetwork, resolve }
    const host = guardedHost(options.host, encrypted, rules)
    const origin = `tcp://${host}:${port}`
    if (signal?.aborted === true) throw broken(origin, 'the run was stopped')
    const lookup = guardedLookup(encrypted ? 'tls:' : 'tcp:', rules)
    const socket = connect({ host, port, lookup })
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    await connected(socket, origin)
    return {
      socket,
      leaving(bytes) {
        mayStart?.()
        onRequest?.({ method: 'POST', origin, bytes })
      },
    }
  }

  close(): void {
    for (const socket of this.#open) socket.destroy()
  }
}

function connected(socket: Socket, origin: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(broken(origin, 'timeout')))
    const failed = (error: Error) => reject(errorOf(error, origin))
    // One that breaks while nobody asks is told of by the next question.
    socket.on('error', () => {})
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', failed)
      resolve()
    })
  })
}

function errorOf(error: Error, origin: string): DestinationError {
  const reason = error instanceof ConnectError ? error.reason : error
  if (reason instanceof DestinationError) return reason
  const { code } = reason as { readonly code?: unknown }
  return broken(origin, typeof code === 'string' ? code : 'no connection')
}

/** Nothing was sent. */
function broken(origin: string, why: string): DestinationError {
  return new DestinationError('retry', { message: `${origin} could not be reached (${why})` })
}
