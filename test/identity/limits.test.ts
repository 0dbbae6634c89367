import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DialectName } from '../../src/dialect/dialect.ts'
import { forEachEngine } from '../support/engines.ts'
import { type OracleLimits, stitchWithin } from '../support/guard-oracle.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import type { OracleSource } from '../support/identity-oracle.ts'
import { Random } from '../support/random.ts'

/** A random world: two sources of records, one of events, and limits of each kind. */
interface World {
  readonly people: readonly Row[]
  readonly visits: readonly Row[]
  readonly limits: OracleLimits
}

/** Values by column; null is absent. */
interface Row {
  readonly key: string
  readonly user: string | null
  readonly other: string | null
  readonly mail: string | null
  readonly phone: string | null
}

const RUNS: Readonly<Record<DialectName, number>> = { duckdb: 25, postgres: 10 }

const world: fc.Arbitrary<World> = fc
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

interface Wish {
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

function worldOf(wish: Wish): World {
  const random = new Random(wish.seed)
  const value = (letter: string, percent: number) =>
    random.chance(percent) ? `${letter}${random.below(wish.values)}` : null
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

function yamlOf({ limits }: World, order: readonly string[]): string {
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

function sourcesOf({ people, visits }: World): readonly OracleSource[] {
  const present = (values: readonly (string | null)[]) => values.filter((one) => one !== null)
  return [
    {
      name: 'people',
      isEvent: false,
      rows: people.map(({ key, user, other, mail, phone }) => ({
        key,
        ids: { user: present([user, other]), mail: present([mail]), phone: present([phone]) },
      })),
    },
    {
      name: 'visits',
      isEvent: true,
      rows: visits.map(({ key, user, mail, phone }) => ({
        key,
        ids: { user: present([user]), mail: present([mail]), phone: present([phone]) },
      })),
    },
  ]
}

interface Found {
  /** Groups of `source|record_id`, in order. */
  readonly partition: readonly string[]
  /** `type=value reason`, in order. */
  readonly refused: readonly string[]
}

async function built(
  lab: IdentityLab,
  world: World,
  order: readonly string[],
  shuffled: <T>(rows: readonly T[]) => readonly T[],
): Promise<Found> {
  await lab.execute('drop schema if exists sluice cascade')
  await lab.load(
    'people',
    ['id', 'user_id', 'other', 'mail', 'phone'],
    shuffled(world.people).map(({ key, user, other, mail, phone }) => [key, user, other, mail, phone]),
  )
  await lab.load(
    'visits',
    ['id', 'user_id', 'mail', 'phone', 'seen_at'],
    shuffled(world.visits).map(({ key, user, mail, phone }) => [key, user, mail, phone, '2025-01-01']),
  )
  await lab.build({ yaml: yamlOf(world, order) })
  const rows = await lab.rows('select source, record_id, person_id from sluice.person_identity')
  const refused = await lab.rows(
    "select identifier, value, reason from sluice.person_refused where reason <> 'max_records'",
  )
  return {
    partition: partition(rows.map((row) => [`${row.source}|${row.record_id}`, String(row.person_id)])),
    refused: refused.map((row) => `${row.identifier}=${row.value} ${row.reason}`).sort(),
  }
}

function partition(pairs: readonly (readonly [record: string, group: string])[]): readonly string[] {
  const members = Map.groupBy(pairs, ([, group]) => group)
  return [...members.values()]
    .map((all) =>
      all
        .map(([record]) => record)
        .sort()
        .join(' '),
    )
    .sort()
}

function expected(world: World): Found {
  const { records, entities, refused } = stitchWithin(sourcesOf(world), world.limits)
  return {
    partition: partition([...records].map(([record, node]) => [record, entities.get(node) ?? ''])),
    refused,
  }
}

const AS_WRITTEN = ['people', 'visits']

forEachEngine((engine, open) => {
  test(`${engine}: identifiers join or are refused as if they were tried one after the other`, async (context) => {
    const lab = await openIdentityLab(await open(context), yamlOf(worldOf(SMALL), AS_WRITTEN))
    await fc.assert(
      fc.asyncProperty(world, async (one) => {
        assert.deepEqual(await built(lab, one, AS_WRITTEN, (rows) => rows), expected(one))
      }),
      { numRuns: RUNS[engine], seed: 7 },
    )
  })
})

const SMALL: Wish = {
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
