import { CONNECTORS } from '../../connectors/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { randomIds } from '../../src/base/ids.ts'
import { instantOf } from '../../src/base/instant.ts'
import { silent } from '../../src/base/progress.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import { loadTemplates } from '../../src/template/load.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'

/** The one sync of this bench. */
export const SYNC = 'people_to_hook'

/** As large a request as the goals speak of. */
export const BATCH_ROWS = 1000

/** The model: twelve columns of every type, each mapped as it is. */
const COLUMNS: readonly (readonly [name: string, value: string])[] = [
  ['id', "'p' || lpad(cast(i as varchar(9)), 9, '0')"],
  ['email', "'person.' || i || '@example.com'"],
  ['first_name', "'First' || (i * 7 % 1000)"],
  ['last_name', "'Last' || (i * 13 % 5000)"],
  ['city', "'City ' || (i * 11 % 300)"],
  ['country', "'C' || (i % 40)"],
  ['orders', 'cast(i % 50 as integer)'],
  ['lifetime_value', 'cast((i * 31 % 100000) / 100.0 as decimal(12,2))'],
  ['score', 'cast(i * 17 % 1000 as float8) / 7'],
  ['active', 'i % 3 = 0'],
  ['last_seen_at', "timestamp '2025-01-01 00:00:00' + i * interval '1 second'"],
  ['joined_on', "date '2020-01-01' + cast(i % 1000 as integer)"],
]

/** `data.people` with so many rows. */
export async function loadPeople(warehouse: Warehouse, rows: number): Promise<void> {
  const numbers = warehouse.dialect.name === 'duckdb' ? 'range' : 'generate_series'
  const last = warehouse.dialect.name === 'duckdb' ? rows : rows - 1
  const columns = COLUMNS.map(([name, value]) => `${value} as ${name}`)
  const start = warehouse.dialect.name === 'duckdb' ? '0' : 'cast(0 as bigint)'
  for (const sql of [
    'create schema data',
    `create table data.people as select ${columns.join(', ')} from ${numbers}(${start}, ${last}) as t(i)`,
    warehouse.dialect.name === 'duckdb' ? 'checkpoint' : 'vacuum analyze data.people',
  ])
    await warehouse.execute({ step: 'bench.load', sql })
}

/** One row in a thousand gets another city. */
export async function changePeople(warehouse: Warehouse): Promise<void> {
  const changed = 'cast(right(id, 9) as integer) % 1000 = 7'
  await warehouse.execute({
    step: 'bench.change',
    sql: `update data.people set city = city || '!' where ${changed}`,
  })
}

/** Reads the whole model: `plain` compares every value, `touch` only looks at each. */
export function scanSql(kind: 'plain' | 'touch'): string {
  const values = COLUMNS.map(([name], place) => {
    if (name === 'active') return `bool_or(${name})`
    if (kind === 'touch' && place < 6) return `sum(length(${name}))`
    return `max(${name})`
  })
  return `select ${values.map((value, place) => `${value} as v_${place}`).join(', ')} from data.people`
}

/** A project with that sync; its destination is at `url`. */
export function graphOf(type: string, url: string): Graph {
  const settings = type === 'duckdb' ? 'path: x.duckdb' : 'host: localhost, user: x, database: x'
  const map = COLUMNS.slice(1).map(([name]) => `${name}: ${name}`)
  const yaml = `version: 1
name: bench
default_target: dev
targets: {dev: {type: ${type}, ${settings}}}
sources:
  - {name: people, table: data.people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", batch_size: ${BATCH_ROWS}, allow_private_network: true}}
syncs:
  - {name: ${SYNC}, source: people, to: hook.rows, match: {id: id}, map: {${map.join(', ')}}}
`
  const parsed = parseProject('/nowhere', [{ path: 'sluice.yml', text: yaml }])
  const manifests = new Map([...CONNECTORS].map(([name, { manifest }]) => [name, manifest]))
  const built = parsed.project && buildGraph(parsed.project, manifests)
  if (built?.graph === undefined)
    throw new Error(
      `expected a project, found ${[...parsed.errors, ...(built?.errors ?? [])].map(({ message }) => message).join('; ')}`,
    )
  return built.graph
}

/** One run as the command line would make it. */
export async function runOf(warehouse: Warehouse, graph: Graph): Promise<RunContext> {
  const target = graph.project.targets.get('dev')
  if (target === undefined) throw new Error('expected the target dev, found none')
  const templates = await loadTemplates(warehouse.dialect, '/nowhere')
  const ledger = openLedger({
    warehouse,
    templates,
    stateSchema: target.stateSchema,
    project: graph.project.name,
    target: target.name,
    clock: systemClock,
  })
  return {
    graph,
    target,
    warehouse,
    ledger,
    templates,
    env: {},
    runId: randomIds.hex(8),
    asOf: instantOf(systemClock.nowMs()),
    allowPast: true,
    waitMs: 0,
    clock: systemClock,
    ids: randomIds,
    progress: silent,
    signal: new AbortController().signal,
  }
}
