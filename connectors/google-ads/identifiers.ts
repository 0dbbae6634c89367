import type { Identifier } from '../../src/connector/members.ts'

/** As many as one member, or one event, may have. */
export const MOST_IDENTIFIERS = 10

/** What finds people by their contact data. */
export function userIdentifiersOf(identifiers: readonly Identifier[]): readonly object[] {
  return identifiers.map(({ kind, parts }) => {
    const [first = '', familyName, regionCode, postalCode] = parts
    if (kind === 'email') return { emailAddress: first }
    if (kind === 'phone') return { phoneNumber: first }
    return { address: { givenName: first, familyName, regionCode, postalCode } }
  })
}

/** Why Google would refuse the whole request for this one; undefined: it would not. Names no value. */
export function wrongWith({ kind, parts }: Identifier): string | undefined {
  if (kind === 'mobile_id' || kind === 'external_id')
    return (parts[0] ?? '') === '' ? `expected ${kind}, found an empty one` : undefined
  const hashes = kind === 'address' ? parts.slice(0, 2) : parts
  if (hashes.length === 0 || !hashes.every((hash) => SHA256.test(hash)))
    return `expected ${kind} as SHA-256 in 64 hexadecimal digits, found something else`
  if (kind !== 'address') return undefined
  const [, , region = '', postalCode = ''] = parts
  if (!REGION.test(region)) return 'expected the country of an address in two letters, found something else'
  return postalCode === '' ? 'expected the postal code of an address, found none' : undefined
}

const SHA256 = /^[0-9a-f]{64}$/
const REGION = /^[A-Z]{2}$/

/** In parts of at most so many. */
export function inParts<T>(all: readonly T[], most: number): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = []
  for (let at = 0; at < all.length; at += most) parts.push(all.slice(at, at + most))
  return parts
}
