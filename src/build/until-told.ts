import { SluiceError } from '../base/errors.ts'
import type { RunContext } from './run-context.ts'

/**
 * One statement of those that may take long: when the run is told to stop, it is stopped in the warehouse as well, which
 * would go on with it else. Throws SLU7011 then. For statements that publish nothing and acknowledge nothing.
 */
export async function untilTold<T>(
  { warehouse, signal }: Pick<RunContext, 'warehouse' | 'signal'>,
  statement: () => Promise<T>,
): Promise<T> {
  stopIfTold(signal)
  let cancelling: Promise<void> | undefined
  const cancel = () => {
    // A warehouse that does not answer is told by the statement itself.
    cancelling = Promise.resolve(warehouse.cancel?.()).catch(() => {})
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await statement()
  } catch (error) {
    if (isCancelled(error)) stopIfTold(signal)
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
    // Else it might stop the next one.
    await cancelling
  }
}

export function stopIfTold(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new SluiceError('SLU7011', {
    message: 'expected to finish the build, found that it was told to stop',
    hint: 'the last published build stands as it was',
  })
}

function isCancelled(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'SLU3016'
}
