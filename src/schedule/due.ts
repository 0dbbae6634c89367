import type { Graph } from '../graph/graph.ts'
import { lastCronTime } from './cron-times.ts'

/**
 * Which of these syncs are due at `nowMs`: those whose last cron time no run of theirs has seen yet, in the project's
 * order, then those without a schedule, which are due at every run. `startedMs` is when each was last started; a
 * sync that never was is due.
 */
export function dueSyncs(
  graph: Graph,
  syncs: readonly string[],
  startedMs: ReadonlyMap<string, number>,
  nowMs: number,
): readonly string[] {
  const scheduleOf = (name: string) => graph.bound(name).sync.schedule?.value
  const isDue = (name: string) => {
    const cron = scheduleOf(name)
    if (cron === undefined) return false
    const time = lastCronTime(cron, graph.project.timezone, nowMs)
    return time !== undefined && (startedMs.get(name) ?? Number.NEGATIVE_INFINITY) < time
  }
  return [...syncs.filter(isDue), ...syncs.filter((name) => scheduleOf(name) === undefined)]
}
