import type { TestContext } from 'node:test'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { allRows } from '../../support/model.ts'
import { inMemory } from '../openers.ts'
import { type Recorded, recorded } from '../scene/recorder.ts'
import { publishedState } from '../scene/state.ts'
import { NEIGHBOURS } from './neighbours.ts'
import { playConditions } from './play-conditions.ts'
import { playIdentifiers, playIdentity, playLimits, playLookAlikes, playProfiles } from './play-identity.ts'
import { playCommits, playLeases } from './play-ledger.ts'
import { playActs, playAudiences, playModes, playPlanEdges, playPlans } from './play-syncs.ts'
import type { Marks, Over, Point, ReadState } from './replay.ts'
import { type Moment, timelineOf } from './timeline.ts'

/** What a part of the tests says to DuckDB, and what it compares with an oracle or with the other engine. */
export interface Suite {
  readonly name: string
  readonly timeline: readonly Moment[]
  readonly marks: Marks
  readonly readState: ReadState
  readonly exact: RegExp
}

type Play = (context: TestContext, warehouse: Warehouse, over: Over) => Promise<void>

/** Plays these suites once, in the order in which bugs are looked for in them: the quick ones first. */
export async function recordedSuites(
  context: TestContext,
  wanted: readonly string[],
): Promise<readonly Suite[]> {
  const suites: Suite[] = []
  for (const recipe of SUITES.filter((suite) => wanted.includes(suite.name)))
    suites.push(await inMemory((warehouse) => recordedSuite(context, warehouse, recipe)))
  return suites
}

async function recordedSuite(
  context: TestContext,
  inner: Warehouse,
  { name, play, readState, exact }: Recipe,
): Promise<Suite> {
  const { warehouse, statements } = recorded(inner)
  const points: (readonly [count: number, point: Point])[] = []
  await play(context, warehouse, (point) => points.push([statements.length, point]))
  const played = statements.map(loadedAsData)
  const marks = new Map(
    points.map(([count, point]) => [timelineOf(played.slice(0, count)).length - 1, point] as const),
  )
  return { name, timeline: timelineOf(played), marks, readState, exact }
}

/** What a test loads is played again with the rest. */
function loadedAsData(statement: Recorded): Recorded {
  return statement.kind === 'execute' && statement.step === 'test'
    ? { ...statement, step: 'data' }
    : statement
}

interface Recipe {
  readonly name: string
  readonly play: Play
  readonly readState: ReadState
  readonly exact: RegExp
}

/** What commits write: all times in it are given, or by the clock that a timeline has. */
const COMMITTED = /^(?:snapshot_vips|snapshots|receipts|starts|acks|jobs|plans|late_rows)$/

const SUITES: readonly Recipe[] = [
  // The same conditions over other rows: what one world has no example of, another may.
  ...[13, 14, 15, 16].map((seed) =>
    comparing(
      'conditions',
      (_, warehouse, over) => playConditions(seed, warehouse, over),
      /^(?:segment_|customer$)/,
      /^(?:segment_|customer$)/,
    ),
  ),
  comparing('leases', playLeases, /^(?:leases|meta|published|builds)$/),
  comparing('commits', playCommits, COMMITTED, COMMITTED),
  comparing(
    'identity',
    playIdentity,
    /^(?:person|one)_(?:identity|merges|splits|refused|nodes|node_ids|node_rows|stitch)$/,
    /^(?:person|one)_(?:identity|merges|splits)$/,
  ),
  comparing('identifiers', playIdentifiers, /^person_(?:identity|refused)$/),
  comparing('limits', playLimits, /^person_(?:identity|refused)$/),
  comparing('look-alikes', playLookAlikes, /^person_(?:identity|refused|candidates)$/),
  comparing(
    'profiles',
    playProfiles,
    /^(?:person|person_field_rows|person_field_state|segment_\w+)$/,
    /^(?:person|person_field_state|segment_\w+)$/,
  ),
  comparing('plan-edges', playPlanEdges, /^(?:receipts|sync_runs|snapshot_\w+)$/),
  comparing('plans', playPlans, /^(?:receipts|sync_runs|snapshot_\w+)$/),
  comparing('audiences', playAudiences, /^(?:receipts|sync_runs|snapshot_\w+)$/),
  comparing('modes', playModes, /^(?:receipts|sync_runs|snapshot_\w+)$/),
  { name: 'scene', play: playActs, readState: publishedState, exact: /^$/ },
]

export const SUITE_NAMES: readonly string[] = [...new Set(SUITES.map(({ name }) => name))]

/** A suite that compares the rows of these tables. */
function comparing(name: string, play: Play, tables: RegExp, exact = /^$/): Recipe {
  return { name, play, readState: (warehouse) => tablesLike(warehouse, tables), exact }
}

async function tablesLike(
  warehouse: Warehouse,
  pattern: RegExp,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const names = await warehouse.read({
    step: 'list',
    sql: `select database_name as d, schema_name as s, table_name as t from duckdb_tables() where schema_name not like '${NEIGHBOURS}'`,
  })
  const state: Record<string, readonly string[]> = {}
  for (const { d, s, t } of names.filter(({ t }) => pattern.test(String(t)))) {
    const rows = await allRows(warehouse, `select * from "${d}"."${s}"."${t}"`)
    state[String(t)] = rows
      .map((row) =>
        JSON.stringify(
          Object.entries(row).filter(([column]) => !/hash/.test(column)),
          plain,
        ),
      )
      .sort()
  }
  return Object.fromEntries(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
