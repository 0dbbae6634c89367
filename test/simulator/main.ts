import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'
import type { SimulationFigures } from './stage.ts'

/**
 * `npm run simulate -- --seeds 10000 [--from 1]`: figures as JSON, and the seeds that broke a promise.
 * `npm run simulate -- --seed 42 [--trace]`: one world, and all that happened in it.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})

if (values.seed === undefined) await many(Number(values.from), Number(values.seeds))
else await one(Number(values.seed), values.trace)

async function one(seed: number, trace: boolean): Promise<void> {
  const world = await simulate({ seed, trace })
  for (const line of world.trace) console.error(line)
  tell({ seed, breaches: world.breaches, ...world.figures }, world.breaches.length)
}

async function many(from: number, count: number): Promise<void> {
  const startedMs = performance.now()
  const broken: { readonly seed: number; readonly breach: string | undefined }[] = []
  const sums = new Map<string, number>()
  for (let seed = from; seed < from + count; seed += 1) {
    const { figures, breaches } = await simulate({ seed })
    if (breaches.length > 0) broken.push({ seed, breach: breaches[0] })
    for (const [name, value] of Object.entries(figures satisfies SimulationFigures))
      sums.set(name, (sums.get(name) ?? 0) + value)
  }
  const seconds = (performance.now() - startedMs) / 1000
  tell(
    {
      ...{ from, seeds: count, seconds: Math.round(seconds), seeds_per_second: Math.round(count / seconds) },
      ...Object.fromEntries(sums),
      broken,
    },
    broken.length,
  )
}

function tell(figures: object, broken: number): void {
  console.log(JSON.stringify(figures, undefined, 2))
  process.exitCode = broken > 0 ? 1 : 0
}
