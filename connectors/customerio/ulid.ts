import { createHash } from 'node:crypto'

/**
 * The id by which Customer.io drops an event that comes twice: the key when it is one, else one made of the key and the
 * event's name, so that orders that were placed and paid under one key stay two events.
 */
export function ulidOf(key: string, name: string, timeMs: number): string {
  if (ULID.test(key)) return key.toUpperCase()
  const random = createHash('sha256')
    .update(JSON.stringify([name, key]))
    .digest()
    .subarray(0, RANDOM_BYTES)
  return `${encoded(BigInt(timeMs), TIME_LENGTH)}${encoded(BigInt(`0x${random.toString('hex')}`), RANDOM_LENGTH)}`
}

/** 26 digits of Crockford's base 32; the first holds the three highest bits only. */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BITS_A_DIGIT = 5n
const TIME_LENGTH = 10
const RANDOM_BYTES = 10
const RANDOM_LENGTH = 16

function encoded(value: bigint, length: number): string {
  return Array.from({ length }, (_, place) => {
    const shift = BigInt(length - 1 - place) * BITS_A_DIGIT
    return DIGITS[Number((value >> shift) & 31n)]
  }).join('')
}
