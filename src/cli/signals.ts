export interface Signals {
  /** Aborted at the first SIGINT or SIGTERM: start nothing new, finish what is in flight, save. */
  readonly signal: AbortSignal
  /** Which one came; undefined while none did. */
  received(): 'SIGINT' | 'SIGTERM' | undefined
}

const NAMES = ['SIGINT', 'SIGTERM'] as const

/** Listens once: the second signal ends the process at once, as people expect of a second Ctrl-C. */
export function listenForSignals(exitNow: (name: 'SIGINT' | 'SIGTERM') => void): Signals {
  const controller = new AbortController()
  let received: 'SIGINT' | 'SIGTERM' | undefined
  for (const name of NAMES)
    process.on(name, () => {
      if (received !== undefined) return exitNow(name)
      received = name
      controller.abort(name)
    })
  return { signal: controller.signal, received: () => received }
}
