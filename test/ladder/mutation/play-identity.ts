import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import * as alike from '../../support/alike-worlds.ts'
import { CASES, PHONES, people, phoneRows, phonesOf } from '../../support/identifier-cases.ts'
import { changedData, loadData, PEOPLE_YAML, type PeopleData } from '../../support/identity-batches.ts'
import { EDGES, loadEdges } from '../../support/identity-edges.ts'
import { type IdentityLab, openIdentityLab } from '../../support/identity-lab.ts'
import * as limited from '../../support/limited-worlds.ts'
import {
  changedProfiles,
  loadProfiles,
  NOTHING,
  type ProfileData,
  TRAITS_YAML,
} from '../../support/profile-batches.ts'
import { Random } from '../../support/random.ts'
import { neighbours } from './neighbours.ts'
import type { Over } from './replay.ts'

/** As test/identity/incremental.test.ts compares it with full stitches. */
export async function playIdentity(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  await neighbours(warehouse, ['person_stitch', 'person_nodes'])
  const lab = await openIdentityLab(warehouse, PEOPLE_YAML)
  for (const batch of EDGES) {
    await loadEdges(lab, batch)
    await lab.build({ asOf: batch.asOf })
    over('delivery')
  }
  // Values that few records hold, and values around the most that may.
  for (const { seed, first, later } of [
    { seed: 5, first: 60, later: 9 },
    { seed: 8, first: 190, later: 24 },
  ]) {
    await lab.execute('drop schema if exists sluice cascade')
    const random = new Random(seed)
    const changes = { next: 0, gone: [] }
    let data: PeopleData = { contacts: [], accounts: [], visits: [] }
    for (let batch = 0; batch < 7; batch += 1) {
      data = changedData(random, data, changes, batch === 0 ? first : later)
      await loadData(lab, data)
      await lab.build()
      over('delivery')
    }
    // All that came of it, by the steps of a first build.
    await lab.build({ fullRefresh: true })
    over('delivery')
  }
  await playOneType(warehouse, over)
}

/** Of one type alone, whose limit is written otherwise: values on its edge, and over it, before and after. */
async function playOneType(warehouse: Warehouse, over: Over): Promise<void> {
  const yaml = people(['a'], '{mail: a}', '{mail: {max_records: 2}}').replaceAll('person', 'one')
  const lab = await openIdentityLab(warehouse, yaml)
  const holders = (...counts: readonly number[]) =>
    counts.flatMap((count, value) =>
      Array.from({ length: count }, (_, at) => [`${value}-${at}`, `v${value}`]),
    )
  for (const counts of [
    [1, 2, 3, 4, 2, 3, 1, 2],
    [2, 3, 2, 3, 1, 4, 1, 2],
    [3, 2, 3, 2, 2, 3, 1, 2],
  ]) {
    await lab.load('people', ['id', 'a'], holders(...counts))
    await lab.build()
    over('delivery')
  }
}

/** As test/identity/limits.test.ts compares it with values that are tried one after the other. */
export async function playLimits(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const worlds = [
    ...fc.sample(limited.world, { seed: 7, numRuns: 14 }),
    ...[1, 2].map((seed) => limited.worldOf({ ...limited.NARROW, seed })),
    limited.worldOf({ ...limited.NARROW, seed: 3, users: 2 }),
    limited.worldOf({ ...limited.NARROW, seed: 4, maxRecords: 1 }),
    limited.TWICE,
  ]
  await eachAnew(
    warehouse,
    limited.yamlOf(limited.worldOf(limited.SMALL), limited.AS_WRITTEN),
    over,
    async (lab, at) => {
      const world = worlds[at]
      if (world === undefined) return undefined
      await limited.loadWorld(lab, world)
      return limited.yamlOf(world, limited.AS_WRITTEN)
    },
  )
}

/** As test/identity/candidates.test.ts compares it with every two records. */
export async function playLookAlikes(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const wishes = [...fc.sample(alike.wishes, { seed: 11, numRuns: 8 }), { ...alike.LARGE, people: 40 }]
  const worlds = [...wishes.map((wish) => alike.worldOf(wish)), alike.EDGES]
  await eachAnew(warehouse, alike.yamlOf(alike.worldOf(alike.LARGE)), over, async (lab, at) => {
    const world = worlds[at]
    if (world === undefined) return undefined
    await alike.loadWorld(lab, world)
    return alike.yamlOf(world)
  })
}

/** As test/build/changed-profiles.test.ts compares it with whole ones. */
export async function playProfiles(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  await neighbours(warehouse, ['person_field_state', 'person_field_rows'])
  const lab = await openIdentityLab(warehouse, TRAITS_YAML)
  const random = new Random(104_729)
  let data: ProfileData = NOTHING
  for (let run = 1; run <= 6; run += 1) {
    data = changedProfiles(random, data, run === 1 ? 40 : 12)
    await loadProfiles(lab, data)
    const asOf = `2026-01-01T00:00:${String(Math.min(run * 10, 59)).padStart(2, '0')}.000Z`
    await lab.build({ asOf, nodes: NODES })
    over('delivery')
  }
  // All that came of it, as a first build makes it.
  await lab.build({ asOf: '2026-01-01T00:00:30.000Z', nodes: NODES, fullRefresh: true })
  over('delivery')
  // Others belong to visits: no key may be missing, nor stand twice.
  const visit = (key: string | null) => [key, null, null, null, '2026-01-01 00:00:00']
  const visits = [
    null,
    null,
    'once',
    ...['thrice', 'abc', 'ab', 'zzz', 'thrice', 'abc', 'ab', 'zzz', 'thrice'],
  ].map(visit)
  await loadProfiles(lab, { ...data, visits })
  await assert.rejects(lab.build({ nodes: NODES }), { code: 'SLU4102' })
  over('delivery')
}

const NODES = ['entity:person', 'segment:grown', 'segment:visitors']

/** As test/identity/identifiers.test.ts says what values have in common. */
export async function playIdentifiers(_: TestContext, warehouse: Warehouse, over: Over): Promise<void> {
  const countries = [...new Set(PHONES.map(([, country]) => country))]
  const projects = [
    // What the user wrote as SQL is no line of the generator.
    ...CASES.filter(({ ids }) => !ids.includes('sql:')).map(({ columns, ids, identifiers, rows }) => ({
      yaml: people(columns, ids, identifiers),
      columns,
      rows,
    })),
    ...countries.map((country) => ({
      yaml: phonesOf(country),
      columns: ['a', 'b'],
      rows: phoneRows(country),
    })),
  ]
  await eachAnew(warehouse, phonesOf(undefined), over, async (lab, at) => {
    const project = projects[at]
    if (project !== undefined) await lab.load('people', ['id', ...project.columns], project.rows)
    return project?.yaml
  })
}

/** A first build of one world after the other. */
async function eachAnew(
  warehouse: Warehouse,
  yaml: string,
  over: Over,
  next: (lab: IdentityLab, at: number) => Promise<string | undefined>,
): Promise<void> {
  const lab = await openIdentityLab(warehouse, yaml)
  for (let at = 0; ; at += 1) {
    const project = await next(lab, at)
    if (project === undefined) return
    await lab.execute('drop schema if exists sluice cascade')
    await lab.build({ yaml: project })
    over('delivery')
  }
}
