import fc from 'fast-check'
import type { OracleRule } from './candidate-oracle.ts'
import type { OracleLimits } from './guard-oracle.ts'
import type { IdentityLab } from './identity-lab.ts'
import { Random } from './random.ts'

/** A random world: records of two sources and events, some of whom are the same person under a misspelt name. */
export interface World {
  readonly people: readonly Row[]
  readonly staff: readonly Row[]
  readonly visits: readonly Row[]
  readonly limits: OracleLimits
  readonly rules: readonly OracleRule[]
}

export interface Row {
  readonly key: string
  readonly user: string | null
  readonly mail: string | null
  readonly second: string | null
  readonly name: string | null
  readonly zip: string | null
}

export interface Wish {
  readonly seed: number
  readonly people: number
  readonly users: number | undefined
  readonly size: number | undefined
  readonly blocks: number
  readonly maxBlock: number
  readonly links: readonly [boolean, boolean, boolean]
}

export const wishes: fc.Arbitrary<Wish> = fc.record({
  seed: fc.nat(),
  people: fc.nat({ max: 40 }),
  users: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  size: fc.option(fc.integer({ min: 2, max: 8 }), { nil: undefined }),
  blocks: fc.nat({ max: 3 }),
  maxBlock: fc.integer({ min: 2, max: 12 }),
  links: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
})

const NAMES = [
  'martha smith',
  'marhta smith',
  'marta smyth',
  'jürgen müller',
  'jurgen muller',
  'dixon',
  'dickson',
]

export function worldOf(wish: Wish): World {
  const random = new Random(wish.seed)
  const value = (letter: string, of: number, percent: number) =>
    random.chance(percent) ? `${letter}${random.below(of)}` : null
  const row = (key: string): Row => ({
    key,
    user: value('u', 30, 30),
    mail: value('mail', 60, 50),
    second: value('mail', 60, 20),
    name: random.chance(85) ? misspelt(random, random.pick(NAMES)) : null,
    zip: random.chance(90) ? random.pick(['1010', '1011', '2000']) : null,
  })
  const rows = (letter: string, count: number) =>
    Array.from({ length: count }, (_, index) => row(`${letter}${index}`))
  const people = rows('p', wish.people)
  const staff = rows('s', Math.floor(wish.people / 3))
  const visits = rows('v', Math.floor(wish.people / 3))
  const places = [...people.map(({ key }) => `people|${key}`), ...staff.map(({ key }) => `staff|${key}`)]
  const block = Array.from({ length: wish.blocks }, () => random.shuffled(places).slice(0, 3))
  const [first, second, third] = wish.links
  return {
    people,
    staff,
    visits,
    limits: {
      types: {
        user: { priority: 1, ...(wish.users !== undefined && { most: wish.users }) },
        mail: { priority: 2, maxRecords: 4 },
      },
      entitySize: wish.size,
      block: block.filter((list) => list.length > 1),
    },
    rules: [
      {
        name: 'same_name',
        compare: 'name',
        blockBy: ['zip'],
        similarity: { jaro_winkler: 0.93 },
        maxBlock: wish.maxBlock,
        link: first,
      },
      {
        name: 'typo',
        compare: 'name',
        blockBy: [['name', 1], 'zip'],
        similarity: { edit_distance: 2 },
        maxBlock: wish.maxBlock,
        link: second,
      },
      {
        name: 'mails',
        compare: 'mail',
        blockBy: [['mail', 5]],
        similarity: { edit_distance: 1 },
        maxBlock: wish.maxBlock + 4,
        link: third,
      },
    ],
  }
}

function misspelt(random: Random, name: string): string {
  if (random.chance(40)) return name
  const at = random.below(name.length)
  return `${name.slice(0, at)}${random.chance(50) ? '' : random.pick(['a', 'x', 'é'])}${name.slice(at + 1)}`
}

export function yamlOf(
  { limits, rules }: World,
  order: readonly string[] = ['people', 'staff', 'visits'],
): string {
  const from: Readonly<Record<string, string>> = {
    people:
      '{source: people, ids: {user: user_id, mail: {any: [mail, second]}}, facts: {name: name, zip: zip}}',
    staff: '{source: staff, ids: {mail: mail, user: user_id}, facts: {zip: {sql: "upper(zip)"}, name: name}}',
    visits: '{source: visits, ids: {user: user_id, mail: mail}}',
  }
  const { user, mail } = limits.types
  const most = user?.most === undefined ? '' : `, max_per_entity: ${user.most}`
  const lists = (limits.block ?? []).map((list) => `[${list.map((one) => one.replace('|', ':')).join(', ')}]`)
  return `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: staff, table: data.staff, primary_key: id}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at}
entities:
  - name: person
    identity:
      from: [${order.map((name) => from[name]).join(', ')}]
      identifiers: {user: {priority: 1${most}}, mail: {priority: 2, max_records: ${mail?.maxRecords}}}
      ${limits.entitySize === undefined ? '' : `max_entity_size: ${limits.entitySize}`}
      block: [${lists.join(', ')}]
      candidates: [${rules.map(ruleText).join(', ')}]
`
}

function ruleText({ name, compare, blockBy, similarity, maxBlock, link }: OracleRule): string {
  const keys = blockBy.map((key) =>
    typeof key === 'string' ? key : `{prefix: ${key[0]}, length: ${key[1]}}`,
  )
  const [[kind, threshold] = []] = Object.entries(similarity)
  return `{name: ${name}, compare: ${compare}, block_by: [${keys.join(', ')}], similarity: {${kind}: ${threshold}}, max_block: ${maxBlock}, link: ${link}}`
}

export async function loadWorld(
  lab: IdentityLab,
  world: World,
  shuffled: <T>(rows: readonly T[]) => readonly T[] = (rows) => rows,
): Promise<void> {
  const columns = ['id', 'user_id', 'mail', 'second', 'name', 'zip']
  const cells = ({ key, user, mail, second, name, zip }: Row) => [key, user, mail, second, name, zip]
  await lab.load('people', columns, shuffled(world.people).map(cells))
  await lab.load('staff', columns, shuffled(world.staff).map(cells))
  await lab.load(
    'visits',
    [...columns, 'seen_at'],
    shuffled(world.visits).map((row) => [...cells(row), '2025-01-01']),
  )
}

export const LARGE: Wish = {
  seed: 1,
  people: 60,
  users: 1,
  size: 12,
  blocks: 2,
  maxBlock: 30,
  links: [true, false, true],
}

const alone = (key: string, of: Partial<Row>): Row => ({
  ...{ key, user: null, mail: null, second: null, name: null, zip: null },
  ...of,
})

/** What chance does not meet: blanks, pairs of several scores and blocks, and scores that are just enough. */
export const EDGES: World = {
  people: [
    alone('blank1', { mail: ' ' }),
    alone('blank2', { mail: ' ' }),
    alone('lead1', { mail: ' lead1' }),
    alone('lead2', { mail: ' lead2' }),
    alone('best1', { mail: 'annabel1', second: 'annabell2', zip: '1010' }),
    alone('best2', { mail: 'annabel3', zip: '1010' }),
    // Of the first of the two blocks that they have in common there is another one.
    alone('few1', { mail: 'aaaaa1', second: 'bbbbb1' }),
    alone('few2', { mail: 'aaaaa2', second: 'bbbbb2' }),
    alone('few3', { mail: 'aaaaa999999' }),
    alone('same1', { name: 'dixon', zip: '2000' }),
    alone('same2', { name: 'dixon', zip: '2000' }),
    alone('like', { name: 'dickson', zip: '2000' }),
  ],
  staff: [],
  visits: [],
  limits: { types: { user: { priority: 1 }, mail: { priority: 2, maxRecords: 4 } }, entitySize: undefined },
  rules: [
    {
      name: 'equal',
      compare: 'name',
      blockBy: ['zip'],
      similarity: { jaro_winkler: 1 },
      maxBlock: 12,
      link: false,
    },
    {
      name: 'best',
      compare: 'mail',
      blockBy: ['zip'],
      similarity: { jaro_winkler: 0.9 },
      maxBlock: 12,
      link: false,
    },
    {
      name: 'mails',
      compare: 'mail',
      blockBy: [['mail', 5]],
      similarity: { edit_distance: 1 },
      maxBlock: 12,
      link: false,
    },
  ],
}
