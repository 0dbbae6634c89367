/**
 * `npm run crash -- --engine postgres --kills 200 --pauses 50 --worlds 10 --seed 1`: the crash suite as long as one
 * likes. Kills and pauses are spread over the worlds, which have the seeds from `--seed` on. Figures as JSON on stdout;
 * exit 1 when anything was lost, sent twice or sent by who had no lease. `--control` runs the engine that forgets, and
 * exit 1 then says that nothing was lost. `--keep FOLDER` is where the journals stay; they stay in any case when a promise
 * was broken, because the same seed seldom breaks it again.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freshSettings, startPostgres } from '../support/postgres-process.ts'
import { type CrashFigures, crashRun } from './conductor.ts'
import { sumOf, verdictOf } from './sum.ts'

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'duckdb' },
    kills: { type: 'string', default: '200' },
    pauses: { type: 'string', default: '50' },
    worlds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    control: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
})
const { engine, control } = values
if (engine !== 'duckdb' && engine !== 'postgres') usage(`--engine duckdb or postgres, found "${engine}"`)
const [kills, pauses, seed] = [number('kills', 0), number('pauses', 0), number('seed', 0)]
const worlds = number('worlds', 1)
const directory = values.keep ?? mkdtempSync(join(tmpdir(), 'sluice-crash-'))
const postgres = engine === 'postgres' ? await startPostgres() : undefined
let keeps = values.keep !== undefined
try {
  const figures: CrashFigures[] = []
  for (let world = 0; world < worlds; world += 1) figures.push(await crash(engine, world))
  process.stdout.write(`${JSON.stringify(sumOf(figures), null, 2)}\n`)
  process.exitCode = isAsPromised(figures) === control ? 1 : 0
  if (!control && !isAsPromised(figures)) keeps = true
  if (keeps) process.stderr.write(`the journals are in ${directory}\n`)
} finally {
  await postgres?.stop()
  if (!keeps) rmSync(directory, { recursive: true, force: true })
}
// What ends the PostgreSQL of a process that ends by itself ends it with 0.
process.exit()

async function crash(type: 'duckdb' | 'postgres', world: number): Promise<CrashFigures> {
  const place = join(directory, `seed-${seed + world}`)
  mkdirSync(place, { recursive: true })
  const figures = await crashRun({
    engine: type,
    settings:
      postgres === undefined ? new Map([['path', 'warehouse.duckdb']]) : await freshSettings(postgres),
    directory: place,
    seed: seed + world,
    kills: shareOf(kills, world),
    pauses: shareOf(pauses, world),
    forgets: control,
  })
  const { seconds, verdict, told } = figures
  process.stderr.write(`seed ${seed + world}: ${seconds} s ${JSON.stringify({ verdict, told })}\n`)
  return figures
}

function shareOf(all: number, world: number): number {
  return Math.floor((all * (world + 1)) / worlds) - Math.floor((all * world) / worlds)
}

function isAsPromised(figures: readonly CrashFigures[]): boolean {
  return Object.values(verdictOf(figures)).every((count) => count === 0)
}

function number(name: 'kills' | 'pauses' | 'seed' | 'worlds', least: number): number {
  const value = Number(values[name])
  return Number.isInteger(value) && value >= least
    ? value
    : usage(`--${name} a whole number from ${least}, found "${values[name]}"`)
}

function usage(problem: string): never {
  process.stderr.write(`expected ${problem}\n`)
  process.exit(64)
}
