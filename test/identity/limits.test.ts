import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { EngineName } from '../support/engines.ts'
import { forEachEngine } from '../support/engines.ts'
import { ALONE, componentsOf, LimitedNodes, stitchWithin } from '../support/guard-oracle.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import type { OracleSource } from '../support/identity-oracle.ts'
import {
  AS_WRITTEN,
  LARGE,
  loadWorld,
  SMALL,
  TWICE,
  type World,
  world,
  worldOf,
  yamlOf,
} from '../support/limited-worlds.ts'
import { Random } from '../support/random.ts'

const RUNS: Readonly<Record<EngineName, number>> = { duckdb: 25, postgres: 10 }

function sourcesOf({ people, visits }: World): readonly OracleSource[] {
  const present = (values: readonly (string | null)[]) => values.filter((one) => one !== null)
  return [
    {
      name: 'people',
      isEvent: false,
      rows: people.map(({ key, user, other, mail, phone }) => ({
        key,
        ids: {
          user: [...new Set(present([user, other]))],
          mail: present([mail]),
          phone: present([phone]),
        },
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
  return again(lab, world, order, shuffled)
}

/** On what is published. */
async function again(
  lab: IdentityLab,
  world: World,
  order: readonly string[] = AS_WRITTEN,
  shuffled: <T>(rows: readonly T[]) => readonly T[] = (rows) => rows,
): Promise<Found> {
  await loadWorld(lab, world, shuffled)
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

/**
 * What must hold of any result, told without knowing how it was found. Nodes are records, and events with the same
 * identifiers; those that belong to nobody are each alone.
 */
function judge(world: World, found: Found): void {
  const { plain } = stitchWithin(sourcesOf(world), world.limits)
  const graph = new LimitedNodes(plain, world.limits)
  const entityOf = new Map<string, string>([...plain.nodes.keys()].map((node) => [node, node]))
  for (const group of found.partition)
    for (const record of group.split(' ')) entityOf.set(plain.records.get(record) ?? '', group)
  const entities = Map.groupBy(plain.nodes.keys(), (node) => entityOf.get(node) ?? '')
  const alone = new Set([...plain.nodes.keys()].filter((node) => graph.tooManyOf(node).length > 0))
  for (const members of entities.values())
    if (members.length > 1) assert.deepEqual(graph.broken(members), [], 'no entity is over a limit')
  for (const members of componentsOf(plain))
    if (graph.broken(members).length === 0)
      assert.equal(
        new Set(members.map((node) => entityOf.get(node))).size,
        1,
        'within limits all stay together',
      )
  const holders = new Map<string, string[]>()
  for (const node of plain.nodes.keys())
    if (!alone.has(node))
      for (const value of graph.trusted(node)) holders.set(value, [...(holders.get(value) ?? []), node])
  const refused = new Set(found.refused.filter((one) => !one.endsWith(ALONE)))
  const expectedRefused = new Set<string>()
  for (const [value, nodes] of holders) {
    const joined = new Set(nodes.map((node) => entityOf.get(node) ?? ''))
    if (joined.size === 1) continue
    const members = [...joined].flatMap((entity) => entities.get(entity) ?? [])
    const reasons = graph.broken(members)
    assert.ok(reasons.length > 0, `${value} could be let in`)
    for (const reason of reasons) expectedRefused.add(`${value} ${reason}`)
  }
  assert.deepEqual(
    [...refused].sort(),
    [...expectedRefused].sort(),
    'what links nothing is told, and nothing else',
  )
  const links = [...holders].filter(([value]) => ![...refused].some((one) => one.startsWith(`${value} `)))
  for (const members of entities.values())
    assert.ok(isConnected(members, links), 'an entity is joined by what was let in')
}

function isConnected(
  members: readonly string[],
  links: readonly (readonly [string, readonly string[]])[],
): boolean {
  const reached = new Set(members.slice(0, 1))
  // A set that grows while it is walked.
  for (const node of reached)
    for (const [, nodes] of links) if (nodes.includes(node)) for (const other of nodes) reached.add(other)
  return members.every((node) => reached.has(node))
}

forEachEngine((engine, open) => {
  test(`${engine}: no entity is over a limit, no more is refused than must be, and what is refused is told`, async (context) => {
    const lab = await openIdentityLab(await open(context), yamlOf(worldOf(SMALL), AS_WRITTEN))
    let largest = 0
    await fc.assert(
      fc.asyncProperty(world, async (one) => {
        const found = await built(lab, one, AS_WRITTEN, (rows) => rows)
        judge(one, found)
        assert.deepEqual(found, expected(one), 'as if values were tried one after the other')
        largest = Math.max(largest, found.refused.length)
      }),
      { numRuns: RUNS[engine], seed: 7, examples: [[TWICE]] },
    )
    assert.ok(largest >= 5, 'some worlds are over a limit in many places')
  })

  test(`${engine}: the result is the same for any order of rows and of sources`, async (context) => {
    const lab = await openIdentityLab(await open(context), yamlOf(worldOf(SMALL), AS_WRITTEN))
    for (let seed = 1; seed <= RUNS[engine] / 5; seed += 1) {
      const one = worldOf({ ...LARGE, seed })
      const random = new Random(seed)
      const found = await built(lab, one, AS_WRITTEN, (rows) => rows)
      assert.ok(found.refused.length > 0, 'something is refused')
      assert.deepEqual(
        await built(lab, one, [...AS_WRITTEN].reverse(), (rows) => random.shuffled(rows)),
        found,
      )
    }
  })

  test(`${engine}: a build on what another one left finds the same as a first one`, async (context) => {
    const lab = await openIdentityLab(await open(context), yamlOf(worldOf(SMALL), AS_WRITTEN))
    await lab.execute('drop schema if exists sluice cascade')
    for (let seed = 1; seed <= RUNS[engine] / 5; seed += 1) {
      const one = worldOf({ ...LARGE, seed: 100 })
      const other = worldOf({ ...LARGE, seed: 100 + seed })
      // Mostly the same rows, and the same rules: what a build of changes alone would meet.
      const next = { ...one, people: [...one.people.slice(seed), ...other.people.slice(0, seed)] }
      assert.deepEqual(await again(lab, one), expected(one), `seed ${seed}, before`)
      assert.deepEqual(await again(lab, next), expected(next), `seed ${seed}, after`)
    }
  })
})
