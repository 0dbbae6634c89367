import { DestinationError } from '../../src/connector/errors.ts'
import { APPLIED, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import type { Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'

/**
 * What became of rows that were sent together. Iterable names those that failed by their e-mail addresses and user ids,
 * and counts them: when it counts more than it names, the fate of the others is open.
 */
export function bulkReceipts(
  json: unknown,
  rows: readonly Row[],
  receiptOf: (kind: string, usual: Receipt) => Receipt = (_, usual) => usual,
): RowReceipts {
  const answer = objectIn(json)
  const { failCount, disallowedEventNames } = answer
  if (typeof failCount !== 'number') return new Map()
  const { invalidEmails, invalidUserIds } = answer
  const lists = Object.entries({ invalidEmails, invalidUserIds, ...objectIn(answer.failedUpdates) })
  const kindByName = new Map([
    ...textsIn(disallowedEventNames).map((name) => [`event ${name}`, 'disallowed'] as const),
    ...lists.flatMap(([list, names]) => textsIn(names).map((name) => namedIn(list, name))),
  ])
  const failed = rows.flatMap((row): [Row, Receipt][] => {
    const kind = namesOf(row).flatMap((name) => kindByName.get(name) ?? [])[0]
    return kind === undefined ? [] : [[row, receiptOf(kind, failureOf(kind))]]
  })
  if (failCount > failed.length) return new Map(failed)
  return new Map([...rows.map((row): [Row, Receipt] => [row, APPLIED]), ...failed])
}

/** A project may drop fields that it does not know, from every row and without a failure. */
export function refuseDropped(json: unknown, rows: readonly Row[]): void {
  const sent = new Set(rows.flatMap(({ change }) => Object.keys(change.fields)))
  const dropped = textsIn(objectIn(json).filteredOutFields).filter((name) =>
    sent.has(name.split('.')[0] ?? ''),
  )
  if (dropped.length === 0) return
  throw new DestinationError('stop', {
    message: `expected the project to take every field, found that it drops ${dropped.join(', ')}: add them in Iterable, let it take new fields, or take them out of map`,
    ambiguous: true,
  })
}

/** `invalidDataEmails` and `invalidDataUserIds` are of one kind. */
function namedIn(list: string, name: string): readonly [name: string, kind: string] {
  return list.endsWith('Emails')
    ? [emailName(name), list.slice(0, -'Emails'.length)]
    : [`user ${name}`, list.replace(/UserIds$/, '')]
}

function emailName(email: string): string {
  return `email ${email.toLowerCase()}`
}

function failureOf(kind: string): Receipt {
  const reason = REASONS[kind]
  if (kind === 'failed') return { status: 'retry', error: 'Iterable: the user could not be updated now' }
  if (reason !== undefined) return { status: 'rejected', error: `Iterable: ${reason}` }
  return unanswered('Iterable lists the user among those that failed, without a reason that is known')
}

const REASONS: Readonly<Record<string, string>> = {
  invalid: 'the e-mail address or user id is malformed',
  invalidData: 'a field has a value of another type than the project has for it, or one that it cannot take',
  conflict: 'another user has this e-mail address or user id',
  forgotten: 'the user was forgotten, and is not taken again',
  notFound: 'there is no such user',
  disallowed: 'the project does not take events of this name',
}

/** By which an answer may name a row; a malformed address may stand in a field too. */
function namesOf({ change: { key, fields } }: Row): readonly string[] {
  const emails = [key.email, fields.email].filter((email) => typeof email === 'string')
  const users = [key.userId, fields.userId].filter((id) => id !== undefined && id !== null)
  return [...emails.map(emailName), ...users.map((id) => `user ${id}`), `event ${fields.eventName}`]
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
