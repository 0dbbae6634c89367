import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { simulate } from './simulate.ts'

/** The seeds `from`, `from + step`, and so on below `end`. */
export interface SeedRange {
  readonly from: number
  readonly end: number
  readonly step: number
}

export interface BatchFigures {
  readonly sums: Readonly<Record<string, number>>
  /** The first promise that each of these seeds broke. */
  readonly broken: readonly { readonly seed: number; readonly breach: string }[]
}

/** Worlds one after the other, in this thread. */
export async function simulateBatch({ from, end, step }: SeedRange): Promise<BatchFigures> {
  const sums: Record<string, number> = {}
  const broken: { seed: number; breach: string }[] = []
  for (let seed = from; seed < end; seed += step) {
    const { figures, breaches } = await simulate({ seed })
    const [breach] = breaches
    if (breach !== undefined) broken.push({ seed, breach })
    add(sums, figures)
  }
  return { sums, broken }
}

export function add(sums: Record<string, number>, figures: object): void {
  for (const [name, value] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + Number(value)
}

// Started as a thread of `main.ts`.
if (!isMainThread) parentPort?.postMessage(await simulateBatch(workerData as SeedRange))
