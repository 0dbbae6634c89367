import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { publishBuild } from '../src/build/publish-build.ts'
import type { StitchReport } from '../src/build/stitch.ts'
import { openWarehouse } from '../src/warehouse/open.ts'
import type { Warehouse } from '../src/warehouse/warehouse.ts'
import { projectText, runOf } from './identity/lab.ts'
import { bring, holdBack } from './identity/late.ts'
import { load } from './identity/load.ts'
import { metered, type Spent, type StepSpent, spent } from './identity/metered.ts'
import { TABLES, writePeople } from './identity/people.ts'
import { duckdbPlace, postgresPlace, type UnionFindPlace, uniteInProcess } from './identity/union-find.ts'
import { engineOf, wholeNumber } from './options.ts'
import { startBenchPostgres } from './postgres-server.ts'

interface Options {
  readonly engine: 'duckdb' | 'postgres'
  readonly rows: number
  readonly seed: number
  readonly repetitions: number
  /** How many of the four sources are event sources. */
  readonly events: number
  /** How many user ids one entity may have, in the stitch with a limit. */
  readonly limit: number
}

/**
 * What it costs to stitch identifier rows into entities by a build, from an empty state schema and once more with ids
 * to keep, beside one plain `group by` over the same rows and a union-find in this process; then incrementally: a
 * hundredth and a thousandth of the records gone at once, and come back one after the other; and what a limit adds,
 * where a hundredth of the rows belong to somebody who is over it. Each is measured in turns;
 * the least counts, because the machine is not always equally busy.
 */
export async function benchIdentity(argv: readonly string[]): Promise<object> {
  const options = optionsOf(argv)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  // A server beside this process may be another user and reads the files too.
  chmodSync(folder, 0o755)
  const server = options.engine === 'postgres' ? await startBenchPostgres() : undefined
  const settings =
    server?.settings ??
    new Map([
      ['path', 'warehouse.duckdb'],
      ['threads', '2'],
    ])
  try {
    await writePeople(folder, options.rows, options.seed)
    const warehouse = await openWarehouse({
      type: options.engine,
      directory: folder,
      settings,
      runId: 'bench',
    })
    try {
      return await measured(warehouse, folder, options)
    } finally {
      await warehouse.close()
    }
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function optionsOf(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', default: 'duckdb' },
      rows: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      repetitions: { type: 'string', default: '3' },
      events: { type: 'string', default: '0' },
      limit: { type: 'string', default: '1' },
    },
  })
  return {
    engine: engineOf(values.engine),
    rows: wholeNumber('rows', values.rows, 1),
    seed: wholeNumber('seed', values.seed, 0),
    repetitions: wholeNumber('repetitions', values.repetitions, 1),
    events: wholeNumber('events', values.events, 0),
    limit: wholeNumber('limit', values.limit, 1),
  }
}

interface Stitch extends Spent<number> {
  readonly steps: readonly StepSpent[]
  readonly told: StitchReport | undefined
}

/** In the order of a turn. */
const STITCHES = ['first', 'again', 'gone', 'tenth', 'one', 'none', 'limited'] as const

const IN_FULL: readonly string[] = ['first', 'again', 'limited']

async function measured(warehouse: Warehouse, folder: string, options: Options): Promise<object> {
  const rows = await load(warehouse, folder)
  const place = await unionFindPlace(warehouse, folder, options)
  const group: Spent<unknown>[] = []
  const stored: Spent<unknown>[] = []
  const unite: Spent<number>[] = []
  const first: Stitch[] = []
  const again: Stitch[] = []
  const limited: Stitch[] = []
  const changes: Record<'gone' | 'tenth' | 'one' | 'none', Stitch[]> = {
    gone: [],
    tenth: [],
    one: [],
    none: [],
  }
  for (let turn = 0; turn < options.repetitions; turn += 1) {
    await warehouse.execute({ step: 'bench.drop', sql: 'drop schema if exists sluice cascade' })
    group.push(await groupBy(warehouse, 'create temp table grouped'))
    stored.push(await groupBy(warehouse, 'create table data.grouped'))
    first.push(await stitch(warehouse, options, turn, 'first'))
    again.push(await stitch(warehouse, options, turn, 'again'))
    unite.push(await spent(() => uniteInProcess(place)))
    await holdBack(warehouse)
    changes.gone.push(await stitch(warehouse, options, turn, 'gone'))
    await bring(warehouse, 'tenth')
    changes.tenth.push(await stitch(warehouse, options, turn, 'tenth'))
    await bring(warehouse, 'one')
    changes.one.push(await stitch(warehouse, options, turn, 'one'))
    changes.none.push(await stitch(warehouse, options, turn, 'none'))
    await warehouse.execute({ step: 'bench.drop', sql: 'drop schema if exists sluice cascade' })
    limited.push(await stitch(warehouse, options, turn, 'limited'))
  }
  place.close?.()
  const over = await overLimit(warehouse, options.limit)
  return report(options, rows, { group, stored, unite, first, again, limited, over, ...changes })
}

async function unionFindPlace(
  warehouse: Warehouse,
  folder: string,
  options: Options,
): Promise<UnionFindPlace & { close?(): void }> {
  if (options.engine === 'postgres') return postgresPlace(warehouse)
  const path = join(folder, 'identifier_rows.parquet')
  await warehouse.execute({ step: 'bench.copy', sql: `copy data.identifier_rows to '${path}'` })
  return duckdbPlace(join(folder, 'union.duckdb'), path)
}

/** Into a temporary table, and into one that stays, as a build's do. */
async function groupBy(warehouse: Warehouse, create: string): Promise<Spent<unknown>> {
  const execute = (sql: string) => warehouse.execute({ step: 'bench.group_by', sql })
  await execute(`drop table if exists ${create.split(' ').at(-1)}`)
  return spent(() =>
    execute(`${create} as
select type, value, min(record_id) as least, count(*) as records from data.identifier_rows group by type, value`),
  )
}

/** Entities with more user ids than they may have; a record has at most one. */
async function overLimit(warehouse: Warehouse, limit: number): Promise<number> {
  const [row] = await warehouse.read({
    step: 'bench.over',
    sql: `select count(*) as entities from (
  select i.person_id from sluice.person_identity as i
  join data.identifier_rows as v on v.source = i.source and v.record_id = i.record_id
  where v.type = 'user_id'
  group by i.person_id having count(distinct v.value) > ${limit}
) as too_many`,
  })
  return Number(row?.entities)
}

async function stitch(
  warehouse: Warehouse,
  options: Options,
  turn: number,
  which: (typeof STITCHES)[number],
): Promise<Stitch> {
  const number = turn * STITCHES.length + STITCHES.indexOf(which) + 1
  const limit = which === 'limited' ? options.limit : undefined
  const counting = metered(warehouse)
  const run = await runOf(counting.warehouse, projectText(options.engine, options.events, limit), number)
  await run.ledger.prepare()
  counting.steps.length = 0
  const fullRefresh = IN_FULL.includes(which)
  const built = await spent(() => publishBuild(run, { nodes: ['identity:person'], fullRefresh }))
  const [node] = built.result.nodes
  return { ...built, result: node?.rows ?? 0, steps: counting.steps, told: node?.stitch }
}

interface Measured {
  readonly group: readonly Spent<unknown>[]
  readonly stored: readonly Spent<unknown>[]
  readonly unite: readonly Spent<number>[]
  readonly first: readonly Stitch[]
  readonly again: readonly Stitch[]
  readonly limited: readonly Stitch[]
  /** Entities over the limit. */
  readonly over: number
  /** Incremental: 1.1% of the records gone, then 0.1% new, 1% new, nothing new. */
  readonly gone: readonly Stitch[]
  readonly tenth: readonly Stitch[]
  readonly one: readonly Stitch[]
  readonly none: readonly Stitch[]
}

function report(options: Options, rows: number, all: Measured): object {
  const group = least(all.group)
  const stored = least(all.stored)
  // The work of a server beside this process is not in its CPU time.
  const beside = (one: Spent<unknown>, base = group) => ({
    wall: rounded(one.wall / base.wall),
    ...(options.engine === 'duckdb' && { cpu: rounded(one.cpu / base.cpu) }),
  })
  const [first, again, unite] = [least(all.first), least(all.again), least(all.unite)]
  const limited = least(all.limited)
  return {
    bench: 'identity',
    node: process.version,
    ...options,
    identifier_rows: rows,
    records: first.result,
    entities_of_union_find: unite.result,
    goals: {
      ...{ first_to_group_by: 1.5, wall_to_union_find: 0.6, rounds: 4, statements: 50, rows_written: 3.3 },
      ...{ limited_to_first: 1.3, entities_over_limit: 0 },
    },
    ratios: {
      first_to_group_by: beside(first),
      again_to_group_by: beside(again),
      first_to_stored_group_by: beside(first, stored),
      again_to_stored_group_by: beside(again, stored),
      union_find_to_group_by: beside(unite),
      first_wall_to_union_find: rounded(first.wall / unite.wall),
      limited_to_first: beside(limited, first),
    },
    seconds: {
      group_by: seconds(group),
      stored_group_by: seconds(stored),
      first: seconds(first),
      again: seconds(again),
      union_find: seconds(unite),
      limited: seconds(limited),
    },
    entities_over_limit: all.over,
    incremental: {
      goals: { tenth: 0.03, one: 0.05 },
      gone: incremental(least(all.gone), again),
      tenth: incremental(least(all.tenth), again),
      one: incremental(least(all.one), again),
      none: incremental(least(all.none), again),
    },
    first: told(first, rows),
    again: told(again, rows),
    limited: { ...told(limited, rows), ...toldLimit(limited) },
  }
}

/** Shares of a full stitch with ids to keep: of its CPU time where the engine is this process, else of its time. */
function incremental(one: Stitch, full: Stitch): object {
  const by = one.cpu > one.wall / 4 ? 'cpu' : 'wall'
  const parts = { find: 0, solve: 0, publish: 0 }
  for (const step of one.steps) parts[partOf(step.step)] += step[by]
  const share = (seconds: number) => rounded(seconds / full[by])
  const rest = one[by] - parts.find
  return {
    told: one.told,
    seconds: seconds(one),
    share_by: by,
    find: share(parts.find),
    solve_and_publish: share(rest),
    solve: share(parts.solve),
    publish: share(one[by] - parts.find - parts.solve),
    steps: Object.fromEntries([...byStep(one.steps)].filter(([, { wall }]) => wall > LEAST_TOLD)),
  }
}

function partOf(step: string): 'find' | 'solve' | 'publish' {
  const name = step.match(/^identity\.\w+\.incremental\.(\w+)$/)?.[1]
  if (name === undefined || /^(remove|add|publish)_/.test(name)) return 'publish'
  const reads = TABLES.some((table) =>
    new RegExp(`^(seen|found|check|records|groups)_${table.name}$`).test(name),
  )
  return reads ? 'find' : 'solve'
}

function told({ steps }: Stitch, rows: number): object {
  const made = steps.filter(({ step }) => step.startsWith('identity.'))
  return {
    rounds: made.filter(({ step }) => step.endsWith('_hook')).length,
    statements: steps.length,
    rows_written_to_input: rounded(made.reduce((sum, one) => sum + one.rows, 0) / rows),
    steps: Object.fromEntries([...byStep(steps)].filter(([, { wall }]) => wall > LEAST_TOLD)),
  }
}

/** How many records belonged to somebody over the limit, and in how many passes they were stitched again. */
function toldLimit({ result, steps }: Stitch): object {
  const rowsOf = (name: string) => steps.find(({ step }) => step === `identity.person.${name}`)?.rows ?? 0
  return {
    records_over_limit: rowsOf('guarded'),
    share_over_limit: rounded(rowsOf('guarded') / result),
    values_refused: rowsOf('guard_refused'),
    passes: steps.filter(({ step }) => step.endsWith('_refuse')).length,
  }
}

/** Steps of one name together: `build.analyze` runs after each table. */
function byStep(steps: readonly StepSpent[]): ReadonlyMap<string, Omit<StepSpent, 'step'>> {
  const sums = new Map<string, Omit<StepSpent, 'step'>>()
  for (const { step, wall, cpu, rows } of steps) {
    const sum = sums.get(step) ?? { wall: 0, cpu: 0, rows: 0 }
    sums.set(step, {
      wall: rounded(sum.wall + wall),
      cpu: rounded(sum.cpu + cpu),
      rows: sum.rows + rows,
    })
  }
  return sums
}

/** Seconds: what is shorter says nothing. */
const LEAST_TOLD = 0.005

function least<T extends Spent<unknown>>(times: readonly T[]): T {
  return times.reduce((a, b) => (b.cpu + b.wall < a.cpu + a.wall ? b : a))
}

function seconds({ wall, cpu }: Spent<unknown>): object {
  return { wall: rounded(wall), cpu: rounded(cpu) }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
