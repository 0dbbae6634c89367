import type { SqlValue } from '../../src/warehouse/warehouse.ts'
import type { IdentityLab } from './identity-lab.ts'

/** Of `PEOPLE_YAML`: what random batches have no example of, at the times of their builds. */
export interface EdgeBatch {
  readonly asOf: string
  /** id, email, other, phone */
  readonly contacts: readonly Cells[]
  /** tenant, id, email */
  readonly accounts: readonly Cells[]
  /** id, email, cookie, seen_at */
  readonly visits: readonly Cells[]
}

type Cells = readonly SqlValue[]

export async function loadEdges(lab: IdentityLab, batch: EdgeBatch): Promise<void> {
  await lab.load('contacts', ['id', 'email', 'other', 'phone'], batch.contacts)
  await lab.load('accounts', ['tenant', 'id', 'email'], batch.accounts)
  await lab.load('visits', ['id', 'email', 'cookie', 'seen_at'], batch.visits)
}

const LONG_AGO = '2025-06-01 00:00:00'

/** So many records with the same values: more than a value may link. */
function several(name: string, count: number, ...values: Cells): readonly Cells[] {
  return Array.from({ length: count }, (_, at) => [`${name}${at}`, ...values])
}

/** Refused values that stand in one column, in the other, in both, or are another type's ignored one; blanks. */
const REFUSED: readonly Cells[] = [
  ...several('far', 5, null, 'far', null),
  ...several('near', 5, 'near', null, null),
  ...several('both', 5, 'both', 'both', null),
  ...several('pair', 5, 'zz', 'aa', null),
  ...several('cookie', 5, 'c0', null, null),
  ...several('none', 4, null, null, 'none'),
  ...several('lead', 4, null, null, ' p1'),
  ...several('blank', 4, null, null, '  '),
]

const IGNORED: readonly Cells[] = [
  ['i1', 'none', 'x1', null],
  ['i2', 'bot7', 'x1', null],
  ['i3', null, ' NONE', ' p2'],
  ['i4', null, null, ' p2'],
]

const CONTACTS: readonly Cells[] = [
  ...REFUSED,
  ...IGNORED,
  ['e1', 'e1', null, null],
  ['same1', 's', null, null],
  ['s2', 's', 's2', null],
]

const ACCOUNTS: readonly Cells[] = [
  ['t', 'a1', 'x1'],
  ['t', 'a2', 's'],
]

const VISITS: readonly Cells[] = [
  // without a key, without identifiers, without both, and with ignored ones alone
  [null, 'e1', 'k1', LONG_AGO],
  ['nobody', null, null, LONG_AGO],
  [null, null, null, LONG_AGO],
  ['ignored', 'bot1', 'c0', LONG_AGO],
  ['ignored, too', null, ' c0', LONG_AGO],
  // at the time of the first build, a while after it, and nobody knows when
  ['now', 'x1', null, '2026-03-01 00:00:00'],
  ['later', 's', null, '2026-03-01 12:00:00'],
  ['unknown', 'e1', null, null],
  // of the same key as a contact of the same entity
  ['same1', 's', null, LONG_AGO],
  ['v1', 'va', null, LONG_AGO],
  ['v2', 'vb', 'k2', LONG_AGO],
  ['v3', 'vc', 'k2', LONG_AGO],
  // delivered twice
  ['twice', 'vd', null, LONG_AGO],
  ['twice', 'vd', null, LONG_AGO],
]

const FIRST: EdgeBatch = {
  asOf: '2026-03-01T00:00:00.000Z',
  contacts: CONTACTS,
  accounts: ACCOUNTS,
  visits: VISITS,
}

function without(rows: readonly Cells[], ...keys: readonly string[]): readonly Cells[] {
  return rows.filter(([key]) => !keys.includes(String(key)))
}

/** Entities fall apart, values link again or no more, an event changes, and one has no key. */
const SECOND: EdgeBatch = {
  asOf: '2026-03-01T12:00:00.000Z',
  contacts: [
    ...without(CONTACTS, 'same1', 'both4', 'far4', 'lead3', 'i4'),
    ['same1', 's3', null, null],
    ['near5', null, 'near', null],
    ['bot', 'bot2', 'e1', ' p2'],
  ],
  accounts: ACCOUNTS,
  visits: [
    ...without(VISITS, 'v2'),
    ['v2', 'va', 'k2', LONG_AGO],
    [null, 'e1', 'k9', LONG_AGO],
    ['v5', null, 'k1', '2026-03-01 12:00:00'],
  ],
}

/** Only events go. */
const THIRD: EdgeBatch = {
  ...SECOND,
  asOf: '2026-03-03T00:00:00.000Z',
  visits: without(SECOND.visits, 'v1', 'twice', 'later'),
}

/** Keys of events stand twice: of one that is as it was, and of one that changed. */
const REPEATED: EdgeBatch = {
  ...THIRD,
  asOf: '2026-03-04T00:00:00.000Z',
  visits: [...THIRD.visits, ['v2', 'vb', 'k2', LONG_AGO]],
}

const REPEATED_ANEW: EdgeBatch = {
  ...THIRD,
  asOf: '2026-03-06T00:00:00.000Z',
  visits: [...without(THIRD.visits, 'v3'), ['v3', 'va', null, LONG_AGO], ['v3', 'vb', null, LONG_AGO]],
}

/** One after the other; the fifth stitch is a full one because of the fourth, so that the sixth is not. */
export const EDGES: readonly EdgeBatch[] = [
  FIRST,
  SECOND,
  THIRD,
  REPEATED,
  { ...THIRD, asOf: '2026-03-05T00:00:00.000Z' },
  REPEATED_ANEW,
  { ...FIRST, asOf: '2026-03-07T00:00:00.000Z' },
  { ...SECOND, asOf: '2026-03-08T00:00:00.000Z' },
]
