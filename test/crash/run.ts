/**
 * `npm run crash -- --engine postgres --kills 200 --pauses 50 --seed 1`: the crash suite as long as one likes. Figures
 * as JSON on stdout; exit 1 when anything was lost, sent twice or sent by who had no lease, or when the control was
 * not caught. `--control` runs the engine that forgets, `--keep` says where the journals stay.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freshSettings, startPostgres } from '../support/postgres-process.ts'
import { type CrashFigures, crashRun } from './conductor.ts'
import type { CrashOrder } from './world.ts'

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'duckdb' },
    kills: { type: 'string', default: '200' },
    pauses: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    control: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
})
const { engine } = values
if (engine !== 'duckdb' && engine !== 'postgres') usage(`--engine duckdb or postgres, found "${engine}"`)
const [kills, pauses, seed] = [number('kills'), number('pauses'), number('seed')]
const directory = values.keep ?? mkdtempSync(join(tmpdir(), 'sluice-crash-'))
mkdirSync(directory, { recursive: true })
const postgres = engine === 'postgres' ? await startPostgres() : undefined
try {
  const settings =
    postgres === undefined ? new Map([['path', 'warehouse.duckdb']]) : await freshSettings(postgres)
  const order: CrashOrder = { engine, settings, directory, seed, kills, pauses, forgets: values.control }
  const figures = await crashRun(order)
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  process.exitCode = isAsPromised(figures) === values.control ? 1 : 0
} finally {
  await postgres?.stop()
  if (values.keep === undefined) rmSync(directory, { recursive: true, force: true })
}

function isAsPromised({ verdict }: CrashFigures): boolean {
  return Object.values(verdict).every((count) => count === 0)
}

function number(name: 'kills' | 'pauses' | 'seed'): number {
  const value = Number(values[name])
  return Number.isInteger(value) && value >= 0
    ? value
    : usage(`--${name} a whole number, found "${values[name]}"`)
}

function usage(problem: string): never {
  process.stderr.write(`expected ${problem}\n`)
  process.exit(64)
}
