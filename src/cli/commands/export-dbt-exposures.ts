import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SluiceError } from '../../base/errors.ts'
import type { Answer } from '../answer.ts'
import type { ExportFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { plural } from '../render/table.ts'
import { selectIds } from '../select.ts'

/** The syncs that read dbt models, as exposures for dbt's own documentation and selection. Needs no warehouse. */
export async function exportDbtExposures(context: CommandContext, flags: ExportFlags): Promise<Answer> {
  const { dbtExposures, exposuresText } = await import('../../inspect/dbt-exposures.ts')
  const graph = await context.graph()
  const exposures = dbtExposures(graph, await selectIds(context, ['sync']))
  const text = exposuresText(exposures)
  if (flags.out !== undefined) await write(resolve(context.workingDirectory, flags.out), `${text}\n`)
  return {
    json: {
      exposures: exposures.map(({ dependsOn, ...one }) => ({
        ...one,
        owner: { ...one.owner },
        depends_on: dependsOn,
      })),
      file: flags.out ?? null,
    },
    text: () =>
      flags.out === undefined ? text : `${plural(exposures.length, 'exposure')} written to ${flags.out}`,
  }
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason given'
    throw new SluiceError('SLU7019', {
      message: `expected to be able to write ${path}, found that it cannot be (${code})`,
      hint: 'name a folder that is there and that you may write to',
      cause,
    })
  })
}
