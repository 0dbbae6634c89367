import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'
import { exitCodeOf, worstOf } from '../exit-codes.ts'
import { errorJson, renderRemark } from '../render/errors.ts'
import { findVerdict } from '../verdict.ts'

/** Checks the project; with `--connect` its tables and columns too. Mistakes are the answer, all at once. */
export async function validate(
  context: CommandContext,
  flags: { readonly connect?: boolean },
): Promise<Answer> {
  const { errors: found, warnings, contents } = await findVerdict(context)
  const errors = [...found]
  if (flags.connect === true && errors.length === 0) errors.push(...(await catalogErrors(context)))
  return {
    json: {
      ok: errors.length === 0,
      errors: [],
      warnings: warnings.map((warning) => ({ ...errorJson(warning) })),
    },
    text: (style) =>
      [
        ...warnings.map((warning) => renderRemark('warning', warning, context.textOf, style)),
        ...(errors.length > 0 ? [] : [`${style('green', 'ok')}: ${contents}`]),
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
