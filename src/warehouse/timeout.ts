import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'

/** After how long the warehouse stops a statement by itself; undefined without the setting. Throws SLU3013. */
export function timeoutMs({ settings }: OpenRequest): number | undefined {
  const written = settings.get('statement_timeout_seconds')
  if (written === undefined) return undefined
  const seconds = Number(written)
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= LONGEST_SECONDS) return seconds * 1000
  throw new SluiceError('SLU3013', {
    message: `expected statement_timeout_seconds from 1 to ${LONGEST_SECONDS}, found "${written}"`,
  })
}

/** A week, beyond which no statement of ours is waited for; in milliseconds it is within 32 bits. */
const LONGEST_SECONDS = 604_800
