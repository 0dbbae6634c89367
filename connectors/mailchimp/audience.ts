import { DestinationError } from '../../src/connector/errors.ts'
import type { ObjectUse } from '../../src/connector/types.ts'

/** One audience, and what contacts become in it. */
export interface Audience {
  readonly id: string
  readonly statusIfNew: string
  readonly statusIfArchived: string
}

/** Throws a DestinationError `stop` for a status that Mailchimp does not know, or that may not be given. */
export function audienceOf(use: ObjectUse | undefined): Audience {
  const { audience, status_if_new: isNew, status_if_archived: isArchived } = use?.settings ?? {}
  if (typeof audience !== 'string' || audience.trim() === '')
    throw new DestinationError('stop', {
      message: "expected the sync's setting audience, the id of an audience, found none",
    })
  return {
    id: audience.trim(),
    statusIfNew: statusIn('status_if_new', isNew ?? NOT_SUBSCRIBED, [...WITHOUT_CONSENT, 'subscribed']),
    statusIfArchived: statusIn('status_if_archived', isArchived ?? NOT_SUBSCRIBED, WITHOUT_CONSENT),
  }
}

/** Holds the contact without writing to them: they have neither said yes, as with subscribed, nor no. */
const NOT_SUBSCRIBED = 'transactional'

/** None of them makes a subscriber of anyone; pending asks them. */
const WITHOUT_CONSENT = ['transactional', 'pending', 'unsubscribed']

function statusIn(name: string, value: unknown, known: readonly string[]): string {
  if (typeof value === 'string' && known.includes(value)) return value
  throw new DestinationError('stop', {
    message: `expected the sync's setting ${name} to be one of ${known.join(', ')}, found another`,
  })
}
