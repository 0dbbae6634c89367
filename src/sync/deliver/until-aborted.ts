import { DestinationError } from '../../connector/errors.ts'

/**
 * The same, unless `signal` comes first: then what it does is given up, and its fate is unknown. For connectors that
 * send by another way than our client, which aborts its requests itself.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () =>
      reject(new DestinationError('retry', { message: 'the request was given up', ambiguous: true }))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
