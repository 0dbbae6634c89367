import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { add, type BatchFigures, type SeedRange } from './batch.ts'
import { simulate } from './simulate.ts'

/**
 * `npm run simulate -- --seeds 10000 [--from 1]`: figures as JSON, and the seeds that broke a promise. One thread a
 * core, or as many as `--threads` says.
 * `npm run simulate -- --seed 42 [--trace]`: one world, and all that happened in it.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    threads: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})

if (values.seed !== undefined) await one(number(values.seed), values.trace)
else await many(number(values.from), number(values.seeds), number(values.threads))

async function one(seed: number, trace: boolean): Promise<void> {
  const world = await simulate({ seed, trace })
  for (const line of world.trace) console.error(line)
  tell({ seed, breaches: world.breaches, ...world.figures }, world.breaches.length)
}

async function many(from: number, count: number, threads: number): Promise<void> {
  const startedMs = performance.now()
  const batches = await Promise.all(
    Array.from({ length: threads }, (_, at) =>
      inThread({ from: from + at, end: from + count, step: threads }),
    ),
  )
  const sums: Record<string, number> = {}
  for (const batch of batches) add(sums, batch.sums)
  const broken = batches.flatMap((batch) => batch.broken).sort((a, b) => a.seed - b.seed)
  const seconds = (performance.now() - startedMs) / 1000
  const speed = { seconds: Math.round(seconds), seeds_per_second: Math.round(count / seconds) }
  tell({ from, seeds: count, threads, ...speed, ...sums, broken }, broken.length)
}

async function inThread(range: SeedRange): Promise<BatchFigures> {
  const worker = new Worker(join(import.meta.dirname, 'batch.ts'), { workerData: range })
  const [figures] = (await once(worker, 'message')) as [BatchFigures]
  return figures
}

function tell(figures: object, broken: number): void {
  console.log(JSON.stringify(figures, undefined, 2))
  process.exitCode = broken > 0 ? 1 : 0
}

function number(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1) return value
  process.stderr.write(`expected a whole number from 1, found "${text}"\n`)
  process.exit(64)
}
