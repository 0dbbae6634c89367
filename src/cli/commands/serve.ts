import { ProjectErrors, SluiceError } from '../../base/errors.ts'
import type { ServeStatus } from '../../schedule/serve.ts'
import type { RunSyncOptions } from '../../sync/options.ts'
import type { Answer } from '../answer.ts'
import type { ServeFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { exitCodeOf, worstOf } from '../exit-codes.ts'
import { asSluiceError } from '../render/errors.ts'
import { selectIds } from '../select.ts'
import { syncNames } from '../sync-names.ts'
import { sync } from './sync.ts'

/**
 * Runs each sync that has a schedule at its times, until the first signal: then it starts nothing new, lets what runs
 * finish what is in flight and save, and ends with 143 (or 130). The project and the warehouse are opened for each
 * run, so a changed project is seen at the next, and a DuckDB file is free between runs.
 */
export async function serve(context: CommandContext, flags: ServeFlags): Promise<Answer> {
  const syncs = await scheduled(context)
  const { serve: turn } = await import('../../schedule/serve.ts')
  const { serveHealth } = await import('../../schedule/health.ts')
  const { AccountPaces } = await import('../../sync/pace/account-paces.ts')
  const { DEFAULT_RETRY } = await import('../../sync/deliver/retry-policy.ts')
  const { randomOf } = await import('../../sync/random.ts')
  const status: ServeStatus = {
    state: 'starting',
    turnedAtMs: context.clock.monotonicMs(),
    running: new Set(),
    ended: { done: 0, failed: 0, skipped: 0 },
  }
  // Limits are an account's: what one run learned of it, the next and those beside it keep to.
  const paces = new AccountPaces(context.clock, DEFAULT_RETRY, randomOf(context.ids))
  const health = await serveHealth(status, context.clock, flags)
  context.progress.done(`serving ${syncs.length} syncs; health on ${flags.host}:${flags.port}`)
  try {
    await turn({
      syncs,
      timezone: (await context.project()).timezone,
      clock: context.clock,
      signal: context.signal,
      concurrency: Math.max(1, flags.concurrency),
      status,
      run: (names) => runOnce(context, names, { paces, graceMs: flags.grace }),
    })
  } finally {
    health.close()
  }
  return {
    json: { ended: { ...status.ended } },
    text: () => `stopped; runs: ${JSON.stringify(status.ended)}`,
  }
}

async function scheduled(context: CommandContext) {
  const graph = await context.graph()
  const names = syncNames(await selectIds(context, ['sync']))
  const found = names.flatMap((name) => {
    const cron = graph.bound(name).sync.schedule?.value
    return cron === undefined ? [] : [{ name, cron }]
  })
  if (found.length > 0) return found
  throw new SluiceError('SLU7013', {
    message: `expected at least one sync with a schedule, found ${names.length} without`,
    hint: 'give one a schedule: "*/15 * * * *", or run them once: sluice run',
  })
}

/** One run, like `sluice sync -s NAMES`; how it ended is a line of the log, never an end of `serve`. */
async function runOnce(
  context: CommandContext,
  names: readonly string[],
  options: RunSyncOptions,
): Promise<'done' | 'failed'> {
  const { progress } = context
  const run = context.fork({ select: names.map((name) => `sync:${name}`), exclude: [] })
  try {
    const answer = await sync(run, 'sync', { build: true }, options)
    const code = answer.exitCode ?? worstOf((answer.errors ?? []).map(exitCodeOf))
    for (const error of answer.errors ?? []) progress.warn(lineOf(error))
    progress.done(`${names.join(', ')}: ended with ${code}, run ${run.runId}`)
    return code === 0 ? 'done' : 'failed'
  } catch (error) {
    progress.warn(`${names.join(', ')}: ${lineOf(error)}`)
    return 'failed'
  } finally {
    await run.closeWarehouse().catch((error: unknown) => progress.warn(lineOf(error)))
  }
}

function lineOf(error: unknown): string {
  const [first = error] = error instanceof ProjectErrors ? error.errors : []
  const shown = asSluiceError(first)
  return `${shown.code}: ${shown.message}`
}
