import type { Answer } from '../answer.ts'
import type { CheckedProject, CommandContext } from '../context.ts'
import { refreshEditorSchema } from '../editor-schema.ts'
import { exitCodeOf, worstOf } from '../exit-codes.ts'
import { errorJson, renderRemark } from '../render/errors.ts'
import { plural } from '../render/table.ts'

/** Checks the project; with `--connect` its tables and columns too. Mistakes are the answer, all at once. */
export async function validate(
  context: CommandContext,
  flags: { readonly connect?: boolean },
): Promise<Answer> {
  const checked = await context.check()
  const errors = [...checked.errors]
  if (flags.connect === true && errors.length === 0) errors.push(...(await catalogErrors(context)))
  const { warnings } = checked
  await refreshEditorSchema(checked, () => context.manifests())
  return {
    json: {
      ok: errors.length === 0,
      errors: [],
      warnings: warnings.map((warning) => ({ ...errorJson(warning) })),
    },
    text: (style) =>
      [
        ...warnings.map((warning) => renderRemark('warning', warning, context.textOf, style)),
        ...(errors.length > 0 ? [] : [`${style('green', 'ok')}: ${contents(checked)}`]),
      ].join('\n'),
    errors,
    exitCode: worstOf(errors.map(exitCodeOf)),
  }
}

async function catalogErrors(context: CommandContext) {
  const { checkCatalog } = await import('../../build/check-catalog.ts')
  const { offlineContext } = await import('../run-context.ts')
  const compiling = await offlineContext(context)
  return checkCatalog(compiling, await context.warehouse(), [...compiling.graph.project.sources.values()])
}

function contents({ project }: CheckedProject): string {
  if (project === undefined) return 'nothing'
  return [
    plural(project.sources.size, 'source'),
    plural(project.entities.size, 'entity', 'entities'),
    plural(project.traits.length, 'trait'),
    plural(project.segments.size, 'segment'),
    plural(project.syncs.size, 'sync'),
  ].join(', ')
}
