import { ProjectErrors, SluiceError } from '../base/errors.ts'

/** Anything that was thrown as one error with a code; what is not ours is a bug. */
export function asSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  // One mistake of a destination's settings a run is enough; `validate` tells all.
  if (error instanceof ProjectErrors && error.errors[0] !== undefined) return error.errors[0]
  return new SluiceError('SLU9001', {
    message: `expected a sync to end by itself, found ${error instanceof Error ? error.message : 'a thrown value'}`,
    cause: error,
  })
}
