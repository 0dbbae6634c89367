import type { CrashFigures } from './conductor.ts'
import type { Repeats, Verdict } from './verdict.ts'

/** Figures of several worlds as those of one; what is told as the most of one is the most of all. */
export function sumOf(worlds: readonly CrashFigures[]) {
  const counts = [
    'kills',
    'killsWhileSending',
    'pauses',
    'pausesInTheGap',
    'takenOverInPause',
    'runs',
    'requests',
    'lateRequests',
  ] as const
  const atTheEnd = ['rowsAtTheEnd', 'poisonRowsAtTheEnd', 'seconds'] as const
  const numbers = worlds.map((world) =>
    Object.fromEntries([...counts, ...atTheEnd].map((name) => [name, world[name]])),
  )
  return {
    engine: worlds[0]?.engine,
    rivals: worlds[0]?.rivals,
    seeds: worlds.map(({ seed }) => seed),
    ...summed(numbers),
    endings: summed(worlds.map(({ endings }) => endings)),
    repeats: mostAndSums(worlds.map(({ repeats }) => repeats)),
    verdict: verdictOf(worlds),
    told: worlds.flatMap(({ seed, told }) => told.map((what) => `seed ${seed}: ${what}`)),
  }
}

export function verdictOf(worlds: readonly CrashFigures[]): Verdict {
  return summed(worlds.map(({ verdict }) => ({ ...verdict }))) as unknown as Verdict
}

function mostAndSums(all: readonly Repeats[]): Repeats {
  return {
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    most: Math.max(...all.map(({ most }) => most)),
    plansTakenUp: all.reduce((sum, { plansTakenUp }) => sum + plansTakenUp, 0),
    mostInFlight: Math.max(...all.map(({ mostInFlight }) => mostInFlight)),
  }
}

function summed(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of all)
    for (const [name, count] of Object.entries(one))
      sums[name] = Math.round(((sums[name] ?? 0) + count) * 10) / 10
  return sums
}
