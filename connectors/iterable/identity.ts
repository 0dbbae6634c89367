import { DestinationError } from '../../src/connector/errors.ts'
import type { Change } from '../../src/connector/types.ts'

export type Identity = { readonly email: string } | { readonly userId: string }

/** What a row's user is found by. */
export function identityOf(key: Change['key']): Identity {
  const [[name, value] = ['', null], ...more] = Object.entries(key)
  if (more.length === 0 && name === 'email') return { email: String(value) }
  if (more.length === 0 && name === 'userId') return { userId: String(value) }
  throw new DestinationError('stop', {
    message: `expected match with one of email, userId, found ${Object.keys(key).join(', ')}`,
  })
}

/** Without `preferUserId`, projects that know users by e-mail would drop those of a new userId. */
export function madeWhenMissing(identity: Identity): Identity & { readonly preferUserId?: true } {
  return 'userId' in identity ? { ...identity, preferUserId: true } : identity
}
