import { createReadStream, existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { SluiceError } from '../../base/errors.ts'
import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'
import { count, plural } from '../render/table.ts'
import { openRun } from '../run-context.ts'

/** Who may read an export: it names customers by their keys. */
const OWNER_ONLY = 0o600

/**
 * Writes the state into a file, whole or not at all. Throws SLU7012 when the file is there already, without `--yes`.
 */
export async function exportStateTo(context: CommandContext, file: string): Promise<Answer> {
  const path = resolve(context.workingDirectory, file)
  if (existsSync(path) && context.flags.yes !== true)
    throw new SluiceError('SLU7012', {
      message: `expected a file that is not there yet, found ${file}`,
      hint: 'name another one, or overwrite it: --yes',
    })
  const run = await openRun(context)
  const { exportState } = await import('../../sync/state/export-state.ts')
  const partial = `${path}.${context.runId}.partial`
  try {
    const exported = await intoFile(context, partial, (write) => exportState(run, write))
    await rename(partial, path)
    return {
      json: { file: path, ...exported },
      text: () =>
        [
          `wrote ${file}: ${plural(exported.rows, 'row')} of ${plural(exported.tables, 'table')}, ${plural(exported.snapshots, 'snapshot')}`,
          'It names customers by the keys of their rows: keep it as you keep their data, and delete it when it is imported.',
        ].join('\n'),
    }
  } finally {
    await rm(partial, { force: true })
  }
}

/** Goes on from an export, in an empty state schema. */
export async function importStateFrom(context: CommandContext, file: string): Promise<Answer> {
  const path = resolve(context.workingDirectory, file)
  if (!existsSync(path))
    throw new SluiceError('SLU5008', {
      message: `expected a file that "sluice state export" wrote, found none at ${file}`,
    })
  const run = await openRun(context)
  const { importState } = await import('../../sync/state/import-state.ts')
  const stream = createReadStream(path, 'utf8')
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  try {
    const { header, tables, rows, dirty } = await importState(run, untilStopped(context, lines))
    const { project, target, engine, exportedAt } = header
    return {
      json: {
        file: path,
        schema: run.target.stateSchema,
        from: { project, target, engine, exported_at: exportedAt },
        tables,
        rows,
        dirty,
      },
      text: () =>
        [
          `imported ${plural(rows, 'row')} of ${plural(tables, 'table')} into "${run.target.stateSchema}", from target ${target} as of ${exportedAt}`,
          ...(dirty === 0
            ? []
            : [
                `${count(dirty)} rows are dirty: hashes of ${engine} mean nothing on ${run.warehouse.dialect.name}, so the next sync sends each of them once more`,
              ]),
        ].join('\n'),
    }
  } finally {
    lines.close()
    stream.destroy()
  }
}

async function intoFile<T>(
  context: CommandContext,
  path: string,
  work: (write: (text: string) => Promise<void>) => Promise<T>,
): Promise<T> {
  const file = await open(path, 'wx', OWNER_ONLY).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given'
    throw new SluiceError('SLU7019', {
      message: `expected to be able to write into ${dirname(path)}, found that it cannot be (${code})`,
      cause: error,
    })
  })
  try {
    const done = await work(async (text) => {
      refuseWhenStopped(context)
      await file.appendFile(text)
    })
    await file.sync()
    return done
  } finally {
    await file.close()
  }
}

async function* untilStopped(context: CommandContext, lines: AsyncIterable<string>): AsyncIterable<string> {
  for await (const line of lines) {
    refuseWhenStopped(context)
    yield line
  }
}

function refuseWhenStopped({ signal }: CommandContext): void {
  if (!signal.aborted) return
  throw new SluiceError('SLU7011', {
    message: 'stopped before the state was copied',
    hint: 'nothing was written: run it again',
  })
}
