import fc from 'fast-check'
import type { OracleLimits } from './guard-oracle.ts'
import type { IdentityLab } from './identity-lab.ts'
import { Random } from './random.ts'

/** A random world: two sources of records, one of events, and limits of each kind. */
export interface World {
  readonly people: readonly Row[]
  readonly visits: readonly Row[]
  readonly limits: OracleLimits
}

/** Values by column; null is absent. */
export interface Row {
  readonly key: string
  readonly user: string | null
  readonly other: string | null
  readonly mail: string | null
  readonly phone: string | null
}

export const world: fc.Arbitrary<World> = fc
  .record({
    seed: fc.nat(),
    people: fc.nat({ max: 40 }),
    visits: fc.nat({ max: 25 }),
    values: fc.integer({ min: 2, max: 40 }),
    users: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    mails: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    size: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    blocks: fc.nat({ max: 4 }),
    priority: fc.boolean(),
    maxRecords: fc.constantFrom(3, 5, 1000),
  })
  .map((of) => worldOf(of))

export interface Wish {
  readonly seed: number
  readonly people: number
  readonly visits: number
  readonly values: number
  readonly users: number | undefined
  readonly mails: number | undefined
  readonly size: number | undefined
  readonly blocks: number
  readonly priority: boolean
  readonly maxRecords: number
}

export function worldOf(wish: Wish): World {
  const random = new Random(wish.seed)
  const value = (letter: string, percent: number) => {
    const number = random.chance(percent) ? random.below(wish.values) : undefined
    // A blank before it is part of a value that has no normaliser.
    return number === undefined ? null : `${number % 7 === 3 ? ' ' : ''}${letter}${number}`
  }
  const row = (key: string): Row => ({
    key,
    user: value('u', 40),
    other: value('u', 10),
    mail: value('m', 60),
    phone: value('p', 50),
  })
  const people = Array.from({ length: wish.people }, (_, index) => row(`p${index}`))
  const visits = Array.from({ length: wish.visits }, (_, index) => row(`v${index}`))
  const keys = [
    ...people.map(({ key }) => `people|${key}`),
    ...visits.map(({ key }) => `visits|${key}`),
    'people|nobody',
  ]
  const block = Array.from({ length: wish.blocks }, () =>
    random.shuffled(keys).slice(0, 2 + random.below(2)),
  ).filter((list) => list.length > 1)
  return {
    people,
    visits,
    limits: {
      types: {
        user: {
          ...(wish.users !== undefined && { most: wish.users }),
          maxRecords: wish.maxRecords,
          priority: wish.priority ? 2 : undefined,
        },
        mail: {
          ...(wish.mails !== undefined && { most: wish.mails }),
          maxRecords: wish.maxRecords,
          priority: wish.priority ? 1 : undefined,
        },
        phone: { maxRecords: wish.maxRecords },
      },
      entitySize: wish.size,
      block,
    },
  }
}

export function yamlOf({ limits }: World, order: readonly string[]): string {
  const rules = Object.entries(limits.types).map(([type, { most, priority, maxRecords }]) => {
    const parts = [
      `max_records: ${maxRecords}`,
      ...(most === undefined ? [] : [`max_per_entity: ${most}`]),
      ...(priority === undefined ? [] : [`priority: ${priority}`]),
    ]
    return `${type}: {${parts.join(', ')}}`
  })
  const lists = (limits.block ?? []).map((list) => `[${list.map((one) => one.replace('|', ':')).join(', ')}]`)
  const from: Readonly<Record<string, string>> = {
    people: '{source: people, ids: {user: {any: [user_id, other]}, mail: mail, phone: phone}}',
    visits: '{source: visits, ids: {phone: phone, mail: mail, user: user_id}}',
  }
  return `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at}
entities:
  - name: person
    identity:
      from: [${order.map((name) => from[name]).join(', ')}]
      identifiers: {${rules.join(', ')}}
      ${limits.entitySize === undefined ? '' : `max_entity_size: ${limits.entitySize}`}
      block: [${lists.join(', ')}]
`
}

export async function loadWorld(
  lab: IdentityLab,
  world: World,
  shuffled: <T>(rows: readonly T[]) => readonly T[] = (rows) => rows,
): Promise<void> {
  await lab.load(
    'people',
    ['id', 'user_id', 'other', 'mail', 'phone'],
    // A blank text is no value.
    shuffled(world.people).map(({ key, user, other, mail, phone }) => [
      key,
      user,
      other,
      mail,
      phone ?? '  ',
    ]),
  )
  await lab.load(
    'visits',
    ['id', 'user_id', 'mail', 'phone', 'seen_at'],
    shuffled(world.visits).map(({ key, user, mail, phone }) => [key, user, mail, phone, '2025-01-01']),
  )
}

export const AS_WRITTEN = ['people', 'visits']

export const SMALL: Wish = {
  seed: 1,
  people: 0,
  visits: 0,
  values: 2,
  users: 1,
  mails: undefined,
  size: undefined,
  blocks: 0,
  priority: false,
  maxRecords: 1000,
}

/** Where a record may hold more values than an entity may. */
export const NARROW: Wish = {
  ...SMALL,
  people: 50,
  visits: 20,
  values: 12,
  mails: 1,
  blocks: 3,
  priority: true,
  maxRecords: 5,
}

export const LARGE: Wish = {
  ...SMALL,
  people: 60,
  visits: 20,
  values: 40,
  mails: 2,
  size: 9,
  blocks: 2,
  priority: true,
}

/** A record that holds the one value that it may hold in two columns. */
export const TWICE: World = {
  people: [
    { key: 'p0', user: 'u1', other: 'u1', mail: null, phone: null },
    { key: 'p1', user: 'u1', other: null, mail: 'm1', phone: null },
    { key: 'p2', user: 'u2', other: null, mail: 'm1', phone: null },
  ],
  visits: [],
  limits: { types: { user: { most: 1, maxRecords: 5 }, mail: { maxRecords: 5 }, phone: { maxRecords: 5 } } },
}
