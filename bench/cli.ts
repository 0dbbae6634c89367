import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeLargeProject } from './large-project.ts'

const ROOT = join(import.meta.dirname, '..')
const MAIN = join(ROOT, 'dist', 'src', 'cli', 'main.js')

const REPETITIONS = 9
/** Of segments, and of syncs. */
const DEFINITIONS = 1000

interface Spent {
  readonly wall: number
  readonly cpu: number
}

/**
 * What the start of the built command line costs, as whole processes: `--help`, and `validate` of 1,000 segments and
 * 1,000 syncs, the first time (`cold`) and when nothing has changed since (`warm`). Each beside a bare `node -e 0`, in
 * turns, because the machine is not always equally busy. Node's own cache of compiled code is filled before.
 */
export async function benchCli(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    build()
    const project = join(folder, 'project')
    writeLargeProject(project, DEFINITIONS)
    writeFileSync(join(folder, 'spent.cjs'), TELLS_CPU)
    return report(measured(folder, project))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function build(): void {
  const { status } = spawnSync('npm', ['run', '-s', 'build'], { cwd: ROOT, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('expected the build to succeed, found that it failed')
}

/** Loaded into every process that is measured: what it used, written when it ends. */
const TELLS_CPU = `process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  require('node:fs').writeFileSync(process.env.BENCH_SPENT, String((user + system) / 1e6))
})`

function measured(folder: string, project: string): Readonly<Record<string, readonly Spent[]>> {
  const cache = join(folder, 'cache')
  const validate = [MAIN, '-C', project, 'validate']
  const validateCold = () => {
    rmSync(cache, { recursive: true, force: true })
    return run(folder, validate)
  }
  const spent: Record<string, Spent[]> = { bare: [], help: [], validate_cold: [], validate_warm: [] }
  for (let turn = 0; turn <= REPETITIONS; turn += 1) {
    const times = {
      bare: run(folder, ['-e', '0']),
      help: run(folder, [MAIN, '--help']),
      validate_cold: validateCold(),
      validate_warm: run(folder, validate),
    }
    // The first turn fills caches.
    if (turn > 0) for (const [name, time] of Object.entries(times)) spent[name]?.push(time)
  }
  return spent
}

function run(folder: string, args: readonly string[]): Spent {
  const spent = join(folder, 'spent')
  const startedAt = process.hrtime.bigint()
  const { status, stderr } = spawnSync(process.execPath, ['-r', join(folder, 'spent.cjs'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      XDG_CACHE_HOME: join(folder, 'cache'),
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
      BENCH_SPENT: spent,
    },
  })
  const wall = Number(process.hrtime.bigint() - startedAt) / 1e9
  if (status !== 0) throw new Error(`expected ${args.join(' ')} to end with 0, found ${status}: ${stderr}`)
  return { wall, cpu: Number(readFileSync(spent, 'utf8')) }
}

function report(spent: Readonly<Record<string, readonly Spent[]>>): object {
  const seconds = Object.fromEntries(Object.entries(spent).map(([name, times]) => [name, figures(times)]))
  const bare = seconds.bare ?? figures([])
  const ratios = Object.entries(seconds)
    .filter(([name]) => name !== 'bare')
    .map(([name, { wall, cpu }]) => [
      `${name}_to_bare`,
      { wall: ratio(wall, bare.wall), cpu: ratio(cpu, bare.cpu) },
    ])
  return {
    bench: 'cli',
    node: process.version,
    repetitions: REPETITIONS,
    definitions: { segments: DEFINITIONS, syncs: DEFINITIONS },
    goals: { help_to_bare: 2, validate_cold_seconds: 1.5, validate_warm_seconds: 0.3 },
    ratios: Object.fromEntries(ratios),
    seconds,
  }
}

interface Figure {
  readonly min: number
  readonly median: number
}

function figures(times: readonly Spent[]): { readonly wall: Figure; readonly cpu: Figure } {
  return { wall: figure(times.map(({ wall }) => wall)), cpu: figure(times.map(({ cpu }) => cpu)) }
}

function figure(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  return { min: rounded(sorted[0] ?? 0), median: rounded(sorted[sorted.length >> 1] ?? 0) }
}

function ratio(a: Figure, b: Figure): Figure {
  return { min: rounded(a.min / b.min), median: rounded(a.median / b.median) }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
