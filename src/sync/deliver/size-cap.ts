import { DestinationError } from '../../connector/errors.ts'
import { type Body, bytesOf } from '../plan/body.ts'

/**
 * What a batch of more bytes than its object takes is told before it is sent: it is halved, and a row that is alone is
 * rejected. Undefined: it may be sent.
 */
export function refusalForSize(body: Body, maxBytes: number): DestinationError | undefined {
  // Nearly all: no character takes more bytes.
  if (body.length * MOST_BYTES_A_CHARACTER <= maxBytes) return undefined
  const bytes = bytesOf(body)
  if (bytes <= maxBytes) return undefined
  return new DestinationError('split', {
    message: `expected a row that fits into a batch of ${counted(maxBytes)} bytes, found one of ${counted(bytes)}, which was not sent: map less of it`,
  })
}

/** Of UTF-8, a UTF-16 unit: an emoji has two units and four bytes. */
const MOST_BYTES_A_CHARACTER = 3

function counted(bytes: number): string {
  return bytes.toLocaleString('en')
}
