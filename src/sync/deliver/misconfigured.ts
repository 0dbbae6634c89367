import { SluiceError } from '../../base/errors.ts'
import type { DestinationError } from '../../connector/errors.ts'

/** The end of a delivery whose destination refuses all of it. `wanted` names the destination, `kept` what is not lost. */
export function misconfigured(wanted: string, error: DestinationError, kept: string): SluiceError {
  return new SluiceError('SLU5105', {
    message: `expected ${wanted}, found: ${error.message}`,
    hint: `${whatToDo(error)}; ${kept}`,
    cause: error,
  })
}

/** What the status of a refusal is most likely about. */
export function whatToDo({ status }: DestinationError): string {
  return BY_STATUS.get(status) ?? 'check its settings and credentials'
}

const BY_STATUS: ReadonlyMap<number | undefined, string> = new Map([
  [401, 'its credentials are not taken: renew them in its settings'],
  [403, 'its credentials may not do this: check their scopes and rights'],
  [
    404,
    'what is written to is not there: check the address in its settings, "to", and the settings of the sync',
  ],
  [410, 'this is not there any more: the API may have withdrawn this version; look for a newer Sluice'],
])
