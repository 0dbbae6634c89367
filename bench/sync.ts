import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/base/clock.ts'
import type { Graph } from '../src/graph/graph.ts'
import { type Body, NO_BODY, textOf } from '../src/sync/plan/body.ts'
import { openWarehouse } from '../src/warehouse/open.ts'
import type { Warehouse } from '../src/warehouse/warehouse.ts'
import { engineOf, wholeNumber } from './options.ts'
import { startBenchPostgres } from './postgres-server.ts'
import { goalsOf } from './sync/goals.ts'
import { type Phases, planOnce, syncOnce } from './sync/phases.ts'
import { bareWay, clientWay, engineWay } from './sync/requests.ts'
import { BATCH_ROWS, changePeople, graphOf, loadPeople, scanSql } from './sync/shop.ts'
import { least, type Meter, meterOf, ratio, rounded, type Spent, serverCpuOf, spentOn } from './sync/spent.ts'
import { type BenchReceiver, startReceiver } from './sync/start-receiver.ts'
import { snapshotShare } from './sync/stored.ts'

interface Options {
  readonly engine: 'duckdb' | 'postgres'
  readonly rows: number
  readonly repetitions: number
  /** Of DuckDB. */
  readonly memoryLimitMegabytes: number
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
  const server = options.engine === 'postgres' ? await startBenchPostgres() : undefined
  const settings =
    server?.settings ??
    new Map<string, string | number>([
      ['path', 'warehouse.duckdb'],
      ['threads', 2],
      ['memory_limit', `${options.memoryLimitMegabytes}MB`],
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
      'memory-limit-mb': { type: 'string', default: '2000' },
    },
  })
  return {
    engine: engineOf(values.engine),
    rows: wholeNumber('rows', values.rows, 1),
    repetitions: wholeNumber('repetitions', values.repetitions, 1),
    memoryLimitMegabytes: wholeNumber('memory-limit-mb', values['memory-limit-mb'], 1),
  }
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
  const sent = await requests(bench, first.body)
  const resting = await restingRuns(bench)
  const changed = await changedRuns(bench)
  const share = await snapshotShare(warehouse)
  // Of all that was done here, loading and comparing included.
  const peakMegabytes = process.resourceUsage().maxRSS / 1000
  return report(bench, { first, sent, resting, changed, share, peakMegabytes })
}

interface Beside {
  readonly scan: readonly Spent[]
  readonly touch: readonly Spent[]
}

interface FirstRuns {
  readonly runs: readonly Phases[]
  /** The same rows from objects that stand ready, by undici and `JSON.stringify` alone. */
  readonly bare: readonly Spent[]
  readonly body: Body
  readonly received: number
}

async function firstRuns({ warehouse, graph, meter, receiver, options }: Bench): Promise<FirstRuns> {
  const runs: Phases[] = []
  const kept: Body[] = []
  const bare: Spent[] = []
  let received = 0
  for (let turn = 0; turn < options.repetitions; turn += 1) {
    tell(`first run, ${turn + 1} of ${options.repetitions}`)
    await warehouse.execute({ step: 'bench.drop', sql: 'drop schema if exists sluice cascade' })
    await receiver.received()
    runs.push(await syncOnce(warehouse, graph, meter, kept))
    received = (await receiver.received()).bytes
    bare.push(await stringified(receiver.url, kept, options.rows / BATCH_ROWS, meter))
  }
  return { runs, bare, received, body: kept[0] ?? NO_BODY }
}

async function stringified(
  url: string,
  bodies: readonly Body[],
  requests: number,
  meter: Meter,
): Promise<Spent> {
  const batches = bodies.map((body) => JSON.parse(textOf(body)) as object)
  const way = bareWay(url, (request) => JSON.stringify(batches[request % batches.length]))
  try {
    return await spentOn(meter, () => way.send(requests))
  } finally {
    await way.close()
  }
}

interface RequestsSpent {
  readonly bare: readonly Spent[]
  readonly client: readonly Spent[]
  readonly engine: readonly Spent[]
}

/** The same body by undici alone, by our client, and as delivery sends it. */
async function requests(
  { warehouse, graph, receiver, meter, options }: Bench,
  body: Body,
): Promise<RequestsSpent> {
  // Flat, as a text that was read is, and not a rope of parts.
  const text = Buffer.from(textOf(body)).toString()
  const ways = {
    bare: bareWay(receiver.url, () => text),
    client: clientWay(receiver.url, systemClock, text),
    engine: await engineWay(warehouse, graph, body),
  }
  const spent: Record<keyof typeof ways, Spent[]> = { bare: [], client: [], engine: [] }
  try {
    for (let turn = 0; turn < 4 * options.repetitions; turn += 1) {
      tell(`requests, ${turn + 1} of ${4 * options.repetitions}`)
      for (const name of ['bare', 'client', 'engine'] as const)
        spent[name].push(await spentOn(meter, () => ways[name].send(REQUESTS)))
    }
  } finally {
    for (const way of Object.values(ways)) await way.close()
  }
  return spent
}

/** Of one repetition: few enough that a neighbour's work falls on some of them only. */
const REQUESTS = 200

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
  readonly sent: RequestsSpent
  readonly resting: RestingRuns
  readonly changed: ChangedRuns
  readonly share: number
  readonly peakMegabytes: number
}

function report({ options }: Bench, measures: Measured): object {
  const { first, sent, resting, changed, share, peakMegabytes } = measures
  const phase = (name: 'plan' | 'extract' | 'deliver' | 'commit' | 'whole') =>
    least(first.runs.map((run) => run[name]))
  const scan = least([...resting.scan, ...changed.scan])
  const touch = least([...resting.touch, ...changed.touch])
  const rest = least(resting.runs.map(({ whole }) => whole))
  const plan = least(changed.plans)
  const bare = least(first.bare)
  const [bareRequest, client, engine] = [least(sent.bare), least(sent.client), least(sent.engine)]
  return {
    bench: 'sync',
    node: process.version,
    ...options,
    goals: goalsOf(options.engine, {
      planChanged: plan.cpu / scan.cpu,
      runUnchanged: rest.cpu / scan.cpu,
      deliver: phase('deliver').cpu / bare.cpu,
      rowsACoreSecond: options.rows / phase('deliver').cpu,
      request: engine.cpu / bareRequest.cpu,
      bytesLeft: changed.run.bytesLeft / changed.received,
      peakMegabytes,
      memoryLimitMegabytes: options.engine === 'duckdb' ? options.memoryLimitMegabytes : undefined,
      snapshotShare: share,
    }),
    snapshot_to_model: rounded(share),
    ratios: {
      plan_changed_to_scan: ratio(plan, scan),
      run_unchanged_to_scan: ratio(rest, scan),
      touch_to_scan: ratio(touch, scan),
      first_run_to_scan: ratio(phase('whole'), scan),
      deliver_to_bare_stringify: ratio(phase('deliver'), bare),
      client_to_bare_request: ratio(client, bareRequest),
      engine_to_bare_request: ratio(engine, bareRequest),
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
      extract: perRow(phase('extract'), options),
      deliver: perRow(phase('deliver'), options),
      bare_stringify: perRow(bare, options),
      commit: perRow(phase('commit'), options),
      first_run: perRow(phase('whole'), options),
    },
    rows_delivered_per_core_second: Math.round(options.rows / phase('deliver').cpu),
    microseconds_of_cpu_per_request: {
      bare: perRequest(bareRequest),
      client: perRequest(client),
      engine: perRequest(engine),
    },
    statements: {
      first_run: first.runs.at(-1)?.statements,
      unchanged: resting.runs.at(-1)?.statements,
      changed: changed.run.statements,
    },
    seconds: { scan, touch, plan_changed: plan, run_unchanged: rest, first_run: phase('whole') },
  }
}

function perRow({ cpu }: Spent, { rows }: Options): number {
  return rounded((cpu * 1e6) / rows)
}

function perRequest({ cpu }: Spent): number {
  return rounded((cpu * 1e6) / REQUESTS)
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
