import type { Identifier } from '../../src/connector/members.ts'
import type { Settings } from '../../src/connector/types.ts'
import { stop } from './api.ts'
import { inParts, MOST_IDENTIFIERS, userIdentifiersOf } from './identifiers.ts'

/** What a list is filled by. A request has members of one kind, and a list takes the kind that it was made for. */
export interface ListKind {
  readonly name: string
  readonly uploadKeyType: string
  /** Identifiers that such a list takes. */
  readonly takes: ReadonlySet<string>
  /** One person, which is several members where there is more than one member may have. */
  membersOf(identifiers: readonly Identifier[]): readonly object[]
}

/** The kind that a sync means. Throws `stop` for another word. */
export function listKindOf({ kind }: Settings): ListKind {
  const found = KINDS.find(({ name }) => name === kind)
  if (found !== undefined) return found
  throw stop(
    `expected kind to be one of ${KINDS.map(({ name }) => name).join(', ')}, found "${String(kind)}"`,
  )
}

const KINDS: readonly ListKind[] = [
  {
    name: 'contact_id',
    uploadKeyType: 'CONTACT_ID',
    takes: new Set(['email', 'phone', 'address']),
    membersOf: (identifiers) =>
      inParts(identifiers, MOST_IDENTIFIERS).map((some) => ({
        userData: { userIdentifiers: userIdentifiersOf(some) },
      })),
  },
  {
    name: 'mobile_id',
    uploadKeyType: 'MOBILE_ID',
    takes: new Set(['mobile_id']),
    membersOf: (identifiers) =>
      inParts(identifiers, MOST_IDENTIFIERS).map((some) => ({
        mobileData: { mobileIds: some.map(({ parts }) => parts[0]) },
      })),
  },
  {
    name: 'user_id',
    uploadKeyType: 'USER_ID',
    takes: new Set(['external_id']),
    membersOf: (identifiers) => identifiers.map(({ parts }) => ({ userIdData: { userId: parts[0] } })),
  },
]
