import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { RunContext } from '../build/run-context.ts'
import { StepRunner } from '../build/step-runner.ts'
import type { CompileContext } from '../compile/context.ts'
import { identifierTypes, recordTables } from '../compile/inspect/entity-records.ts'
import {
  findByColumnStep,
  findByIdentifierStep,
  profileColumnsStep,
} from '../compile/inspect/explain-find.ts'
import { shownColumns } from '../compile/mask/privacy.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Entity } from '../spec/project.ts'
import type { Column } from '../warehouse/warehouse.ts'
import { rowsOf } from './rows.ts'

/** `customer_id=...`, a profile field, a trait or an identifier type, and its value. */
export interface EntityKey {
  readonly key: string
  readonly value: string
}

/**
 * The id of the one entity that is meant. A name that is an identifier type and a field too is taken as the
 * identifier, by which records that lost the pick are found as well; as the field when no record carries the value.
 *
 * Throws: SLU7006 for a key that is none, SLU7014 when no entity, or more than one, has the value.
 */
export async function findEntity(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  wanted: EntityKey,
): Promise<string> {
  const columns = await run.warehouse.describe(
    statementOf(profileColumnsStep(context, entity), context.dialect),
  )
  const column = columns.find(({ name }) => name === wanted.key)
  const isIdentifier = identifierTypes(entity).includes(wanted.key)
  if (column === undefined && !isIdentifier) throw unknownKey(entity, wanted.key, columns)
  const carried = isIdentifier ? await byIdentifier(run, context, entity, wanted) : []
  const found =
    carried.length > 0 || column === undefined
      ? carried
      : await byColumn(run, context, entity, wanted, column)
  const [only, second] = found
  if (only !== undefined && second === undefined) return only
  throw only === undefined
    ? noEntity(entity, wanted.key)
    : severalEntities(context, entity, wanted.key, found)
}

/** One more than are listed, to know that there are more. */
const MOST_FOUND = 6

async function byIdentifier(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  { key, value }: EntityKey,
): Promise<readonly string[]> {
  const step = findByIdentifierStep(context, entity, key, { value, limit: MOST_FOUND })
  if (step === undefined) return []
  const runner = new StepRunner(run)
  await runner.runAll(recordTables(context, entity))
  const rows = await rowsOf(run, step)
  await runner.dropMade()
  return rows.map((row) => String(row.entity_id))
}

async function byColumn(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  { value }: EntityKey,
  column: Column,
): Promise<readonly string[]> {
  const rows = await rowsOf(run, findByColumnStep(context, entity, column, { value, limit: MOST_FOUND }))
  return rows.map((row) => String(row.entity_id))
}

function unknownKey(entity: Entity, key: string, columns: readonly Column[]): SluiceError {
  const names = [...columns.map(({ name }) => name), ...identifierTypes(entity)]
  return new SluiceError('SLU7006', {
    message: `expected ${entity.name}_id, a trait, a profile field or an identifier of ${entity.name}, found "${key}"`,
    hint: nearestHint(key, new Set(names)),
  })
}

function noEntity(entity: Entity, key: string): SluiceError {
  return new SluiceError('SLU7014', {
    message: `expected one ${entity.name} with this ${key}, found none`,
    hint: 'an event at or after --as-of does not exist yet, and nobody has a value that the identity ignores',
  })
}

/** An id that Sluice minted says nothing about a person; the key of an unstitched entity may. */
function severalEntities(
  context: CompileContext,
  entity: Entity,
  key: string,
  found: readonly string[],
): SluiceError {
  const isMore = found.length >= MOST_FOUND
  const shown = shownColumns(context.graph, entity).has(`${entity.name}_id`)
    ? found.slice(0, MOST_FOUND - 1).map((id) => `${entity.name}_id=${id}`)
    : []
  return new SluiceError('SLU7014', {
    message: `expected one ${entity.name} with this ${key}, found ${isMore ? `${MOST_FOUND} or more` : found.length}`,
    hint:
      shown.length === 0
        ? `ask by ${entity.name}_id`
        : `ask for one of them: ${shown.join(', ')}${isMore ? ', ...' : ''}`,
  })
}
