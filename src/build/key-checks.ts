import { SluiceError } from '../base/errors.ts'
import type { CompileContext } from '../compile/context.ts'
import {
  exampleKeysStep,
  keyColumnsStep,
  keyFiguresStep,
  repeatedKeysStep,
} from '../compile/keys/key-steps.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Source } from '../spec/project.ts'
import type { Row } from '../warehouse/warehouse.ts'
import type { RunContext } from './run-context.ts'
import { untilTold } from './until-told.ts'

/**
 * Proves that the primary key of each source is present and unique, where a key that is not would multiply rows.
 * Throws: SLU4102 with a few masked examples, for the first source whose key is not.
 */
export async function refuseDuplicateKeys(
  run: RunContext,
  context: CompileContext,
  sources: readonly Source[],
): Promise<void> {
  for (const source of sources) {
    const figures = await ask(run, keyFiguresStep(context, source))
    const keyless = Number(figures?.keyless ?? 0)
    const keyed = Number(figures?.records ?? 0) - keyless
    const repeated = keyed === Number(figures?.hashes ?? 0) ? [] : await examples(run, context, source)
    if (keyless > 0 || repeated.length > 0) throw keyProblem(source, keyless, repeated)
  }
}

const MOST_EXAMPLES = 3

/** Empty when two keys only share a hash. */
async function examples(
  run: RunContext,
  context: CompileContext,
  source: Source,
): Promise<readonly string[]> {
  const count = await ask(run, repeatedKeysStep(context, source))
  const keys = Number(count?.keys ?? 0)
  if (keys === 0) return []
  const columns = await run.warehouse.describe(statementOf(keyColumnsStep(context, source), context.dialect))
  const step = exampleKeysStep(
    context,
    source,
    columns.map(({ type }) => type),
    MOST_EXAMPLES,
  )
  const rows = await untilTold(run, () => run.warehouse.read(statementOf(step, context.dialect)))
  const shown = rows.map((row) => `${String(row.example)} (${String(row.records)} rows)`)
  return [`${keys} ${keys === 1 ? 'key' : 'keys'} more than once: ${shown.join('; ')}`]
}

function keyProblem(source: Source, keyless: number, repeated: readonly string[]): SluiceError {
  const columns = source.primaryKey.map(({ value }) => value).join(', ')
  const found = [
    ...repeated,
    ...(keyless === 0 ? [] : [`${keyless} ${keyless === 1 ? 'row' : 'rows'} without it`]),
  ]
  return new SluiceError('SLU4102', {
    message: `expected the primary key (${columns}) of source "${source.name}" once in every row, found ${found.join(', and ')}`,
    at: source.primaryKey[0]?.at,
    hint: 'name the columns that tell its rows apart, or read it through a `query:` that leaves one row a key',
  })
}

async function ask(run: RunContext, step: Step): Promise<Row | undefined> {
  const [row] = await untilTold(run, () => run.warehouse.read(statementOf(step, run.warehouse.dialect)))
  return row
}
