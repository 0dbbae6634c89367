export interface Step {
  /** Before it. */
  readonly hours: number
  /** As they stand in a list of values. */
  readonly people: readonly string[]
  readonly refused: readonly string[]
}

/** Sent by no other sync, and again after as long as lies between the first two steps. */
export const EXACT = `  - {name: exact, entity: person, to: crm.contacts, match: {email: email}, map: {score: score, city: city}, fields: changed, tolerance: {score: 0.999999999999999}, resync: 3 hours, guard: {max_rejected: 100%}}
`

const person = (id: number, email: string, cityLength: number, score: number | null): string =>
  row(id, id, email, cityLength, score)

function row(
  id: number,
  personId: number | null,
  email: string,
  cityLength: number,
  score: number | null,
): string {
  return `(${id}, ${personId}, '${email}@x.example', '${'x'.repeat(cityLength)}', ${score}, true, true)`
}

/**
 * A row of `all` is 116 bytes and its city, a batch begins at most 300 bytes apart. The second row is as large as may
 * stand beside another one, the fourth a byte larger; the last one is the second large one, and not the first where it begins.
 */
const SIZES = [14, 184, 14, 185, 14, 14, 300].map((length, at) => person(101 + at, `k${at + 1}`, length, 3))

/** Rejected as long as it takes to have to wait, which is a day. */
const WAITING = person(120, 'w1', 1, 3)
const REFUSED = ['w1@x.example']

/** Two rows of one person, and one of nobody. */
const ROWS = [row(130, 130, 'twice', 1, 3), row(131, 130, 'twice', 2, 3), row(132, null, 'nobody', 1, 3)]

const ALWAYS = [...SIZES, WAITING, ...ROWS]

interface Moving {
  /** As much as `near` tolerates. */
  readonly half: number
  /** As much as `exact` does, up and down. */
  readonly up: number
  readonly down: number
  readonly present: number | null
  readonly absent: number | null
}

const AT_FIRST: Moving = { half: 2, up: 0, down: 1, present: 1, absent: null }
const MOVED: Moving = { half: 2.5, up: 1, down: 0, present: null, absent: 1 }

const moving = ({ half, up, down, present, absent }: Moving): readonly string[] => [
  person(110, 'm1', 1, half),
  person(111, 'm2', 1, up),
  person(112, 'm3', 1, down),
  person(113, 'm4', 1, present),
  person(114, 'm5', 1, absent),
]

/** Sent again by `exact` in the end, when its number moved by little. */
const stale = (score: number): string => person(115, 'm6', 1, score)

const SOON = 0.01

/** What random steps have no example of. */
export const EDGE_STEPS: readonly Step[] = [
  {
    hours: 3,
    people: [...ALWAYS, stale(3), ...moving(AT_FIRST), person(140, 'z1', 1, 3)],
    refused: REFUSED,
  },
  { hours: 3, people: [...ALWAYS, stale(3), ...moving(MOVED)], refused: REFUSED },
  {
    hours: SOON,
    people: [...ALWAYS, stale(3), ...moving(AT_FIRST), person(140, 'z1', 2, 3)],
    refused: REFUSED,
  },
  { hours: SOON, people: [...ALWAYS, stale(3)], refused: REFUSED },
  { hours: 24, people: [...ALWAYS, stale(3.5)], refused: [] },
]
