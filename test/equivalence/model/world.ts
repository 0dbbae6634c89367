import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'

/** What a column holds; the oracle compares by it, the engines by their own types. */
export type Kind = 'text' | 'integer' | 'decimal' | 'float' | 'boolean' | 'timestamp' | 'zoned' | 'date'
/** Times are milliseconds, decimals numbers with two places. */
export type Cell = string | number | boolean | null

export interface SourceShape {
  readonly key: string
  readonly occurredAt: string | undefined
  /** Column -> kind; the key and foreign keys too. */
  readonly columns: Readonly<Record<string, Kind>>
}

export type Record_ = Readonly<Record<string, Cell>>

/** A small shop: who reaches whom is plain, the values sit on every edge. */
export interface World {
  readonly asOf: string
  readonly timezone: string
  readonly customers: readonly string[]
  readonly rows: Readonly<Record<string, readonly Record_[]>>
  /** `source key` -> customer; what identity would have found. */
  readonly identity: ReadonlyMap<string, string>
}

export const SHAPES: Readonly<Record<string, SourceShape>> = {
  people: {
    key: 'id',
    occurredAt: undefined,
    columns: {
      id: 'integer',
      name: 'text',
      nickname: 'text',
      country: 'text',
      age: 'integer',
      ads_ok: 'boolean',
      born: 'date',
      updated: 'zoned',
    },
  },
  events: {
    key: 'id',
    occurredAt: 'at',
    columns: {
      id: 'integer',
      at: 'timestamp',
      store_id: 'integer',
      total: 'decimal',
      qty: 'integer',
      score: 'float',
      label: 'text',
      flag: 'boolean',
      day: 'date',
      seen: 'zoned',
      session: 'text',
      mail: 'text',
    },
  },
  items: {
    key: 'id',
    occurredAt: undefined,
    columns: { id: 'text', event_id: 'text', sku: 'text', price: 'decimal', amount: 'integer' },
  },
  visits: {
    key: 'id',
    occurredAt: 'happened',
    columns: {
      id: 'text',
      event_id: 'integer',
      happened: 'zoned',
      page: 'text',
      label: 'text',
      session: 'text',
    },
  },
  stores: { key: 'id', occurredAt: undefined, columns: { id: 'integer', town: 'text', size: 'integer' } },
}

/** The project's text without traits and segments. */
export function projectHead(timezone: string): string {
  return `version: 1
name: world
timezone: ${timezone}
targets: {dev: {type: duckdb, path: a.duckdb}}
sources:
  - {name: people, table: people, primary_key: id, updated_at: updated}
  - {name: events, table: events, primary_key: id, occurred_at: at, belongs_to: {stores: store_id}}
  - {name: items, table: items, primary_key: id, belongs_to: {events: event_id}}
  - {name: visits, table: visits, primary_key: id, occurred_at: happened, belongs_to: {events: event_id}}
  - {name: stores, table: stores, primary_key: id}
`
}

/** Text that sorts differently by bytes than by any language, and what looks like other types. */
export const TEXTS = [
  '',
  ' ',
  'a',
  'A',
  'b',
  'ab',
  'B',
  'Z',
  'a_b',
  'a%',
  'é',
  'e',
  'É',
  'ß',
  'z',
  '𝒜',
  '中',
  '10',
  '9',
  '2026-03-01',
  '2026-03-01T08:00:00Z',
  '2026-02-30',
  "o'k",
  '\\',
  'null',
]
const WINDOWS_BACK: readonly Temporal.DurationLike[] = [
  { hours: 1 },
  { hours: 24 },
  { hours: 48 },
  { hours: 24 * 7 },
  { hours: 24 * 30 },
  { months: 1 },
  { months: 2 },
  { months: 13 },
  { years: 1 },
]

/** Times on, just before and just after every edge that the conditions ask about. */
export function edgeTimes(asOf: string, timezone: string): readonly number[] {
  const now = Temporal.Instant.from(asOf).toZonedDateTimeISO(timezone)
  const edges = [
    now.epochMilliseconds,
    ...WINDOWS_BACK.map((window) => now.subtract(window).epochMilliseconds),
    now.add({ hours: 48 }).epochMilliseconds,
    now.add({ months: 1 }).epochMilliseconds,
    Date.parse('2026-03-01T00:00:00Z'),
    Date.parse('2026-03-01T08:00:00Z'),
  ]
  return edges.flatMap((edge) => [edge - 1, edge, edge + 1])
}

export interface WorldShape {
  readonly asOf: string
  readonly timezone: string
  readonly customers?: number
  readonly events?: number
}

export function worldOf(seed: number, shape: WorldShape): World {
  const world = fc.sample(arbitraryWorld(shape), { seed, numRuns: 1 })[0]
  if (world === undefined) throw new Error('expected a world')
  return world
}

function arbitraryWorld({ asOf, timezone, customers = 12, events = 90 }: WorldShape): fc.Arbitrary<World> {
  const ids = Array.from({ length: customers }, (_, index) => `${index % 2 === 0 ? 'c' : 'C'}${index}`)
  const time = timeArbitrary(asOf, timezone)
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 6 })
  const text = maybe(fc.constantFrom(...TEXTS))
  const day = maybe(time.map((ms) => ms - (((ms % DAY) + DAY) % DAY)))
  const money = maybe(fc.constantFrom(0, 0.01, 1, 9.99, 10, 10.5, 100, 99.99, -5, 500))
  const whole = maybe(fc.constantFrom(0, 1, 2, 3, 5, 10, -1, 2147483647))
  const person = fc.record({
    name: text,
    nickname: text,
    country: maybe(fc.constantFrom('FR', 'BE', 'DE', '')),
    age: whole,
    ads_ok: maybe(fc.boolean()),
    born: day,
    updated: maybe(time),
  })
  const event = fc.record({
    at: fc.option(time, { nil: null, freq: 15 }),
    store_id: maybe(fc.integer({ min: 1, max: 5 })),
    total: money,
    qty: whole,
    score: maybe(fc.constantFrom(0, -0, 0.5, 1.5, -2.25, 1024, 3)),
    label: text,
    flag: maybe(fc.boolean()),
    day,
    seen: maybe(time),
    session: maybe(fc.constantFrom('s1', 's2', 'S1', '')),
    mail: text,
  })
  const item = fc.record({
    event_id: maybe(fc.integer({ min: 1, max: events + 3 }).map(String)),
    sku: text,
    price: money,
    amount: whole,
  })
  const visit = fc.record({
    event_id: maybe(fc.integer({ min: 1, max: events })),
    happened: fc.option(time, { nil: null, freq: 2 }),
    page: text,
    label: text,
    session: maybe(fc.constantFrom('s1', 's2', 'S1', '')),
  })
  // the last two customers have no events, or nothing but one person
  const owner = fc.option(fc.constantFrom(...ids.slice(0, -2)), { nil: null, freq: 10 })
  const personOwner = fc.constantFrom(...ids.slice(0, -1))
  return fc
    .record({
      people: fc.array(fc.tuple(personOwner, person), { minLength: customers * 2, maxLength: customers * 2 }),
      events: fc.array(fc.tuple(owner, event), { minLength: events, maxLength: events }),
      items: fc.array(item, { minLength: events, maxLength: events }),
      visits: fc.array(visit, { minLength: events / 2, maxLength: events / 2 }),
    })
    .map((found): World => {
      const identity = new Map<string, string>()
      const numbered = (source: string, owned: readonly (readonly [string | null, Record_])[]) =>
        owned.map(([customer, row], index) => {
          if (customer !== null) identity.set(`${source} ${index + 1}`, customer)
          return { id: index + 1, ...row }
        })
      const people = numbered('people', found.people)
      const events = numbered('events', found.events)
      people.push({ id: people.length + 1, ...NOBODY })
      identity.set(`people ${people.length}`, ids.at(-1) ?? '')
      return {
        asOf,
        timezone,
        customers: [...new Set(identity.values())],
        identity,
        rows: {
          people,
          events,
          items: found.items.map((row, index) => ({ id: `i|${index + 1}`, ...row })),
          visits: found.visits.map((row, index) => ({ id: `v${index + 1}`, ...row })),
          stores: [1, 2, 3, 4].map((id) => ({ id, town: TEXTS[id + 4] ?? null, size: id === 3 ? null : id })),
        },
      }
    })
}

const DAY = 86_400_000
const NOBODY: Record_ = {
  name: null,
  nickname: '',
  country: null,
  age: null,
  ads_ok: null,
  born: null,
  updated: null,
}

/** Mostly edges, so that equal times and exact bounds are common. */
function timeArbitrary(asOf: string, timezone: string): fc.Arbitrary<number> {
  const now = Date.parse(asOf)
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...edgeTimes(asOf, timezone)) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 72 }).map((hours) => now - hours * 3_600_000) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 400 }).map((days) => now - days * DAY) },
  )
}
