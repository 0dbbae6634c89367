import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { FieldsReport } from '../src/build/changed-profile.ts'
import { publishBuild } from '../src/build/publish-build.ts'
import { openWarehouse } from '../src/warehouse/open.ts'
import type { Warehouse } from '../src/warehouse/warehouse.ts'
import { runOf } from './identity/lab.ts'
import { metered, type StepSpent } from './identity/metered.ts'
import { engineOf, wholeNumber } from './options.ts'
import { startBenchPostgres } from './postgres-server.ts'
import { addSome, changeSome, loadShop, projectText } from './profiles/shop.ts'

interface Options {
  readonly engine: 'duckdb' | 'postgres'
  /** Half of them contacts, half orders. */
  readonly rows: number
  readonly repetitions: number
}

/**
 * What it costs to make the profiles of a shop when a hundredth of its rows changed or came, and when nothing did, beside
 * all of them in the same run. Each is measured in turns; the least counts.
 */
export async function benchProfiles(argv: readonly string[]): Promise<object> {
  const options = optionsOf(argv)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  chmodSync(folder, 0o755)
  const server = options.engine === 'postgres' ? await startBenchPostgres() : undefined
  const settings = server?.settings ?? new Map([...DUCKDB])
  try {
    const warehouse = await openWarehouse({
      type: options.engine,
      directory: folder,
      settings,
      runId: 'bench',
    })
    try {
      return await measured(warehouse, options)
    } finally {
      await warehouse.close()
    }
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const DUCKDB = [
  ['path', 'warehouse.duckdb'],
  ['threads', '2'],
] as const

function optionsOf(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', default: 'duckdb' },
      rows: { type: 'string', default: '1000000' },
      repetitions: { type: 'string', default: '3' },
    },
  })
  return {
    engine: engineOf(values.engine),
    rows: wholeNumber('rows', values.rows, 1),
    repetitions: wholeNumber('repetitions', values.repetitions, 1),
  }
}

interface Built {
  readonly wall: number
  readonly cpu: number
  readonly steps: Readonly<Record<string, number>>
  readonly told: FieldsReport | undefined
}

async function measured(warehouse: Warehouse, options: Options): Promise<object> {
  await loadShop(warehouse, options.rows)
  let runs = 0
  const build = async (fullRefresh: boolean): Promise<Built> => {
    runs += 1
    const counting = metered(warehouse)
    const run = await runOf(counting.warehouse, projectText(options.engine), runs)
    await run.ledger.prepare()
    counting.steps.length = 0
    const { nodes } = await publishBuild(run, { nodes: ['entity:person'], fullRefresh })
    return builtOf(counting.steps, nodes.find(({ kind }) => kind === 'entity')?.fields)
  }
  const all: Record<'full' | 'one' | 'none', Built[]> = { full: [], one: [], none: [] }
  for (let turn = 0; turn < options.repetitions; turn += 1) {
    all.full.push(await build(true))
    await changeSome(warehouse, turn)
    await addSome(warehouse, turn)
    all.one.push(await build(false))
    all.none.push(await build(false))
  }
  const by = options.engine === 'duckdb' ? 'cpu' : 'wall'
  const [full, one, none] = [least(all.full, by), least(all.one, by), least(all.none, by)]
  const beside = (part: Built) => ({ share_of_full: rounded(part[by] / full[by]), ...part })
  return {
    ...{ bench: 'profiles', node: process.version, ...options, share_by: by },
    ...{ full, one_percent: beside(one), nothing: beside(none) },
  }
}

/** Of all that is done for profiles; who is who is another matter. */
function builtOf(steps: readonly StepSpent[], told: FieldsReport | undefined): Built {
  const ours = steps.filter(({ step }) => /^(?:profile|reach|traits?)\./.test(step))
  const sum = (of: 'wall' | 'cpu') => rounded(ours.reduce((total, step) => total + step[of], 0))
  const slow = ours.filter(({ wall }) => wall > LEAST_TOLD)
  const slowest = Object.fromEntries(slow.map(({ step, wall }) => [step, rounded(wall)]))
  return { wall: sum('wall'), cpu: sum('cpu'), told, steps: slowest }
}

/** Seconds: what is shorter says nothing. */
const LEAST_TOLD = 0.02

function least(all: readonly Built[], by: 'wall' | 'cpu'): Built {
  return all.reduce((a, b) => (b[by] < a[by] ? b : a))
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
