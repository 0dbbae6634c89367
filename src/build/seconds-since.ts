import type { RunContext } from './run-context.ts'

export function secondsSince(run: RunContext, startedAtMs: number): number {
  return (run.clock.monotonicMs() - startedAtMs) / 1000
}
