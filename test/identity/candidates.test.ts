import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SluiceError } from '../../src/base/errors.ts'
import { scratchBuild } from '../../src/build/scratch-build.ts'
import {
  EDGES,
  LARGE,
  loadWorld,
  type Row,
  type Wish,
  type World,
  wishes,
  worldOf,
  yamlOf,
} from '../support/alike-worlds.ts'
import { type ComparedRecord, candidatesOf, type FoundCandidates } from '../support/candidate-oracle.ts'
import { openEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import type { OracleSource } from '../support/identity-oracle.ts'
import { Random } from '../support/random.ts'

function expected(world: World): FoundCandidates {
  const present = (...values: readonly (string | null)[]) =>
    values.filter((one) => one !== null && one.trim() !== '') as readonly string[]
  const source = (name: string, rows: readonly Row[]): OracleSource => ({
    name,
    isEvent: name === 'visits',
    rows: rows.map(({ key, user, mail, second }) => ({
      key,
      ids: {
        user: present(user),
        mail: [...new Set(name === 'people' ? present(mail, second) : present(mail))].sort(),
      },
    })),
  })
  const compared = (name: string, rows: readonly Row[]): readonly ComparedRecord[] =>
    rows.map((row) => ({
      source: name,
      key: row.key,
      values: {
        name: present(row.name),
        zip: present(row.zip),
        mail: name === 'people' ? [...new Set(present(row.mail, row.second))] : present(row.mail),
      },
    }))
  return candidatesOf(
    [source('people', world.people), source('staff', world.staff), source('visits', world.visits)],
    world.limits,
    [...compared('people', world.people), ...compared('staff', world.staff)],
    world.rules,
  )
}

interface Found {
  readonly partition: readonly string[]
  readonly candidates: readonly string[]
  readonly skipped: readonly string[]
}

function asFound({ entities, candidates, skipped }: FoundCandidates): Found {
  return { partition: partition([...entities]), candidates, skipped }
}

async function found(lab: IdentityLab): Promise<Found> {
  const rows = await lab.rows('select source, record_id, person_id from sluice.person_identity')
  const candidates = await lab.rows('select * from sluice.person_candidates')
  const skipped = await lab.rows(
    "select identifier, value, records from sluice.person_refused where reason = 'max_block'",
  )
  const nameless = await lab.rows('select * from sluice.person_refused where identifier is null')
  assert.equal(nameless.length, 0, 'pairs are no identifiers, and are not told as such')
  const idOf = new Map(rows.map((row) => [`${row.source}:${row.record_id}`, row.person_id]))
  for (const row of candidates) {
    assert.equal(row.person_id_a, idOf.get(`${row.source_a}:${row.record_id_a}`))
    assert.equal(row.person_id_b, idOf.get(`${row.source_b}:${row.record_id_b}`))
    assert.equal(row.linked, row.person_id_a === row.person_id_b)
  }
  return {
    partition: partition(rows.map((row) => [`${row.source}|${row.record_id}`, String(row.person_id)])),
    candidates: candidates
      .map(
        (row) =>
          `${row.rule} ${row.source_a}:${row.record_id_a} ${row.source_b}:${row.record_id_b} ${Number(row.score).toFixed(6)}${row.linked ? ' linked' : ''}`,
      )
      .sort(),
    skipped: skipped.map((row) => `${row.identifier} ${row.value} ${row.records}`).sort(),
  }
}

async function built(lab: IdentityLab, world: World, order?: readonly string[]): Promise<Found> {
  await lab.execute('drop schema if exists sluice cascade')
  await lab.build({ yaml: yamlOf(world, order) })
  return found(lab)
}

function partition(pairs: readonly (readonly [record: string, group: string])[]): readonly string[] {
  return [...Map.groupBy(pairs, ([, group]) => group).values()]
    .map((all) =>
      all
        .map(([record]) => record)
        .sort()
        .join(' '),
    )
    .sort()
}

test('what looks alike, what is linked and what is skipped is what comparing every two records finds', async (context) => {
  const lab = await openIdentityLab(await openEngine('duckdb', context), yamlOf(worldOf(LARGE)))
  const seen = { waiting: 0, linked: 0, skipped: 0 }
  await fc.assert(
    fc.asyncProperty(wishes, async (wish) => {
      const world = worldOf(wish)
      await loadWorld(lab, world)
      const one = await built(lab, world)
      assert.deepEqual(one, asFound(expected(world)))
      const linked = one.candidates.filter((text) => text.endsWith(' linked')).length
      seen.linked += linked
      seen.waiting += one.candidates.length - linked
      seen.skipped += one.skipped.length
    }),
    { numRuns: 40, seed: 11 },
  )
  assert.ok(Math.min(seen.waiting, seen.linked, seen.skipped) > 50, JSON.stringify(seen))
})

test('scores that are just enough, and pairs of several scores and blocks, are found as well', async (context) => {
  const lab = await openIdentityLab(await openEngine('duckdb', context), yamlOf(EDGES))
  await loadWorld(lab, EDGES)
  const found = await built(lab, EDGES)
  assert.deepEqual(found, asFound(expected(EDGES)))
  assert.equal(found.candidates.length, 5)
  const blocks = await lab.rows(
    "select block_records from sluice.person_candidates where record_id_a = 'few1'",
  )
  assert.deepEqual(blocks.flatMap(Object.values).map(Number), [2], 'of the smallest block of both')
})

test('the order of rows and of sources makes no difference', async (context) => {
  const lab = await openIdentityLab(await openEngine('duckdb', context), yamlOf(worldOf(LARGE)))
  for (let seed = 1; seed <= 4; seed += 1) {
    const world = worldOf({ ...LARGE, seed })
    const random = new Random(seed)
    await loadWorld(lab, world)
    const one = await built(lab, world)
    await loadWorld(lab, world, (rows) => random.shuffled(rows))
    assert.deepEqual(await built(lab, world, ['visits', 'staff', 'people']), one)
  }
})

test('rules that do not link leave every id as it is, also where builds stitch only what has changed', async (context) => {
  const wish: Wish = {
    ...LARGE,
    users: undefined,
    size: undefined,
    blocks: 0,
    maxBlock: 11,
    links: [false, false, false],
  }
  const lab = await openIdentityLab(await openEngine('duckdb', context), yamlOf(worldOf(wish)))
  for (let seed = 1; seed <= 3; seed += 1) {
    const world = worldOf({ ...wish, seed })
    const other = worldOf({ ...wish, seed: seed + 100 })
    const plain = { ...world, rules: [] }
    await loadWorld(lab, world)
    assert.deepEqual(await built(lab, world), asFound(expected(world)))
    assert.deepEqual((await found(lab)).partition, asFound(expected(plain)).partition)
    const next = {
      ...world,
      people: [
        ...world.people.slice(4),
        ...other.people.slice(0, 4).map((row) => ({ ...row, key: `n${row.key}` })),
      ],
    }
    await loadWorld(lab, next)
    const { nodes } = await lab.build({ yaml: yamlOf(next) })
    assert.deepEqual([nodes[0]?.stitch?.mode, nodes[0]?.stitch?.why], ['incremental', undefined])
    assert.notDeepEqual(asFound(expected(next)).skipped, asFound(expected(world)).skipped)
    assert.deepEqual(await found(lab), asFound(expected(next)))
    const again = await lab.build({ yaml: yamlOf(next) })
    assert.equal(again.nodes[0]?.stitch?.mode, 'incremental')
    assert.deepEqual(await found(lab), asFound(expected(next)), 'nothing came')
  }
})

test('what is built to be looked at, and not published, leaves the table as it is', async (context) => {
  const wish: Wish = { ...LARGE, users: undefined, size: undefined, blocks: 0 }
  for (const links of [
    [false, false, false],
    [true, true, true],
  ] as const) {
    const world = worldOf({ ...wish, links })
    const lab = await openIdentityLab(await openEngine('duckdb', context), yamlOf(world))
    await loadWorld(lab, world)
    const before = await built(lab, world)
    await loadWorld(lab, { ...world, people: world.people.slice(5) })
    const run = await lab.run()
    const { tables, drop } = await scratchBuild(run, ['identity:person'])
    const scratch = await lab.rows(`select * from ${tables.output('person_identity').name}`)
    assert.ok(
      scratch.length > 0 && scratch.length < world.people.length + world.staff.length + world.visits.length,
    )
    await drop()
    assert.deepEqual(await found(lab), before)
    const left = await lab.rows(
      "select table_name from information_schema.tables where table_name like 'sl_%'",
    )
    assert.deepEqual(left, [])
  }
})

test('a fact whose column is not there is told with its place', async (context) => {
  const world = worldOf(LARGE)
  const lab = await openIdentityLab(await openEngine('duckdb', context), yamlOf(world))
  await loadWorld(lab, world)
  await lab.execute('alter table data.people drop column zip')
  await assert.rejects(lab.build(), (error: SluiceError) => {
    assert.match(error.message, /column of source "people", found "zip"/)
    assert.ok(error.at !== undefined)
    return true
  })
})

test('an entity whose look-alikes are linked is stitched in full, and a link that goes gives its record back', async (context) => {
  const plain = `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: {mail: mail}, facts: {name: name, zip: zip}}]
`
  const yaml = `${plain}
      candidates: [{name: names, compare: name, block_by: [zip], similarity: {jaro_winkler: 0.9}, link: true}]
`
  const lab = await openIdentityLab(await openEngine('duckdb', context), yaml)
  const people = (second: string) =>
    lab.load(
      'people',
      ['id', 'mail', 'name', 'zip'],
      [
        ['1', 'a', 'Martha Smith', '1010'],
        ['2', 'b', second, '1010'],
        ['3', 'b', null, null],
      ],
    )
  const groups = async () => (await found(lab)).partition
  await people('  MARHTA smith ')
  await lab.build()
  assert.deepEqual(await groups(), ['people|1 people|2 people|3'])
  await people('Someone Else')
  const { nodes } = await lab.build()
  assert.equal(nodes[0]?.stitch?.why, 'records that look alike are linked')
  assert.deepEqual(await groups(), ['people|1', 'people|2 people|3'])
  assert.equal((await lab.rows('select * from sluice.person_splits')).length, 1)
  assert.equal((await lab.rows('select * from sluice.person_candidates')).length, 0)
  await lab.build({ yaml: plain })
  assert.deepEqual(
    await lab.rows("select table_name from information_schema.tables where table_name like 'person_cand%'"),
    [],
    'without rules there is no table of what they found',
  )
})

test('PostgreSQL has no similarity of its own: the rule is refused with its place', async (context) => {
  const world = worldOf(LARGE)
  const lab = await openIdentityLab(await openEngine('postgres', context), yamlOf(world))
  await loadWorld(lab, world)
  await assert.rejects(lab.build(), {
    code: 'SLU4203',
    message: /expected a similarity that postgres has \(none\), found "jaro_winkler"/,
  })
})
