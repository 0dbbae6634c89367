import { systemClock } from '../../src/base/clock.ts'
import { randomIds } from '../../src/base/ids.ts'
import type { Instant } from '../../src/base/instant.ts'
import { silent } from '../../src/base/progress.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import { loadTemplates } from '../../src/template/load.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { TABLES } from './people.ts'

/**
 * A project that stitches the tables of people.ts; the first `events` of them are event sources. `limit`: how many user
 * ids one entity may have.
 */
export function projectText(type: string, events: number, limit?: number): string {
  const settings =
    type === 'duckdb' ? 'path: x.duckdb' : 'host: localhost, port: 1, user: x, password: x, database: x'
  const sources = TABLES.map(({ name }, index) => {
    const time = index >= TABLES.length - events ? ', occurred_at: happened_at' : ''
    return `  - {name: ${name}, table: data.${name}, primary_key: id${time}}`
  })
  const from = TABLES.map(({ name, ids }) => {
    const carried = ids.map(({ type: one }) => `${one}: ${one}`).join(', ')
    return `        - {source: ${name}, ids: {${carried}}}`
  })
  return `version: 1
name: bench
default_target: dev
targets: {dev: {type: ${type}, ${settings}}}
sources:
${sources.join('\n')}
entities:
  - name: person
    identity:
      from:
${from.join('\n')}
      identifiers:
        email: {normalize: email}
        phone: {normalize: phone, default_country: FR}
${limit === undefined ? '' : `        user_id: {max_per_entity: ${limit}}\n`}`
}

/** One run of that project as the command line would make it. `number` tells runs apart. */
export async function runOf(warehouse: Warehouse, yaml: string, number: number): Promise<RunContext> {
  const parsed = parseProject('/nowhere', [{ path: 'sluice.yml', text: yaml }])
  const target = parsed.project?.targets.get('dev')
  const graph = parsed.project && buildGraph(parsed.project, new Map()).graph
  if (parsed.project === undefined || target === undefined || graph === undefined)
    throw new Error(`expected a project, found ${parsed.errors.map(({ message }) => message).join('; ')}`)
  const templates = await loadTemplates(warehouse.dialect, '/nowhere')
  return {
    graph,
    target,
    warehouse,
    ledger: openLedger({
      warehouse,
      templates,
      stateSchema: 'sluice',
      project: parsed.project.name,
      target: 'dev',
      clock: systemClock,
    }),
    templates,
    env: {},
    runId: `run_${number}`,
    asOf: new Date(Date.UTC(2026, 0, 1, 0, 0, number)).toISOString() as Instant,
    allowPast: true,
    waitMs: 0,
    clock: systemClock,
    ids: randomIds,
    progress: silent,
    signal: new AbortController().signal,
  }
}
