import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/base/clock.ts'
import type { Graph } from '../src/graph/graph.ts'
import { openWarehouse } from '../src/warehouse/open.ts'
import type { Warehouse } from '../src/warehouse/warehouse.ts'
import { startPostgres } from './postgres-server.ts'
import { type Phases, planOnce, syncOnce } from './sync/phases.ts'
import { changePeople, graphOf, loadPeople, scanSql } from './sync/shop.ts'
import { least, type Meter, meterOf, ratio, rounded, type Spent, serverCpuOf, spentOn } from './sync/spent.ts'
import { type BenchReceiver, startReceiver } from './sync/start-receiver.ts'

interface Options {
  readonly engine: 'duckdb' | 'postgres'
  readonly rows: number
  readonly repetitions: number
}

/**
 * What it costs to bring rows to a destination: to plan, to read, to send, to remember; each beside a plain scan of
 * the model, or a bare loop of requests, in turns. The least counts, because the machine is not always equally busy.
 */
export async function benchSync(argv: readonly string[]): Promise<object> {
  const options = optionsOf(argv)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  // A server beside this process may be another user and reads the files too.
  chmodSync(folder, 0o755)
  const server = options.engine === 'postgres' ? await startPostgres() : undefined
  const settings =
    server?.settings ??
    new Map<string, string | number>([
      ['path', 'warehouse.duckdb'],
      ['threads', 2],
    ])
  const receiver = await startReceiver()
  try {
    const request = { type: options.engine, directory: folder, settings, runId: 'bench', clock: systemClock }
    const warehouse = await openWarehouse(request)
    try {
      const meter = meterOf(await serverCpuOf(warehouse))
      return await measured({
        options,
        warehouse,
        receiver,
        meter,
        graph: graphOf(options.engine, receiver.url),
      })
    } finally {
      await warehouse.close()
    }
  } finally {
    receiver.stop()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function optionsOf(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', default: 'duckdb' },
      rows: { type: 'string', default: '300000' },
      repetitions: { type: 'string', default: '3' },
    },
  })
  if (values.engine !== 'duckdb' && values.engine !== 'postgres')
    throw new Error(`expected duckdb or postgres as --engine, found ${values.engine}`)
  return { engine: values.engine, rows: Number(values.rows), repetitions: Number(values.repetitions) }
}

interface Bench {
  readonly options: Options
  readonly warehouse: Warehouse
  readonly receiver: BenchReceiver
  readonly meter: Meter
  readonly graph: Graph
}

async function measured(bench: Bench): Promise<object> {
  const { options, warehouse } = bench
  tell(`loading ${options.rows} rows`)
  await loadPeople(warehouse, options.rows)
  const first = await firstRuns(bench)
  const resting = await restingRuns(bench)
  const changed = await changedRuns(bench)
  return report(bench, { first, resting, changed })
}

interface Beside {
  readonly scan: readonly Spent[]
  readonly touch: readonly Spent[]
}

interface FirstRuns {
  readonly runs: readonly Phases[]
  readonly received: number
}

async function firstRuns({ warehouse, graph, meter, receiver, options }: Bench): Promise<FirstRuns> {
  const runs: Phases[] = []
  let received = 0
  for (let turn = 0; turn < options.repetitions; turn += 1) {
    tell(`first run, ${turn + 1} of ${options.repetitions}`)
    await warehouse.execute({ step: 'bench.drop', sql: 'drop schema if exists sluice cascade' })
    await receiver.received()
    runs.push(await syncOnce(warehouse, graph, meter))
    received = (await receiver.received()).bytes
  }
  return { runs, received }
}

interface RestingRuns extends Beside {
  readonly runs: readonly Phases[]
}

async function restingRuns(bench: Bench): Promise<RestingRuns> {
  const [scan, touch, runs]: [Spent[], Spent[], Phases[]] = [[], [], []]
  for (let turn = 0; turn < 2 * bench.options.repetitions; turn += 1) {
    tell(`nothing changed, ${turn + 1} of ${2 * bench.options.repetitions}`)
    scan.push(await scanned(bench, 'plain'))
    touch.push(await scanned(bench, 'touch'))
    runs.push(await syncOnce(bench.warehouse, bench.graph, bench.meter))
  }
  return { scan, touch, runs }
}

interface ChangedRuns extends Beside {
  readonly plans: readonly Spent[]
  readonly run: Phases
  readonly received: number
}

async function changedRuns(bench: Bench): Promise<ChangedRuns> {
  const { warehouse, graph, meter, receiver, options } = bench
  await changePeople(warehouse)
  const [scan, touch, plans]: [Spent[], Spent[], Spent[]] = [[], [], []]
  for (let turn = 0; turn < 2 * options.repetitions; turn += 1) {
    tell(`0.1% changed, ${turn + 1} of ${2 * options.repetitions}`)
    scan.push(await scanned(bench, 'plain'))
    touch.push(await scanned(bench, 'touch'))
    plans.push(await spentOn(meter, () => planOnce(warehouse, graph)))
  }
  await receiver.received()
  const run = await syncOnce(warehouse, graph, meter)
  return { scan, touch, plans, run, received: (await receiver.received()).bytes }
}

function scanned({ warehouse, meter }: Bench, kind: 'plain' | 'touch'): Promise<Spent> {
  return spentOn(meter, () => warehouse.read({ step: 'bench.scan', sql: scanSql(kind) }))
}

interface Measured {
  readonly first: FirstRuns
  readonly resting: RestingRuns
  readonly changed: ChangedRuns
}

function report({ options }: Bench, { first, resting, changed }: Measured): object {
  const phase = (name: 'plan' | 'deliver' | 'commit' | 'whole') => least(first.runs.map((run) => run[name]))
  const scan = least([...resting.scan, ...changed.scan])
  const touch = least([...resting.touch, ...changed.touch])
  const rest = least(resting.runs.map(({ whole }) => whole))
  const plan = least(changed.plans)
  return {
    bench: 'sync',
    node: process.version,
    ...options,
    goals: GOALS,
    ratios: {
      plan_changed_to_scan: ratio(plan, scan),
      run_unchanged_to_scan: ratio(rest, scan),
      touch_to_scan: ratio(touch, scan),
      first_run_to_scan: ratio(phase('whole'), scan),
    },
    bytes: {
      first: { left_warehouse: first.runs.at(-1)?.bytesLeft, received: first.received },
      changed: {
        rows: changed.run.result.sentRows,
        left_warehouse: changed.run.bytesLeft,
        received: changed.received,
      },
    },
    microseconds_of_cpu_per_row: {
      plan: perRow(phase('plan'), options),
      deliver: perRow(phase('deliver'), options),
      commit: perRow(phase('commit'), options),
      first_run: perRow(phase('whole'), options),
    },
    statements: {
      first_run: first.runs.at(-1)?.statements,
      unchanged: resting.runs.at(-1)?.statements,
      changed: changed.run.statements,
    },
    seconds: { scan, touch, plan_changed: plan, run_unchanged: rest, first_run: phase('whole') },
  }
}

const GOALS = {
  plan_changed_to_scan: { duckdb: 3, postgres: 8 },
  run_unchanged_to_scan: { duckdb: 1.3 },
}

function perRow({ cpu }: Spent, { rows }: Options): number {
  return rounded((cpu * 1e6) / rows)
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
