import { SluiceError } from '../base/errors.ts'

/** The statements of one session, one after the other. */
export interface Turns {
  /** Runs `work` when all before it are done. Throws SLU9001 while a stream is open, which would lose its rows. */
  take<T>(step: string, work: () => Promise<T>): Promise<T>
  /** Keeps every other statement out until `release` is called. */
  hold(step: string): Promise<() => void>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  let holder: string | undefined

  function refuseWhileHeld(step: string): void {
    if (holder === undefined) return
    throw new SluiceError('SLU9001', {
      message: `expected the rows of ${holder} to be read to the end before the next statement of this session, found ${step}`,
    })
  }

  async function take<T>(step: string, work: () => Promise<T>): Promise<T> {
    refuseWhileHeld(step)
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  async function hold(step: string): Promise<() => void> {
    refuseWhileHeld(step)
    holder = step
    await last
    return () => {
      holder = undefined
    }
  }

  return { take, hold }
}
