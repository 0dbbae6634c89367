import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { instantOf } from '../../base/instant.ts'
import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'
import { plural } from '../render/table.ts'
import { offlineContext } from '../run-context.ts'
import { selectIds } from '../select.ts'

/** Stands for a run's `as_of` where none is given: the same project must give the same text on any day. */
const NO_DAY = instantOf(Date.UTC(2000, 0, 1))

/** Writes the SQL of each step to `target/compiled/<dialect>/`, without a connection: the same text every time. */
export async function compile(
  context: CommandContext,
  flags: { readonly dialect?: string },
): Promise<Answer> {
  const asOf = context.flags.asOf === undefined ? NO_DAY : context.asOf
  const compiling = await offlineContext(context, { dialect: flags.dialect, asOf })
  const { compileSteps } = await import('../../compile/build-steps.ts')
  const { renderStep } = await import('../../compile/render-step.ts')
  const nodes = await selectIds(context, ['identity', 'entity', 'segment', 'sync'])
  const folder = join('target', 'compiled', compiling.dialect.name)
  const steps = compileSteps(compiling, nodes).map((step) => ({
    name: step.name,
    sql: renderStep(step, compiling.dialect),
    file: `${folder}/${step.name}.sql`,
    from: step.file,
    head: `-- ${step.summary}\n-- grain: ${step.grain}\n`,
  }))
  await rm(join(context.directory, folder), { recursive: true, force: true })
  for (const step of steps) {
    const path = join(context.directory, step.file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `${step.head}${step.sql};\n`)
  }
  return {
    json: { steps: steps.map(({ name, sql, file, from }) => ({ name, sql, file, from: from ?? null })) },
    text: () => `${plural(steps.length, 'step')} written to ${folder}/`,
  }
}
