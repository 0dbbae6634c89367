import { SluiceError } from '../base/errors.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { sourceRecords } from '../compile/inspect/entity-records.ts'
import {
  firstRunStep,
  identifiersOfStep,
  movesStep,
  recordIdsStep,
  recordsBySourceStep,
} from '../compile/inspect/identity-show.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { Entity } from '../spec/project.ts'
import type { Row, SqlValue } from '../warehouse/warehouse.ts'
import { withPublishedIdentity } from './published-identity.ts'
import { rowsOf } from './rows.ts'

export interface IdentityShown {
  readonly entity: string
  readonly id: string
  /** 0 for an id that was merged into another. */
  readonly records: number
  readonly sources: readonly {
    readonly source: string
    readonly records: number
    /** The first by key, as people may see them. */
    readonly recordIds: readonly string[]
  }[]
  readonly identifiers: readonly {
    readonly identifier: string
    readonly value: string
    readonly records: number
    /** Why the value joins nothing; undefined: it does. */
    readonly refused: string | undefined
  }[]
  readonly firstRun:
    | { readonly build: number; readonly runId: string | undefined; readonly asOf: string | undefined }
    | undefined
  readonly merges: readonly Move[]
  readonly splits: readonly Move[]
}

/** One id became part of another (merge), or lost records to it (split). */
export interface Move {
  readonly fromId: string
  readonly intoId: string
  readonly runId: string
  readonly at: string
}

/** Who has changed more often than this is read from the tables. */
const MOST_MOVES = 200

/**
 * What the published identity knows of one id, also of one that is no more. Throws: SLU7010 before the first build,
 * SLU7014 for an id that there never was.
 */
export async function identityShow(
  run: RunContext,
  entity: Entity,
  request: { readonly id: string; readonly limit: number; readonly unmask: boolean },
): Promise<IdentityShown> {
  return withPublishedIdentity(run, entity, async (context) => {
    const of = { entityId: request.id, unmask: request.unmask, limit: request.limit }
    const sources = await sourcesOf(run, context, entity, of)
    const moves = await read(run, movesStep(context, entity, request.id, MOST_MOVES))
    if (sources.length === 0 && moves.length === 0) throw neverThere(entity)
    const identifiers = sources.length === 0 ? [] : await rowsOf(run, identifiersOfStep(context, entity, of))
    const [first] = await read(run, firstRunStep(context, entity, request.id))
    return {
      entity: entity.name,
      id: request.id,
      records: sources.reduce((sum, { records }) => sum + records, 0),
      sources,
      identifiers: identifiers.map((row) => ({
        identifier: String(row.identifier),
        value: String(row.shown),
        records: Number(row.records),
        refused: textOf(row.reason),
      })),
      firstRun: firstRunOf(first),
      merges: moves.filter(({ kind }) => kind === 'merges').map(moveOf),
      splits: moves.filter(({ kind }) => kind === 'splits').map(moveOf),
    }
  })
}

async function sourcesOf(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  of: { readonly entityId: string; readonly unmask: boolean; readonly limit: number },
): Promise<IdentityShown['sources']> {
  const counts = await read(run, recordsBySourceStep(context, entity, of.entityId))
  const all = sourceRecords(context, entity, of.entityId)
  const found: IdentityShown['sources'][number][] = []
  for (const row of counts) {
    const source = all.find(({ records }) => records.source.name === row.source)
    const ids = source === undefined ? [] : await rowsOf(run, recordIdsStep(context, entity, source, of))
    found.push({
      source: String(row.source),
      records: Number(row.records),
      recordIds: ids.map((one) => String(one.record_id)),
    })
  }
  return found
}

function read(run: RunContext, step: Step): Promise<readonly Row[]> {
  return run.warehouse.read(statementOf(step, run.warehouse.dialect))
}

function firstRunOf(row: Row | undefined): IdentityShown['firstRun'] {
  if (row === undefined || row.first_run === null) return undefined
  return { build: Number(row.first_run), runId: textOf(row.run_id), asOf: textOf(row.as_of) }
}

function moveOf(row: Row): Move {
  return {
    fromId: String(row.from_id),
    intoId: String(row.into_id),
    runId: String(row.run_id),
    at: String(row.moved_at),
  }
}

function textOf(value: SqlValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value)
}

function neverThere(entity: Entity): SluiceError {
  return new SluiceError('SLU7014', {
    message: `expected the id of a ${entity.name} of the published identity, found none with it`,
    hint: 'preview and explain print ids',
  })
}
