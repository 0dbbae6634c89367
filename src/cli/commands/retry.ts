import type { Retry } from '../../sync/retry.ts'
import type { Answer, Json } from '../answer.ts'
import type { RetryFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import type { Style } from '../render/style.ts'
import { count, plural } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { selectIds } from '../select.ts'
import { syncNames } from '../sync-names.ts'
import { sendSyncs } from './sync.ts'

/**
 * Makes rejected rows due now and runs exactly the syncs that have some: a row that waited for its next try is sent
 * with whatever else the run sends. Throws SLU5120 for a key that is of no rejected row.
 */
export async function retry(
  context: CommandContext,
  keys: readonly (string | undefined)[],
  flags: RetryFlags,
): Promise<Answer> {
  const selected = syncNames(await selectIds(context, ['sync']))
  const run = await openRun(context, { waitMs: flags.wait })
  const meant = { keys: keys.flatMap((key) => key ?? []), reason: flags.reason }
  const { findRetries } = await import('../../sync/retry.ts')
  const retries = await findRetries(run, selected, meant)
  if (retries.length === 0 || flags.dryRun === true)
    return {
      json: { run_id: null, retried: retries.map(retryJson), syncs: [] },
      text: (style) => told(retries, selected.length, style),
    }
  const { reason: _, dryRun: __, ...syncFlags } = flags
  const nodes = retries.map(({ sync }) => `sync:${sync}`)
  const answer = await sendSyncs(context, run, 'retry', nodes, syncFlags, { retry: meant })
  return {
    ...answer,
    json: { ...answer.json, retried: retries.map(retryJson) },
    text: (style) => `${told(retries, selected.length, style)}\n\n${answer.text(style)}`,
  }
}

function retryJson({ sync, rows, later }: Retry): Json {
  return { name: sync, rows, waited: later }
}

function told(retries: readonly Retry[], syncCount: number, style: Style): string {
  if (retries.length === 0) return `Nothing to retry: no rejected row in ${plural(syncCount, 'sync')}.`
  return retries
    .map(({ sync, rows, later }) => {
      const waited = later === 0 ? '' : style('dim', `, ${count(later)} of them before their time`)
      return `${style('bold', 'retry')} ${sync}: ${plural(rows, 'rejected row')}${waited}`
    })
    .join('\n')
}
