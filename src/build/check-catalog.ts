import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { Located, Position } from '../base/position.ts'
import type { CompileContext } from '../compile/context.ts'
import { identifierExpressions } from '../compile/identity/expressions.ts'
import { statementOf } from '../compile/render-step.ts'
import { usedColumns } from '../compile/sources/columns.ts'
import { columnOf, relationOf, stageSteps } from '../compile/sources/relation.ts'
import type { Step } from '../compile/step.ts'
import { type Fragment, render, splitName, sql } from '../dialect/fragment.ts'
import type { Source } from '../spec/project.ts'
import type { Column, Warehouse } from '../warehouse/warehouse.ts'
import { isStaged } from './staging.ts'

/**
 * What the project names and the warehouse does not have: tables, files and columns, each once, with its place; SQL
 * of sources and identifiers that the warehouse does not understand. Reads no rows (of a file as many as tell its
 * columns). Throws when the warehouse cannot be asked. `onColumns` is told what columns each readable source has,
 * while it can be asked more; what it throws is an error of the source.
 */
export async function checkCatalog(
  context: CompileContext,
  warehouse: Warehouse,
  sources: readonly Source[],
  onColumns: OnColumns = async () => {},
): Promise<readonly SluiceError[]> {
  const errors: SluiceError[] = []
  const made: Step[] = []
  const unreadable = new Set<string>()
  try {
    for (const source of sources.filter(({ enabled }) => enabled)) {
      const found = await sourceErrors(context, warehouse, source, { made, unreadable, onColumns })
      errors.push(...found)
    }
    return errors
  } finally {
    for (const step of made) await dropStaged(warehouse, step)
  }
}

type OnColumns = (columns: readonly Column[], source: Source) => Promise<void>

/** What one check has done so far: empty tables made for files, and files that could not be read. */
interface Progress {
  readonly made: Step[]
  readonly unreadable: Set<string>
  readonly onColumns: OnColumns
}

async function sourceErrors(
  context: CompileContext,
  warehouse: Warehouse,
  source: Source,
  progress: Progress,
): Promise<readonly SluiceError[]> {
  const { made, unreadable, onColumns } = progress
  try {
    for (const step of stageSteps(context, [source])) {
      const name = step.creates?.name ?? ''
      // The file's own source has told it already.
      if (unreadable.has(name) && step.name !== `source.${source.name}.stage`) return []
      if (unreadable.has(name) || isStaged(warehouse, step) || made.some((one) => one.name === step.name))
        continue
      unreadable.add(name)
      await stageEmpty(context, warehouse, step)
      unreadable.delete(name)
      made.push(step)
    }
    const columns = await describe(context, warehouse, source, sql`x.*`)
    await onColumns(columns, source)
    return [
      ...(await missingColumns(
        context,
        warehouse,
        source,
        columns.map(({ name }) => name),
      )),
      ...(await wrongExpressions(context, warehouse, source)),
    ]
  } catch (error) {
    return [locatedError(error, placeOf(source), `source "${source.name}"`)]
  }
}

/** A file's columns, without its rows. */
async function stageEmpty(context: CompileContext, warehouse: Warehouse, step: Step): Promise<void> {
  const empty: Step = { ...step, query: sql`select * from (${step.query}) as file limit 0` }
  await warehouse.execute(statementOf(empty, context.dialect))
}

async function dropStaged(warehouse: Warehouse, step: Step): Promise<void> {
  if (step.creates === undefined) return
  const drop = render(warehouse.dialect.table.dropIfExists(step.creates), warehouse.dialect)
  await warehouse.execute({ step: 'catalog.drop', sql: drop })
}

async function missingColumns(
  context: CompileContext,
  warehouse: Warehouse,
  source: Source,
  columns: readonly string[],
): Promise<readonly SluiceError[]> {
  const known = new Set(columns)
  const used = new Map(
    usedColumns(context.graph, source)
      .map((column) => [column.value, column] as const)
      .reverse(),
  )
  const errors: SluiceError[] = []
  for (const column of [...used.values()].reverse()) {
    if (known.has(exactName(context, column.value) ?? '')) continue
    // Which names the engine takes for one, only it can tell.
    const found = await describe(context, warehouse, source, sql`x.${columnOf(column.value)}`).catch(
      () => undefined,
    )
    if (found === undefined) errors.push(missingColumn(source, column, columns))
  }
  return errors
}

function exactName(context: CompileContext, written: string): string | undefined {
  const [piece] = splitName(written)
  return piece === undefined || piece.exact ? piece?.text : context.dialect.fold(piece.text)
}

async function wrongExpressions(
  context: CompileContext,
  warehouse: Warehouse,
  source: Source,
): Promise<readonly SluiceError[]> {
  const errors: SluiceError[] = []
  for (const { at, value } of identifierExpressions(context, source))
    await describe(context, warehouse, source, value).catch((error: unknown) =>
      errors.push(locatedError(error, at, `an identifier of source "${source.name}"`)),
    )
  return errors
}

async function describe(
  context: CompileContext,
  warehouse: Warehouse,
  source: Source,
  selected: Fragment,
): Promise<readonly Column[]> {
  const step: Step = {
    name: `catalog.${source.name}`,
    summary: 'What columns there are',
    creates: undefined,
    grain: 'one row a row of the source',
    query: sql`select ${selected} from ${relationOf(context, source)} as x`,
  }
  return warehouse.describe(statementOf(step, context.dialect))
}

function missingColumn(source: Source, column: Located<string>, columns: readonly string[]): SluiceError {
  return new SluiceError('SLU4104', {
    message: `expected a column of source "${source.name}", found "${column.value}", which it does not have`,
    at: column.at,
    hint: nearestHint(column.value, columns),
  })
}

/** An error of the project gets its place; any other is thrown on: the warehouse could not be asked. */
function locatedError(error: unknown, at: Position, what: string): SluiceError {
  if (!(error instanceof SluiceError) || !(error.kind === 'project' || error.kind === 'failed')) throw error
  if (error.at !== undefined) return error
  return new SluiceError('SLU4103', {
    message: `expected to read ${what}; ${error.message}`,
    at,
    hint: error.hint,
    cause: error,
  })
}

function placeOf({ relation }: Source): Position {
  switch (relation.kind) {
    case 'table':
      return relation.table.at
    case 'file':
      return relation.path.at
    case 'query':
      return relation.query.default?.at ?? relation.query.at
    case 'dbt':
      return relation.model.at
  }
}
