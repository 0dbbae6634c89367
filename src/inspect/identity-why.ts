import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { identifierTypes } from '../compile/inspect/entity-records.ts'
import {
  apartStep,
  entitySizeStep,
  linkedRecordsSteps,
  type Place,
  placeStep,
  type RecordsStep,
} from '../compile/inspect/identity-why.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Entity } from '../spec/project.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { type LookAlike, linkedPairs, waitingPairs } from './identity-candidates.ts'
import { type LinkedRecord, type LinkingIdentifier, type PathStep, shortestPath } from './identity-path.ts'
import { withPublishedIdentity } from './published-identity.ts'
import { rowsOf } from './rows.ts'

export interface IdentityWhy {
  readonly entity: string
  readonly same: boolean
  /** The entities of the two; equal when they are the same. */
  readonly entities: readonly [EntitySize, EntitySize]
  /** Empty when they are not the same. */
  readonly path: readonly PathStep[]
  /** When they are not: what both carry and why it joins nothing, the first of it. */
  readonly refused: readonly RefusedLink[]
  /** When they are not: how records of both look alike. */
  readonly candidates: readonly LookAlike[]
}

interface RefusedLink {
  readonly identifier: string
  /** As people may see it. */
  readonly shown: string
  readonly reason: string
}

export interface EntitySize {
  readonly id: string
  readonly records: number
}

/** An entity of more records is a mistake of the identity, and no way through it would tell anything. */
const MOST_RECORDS = 10_000

/**
 * Why two records are one entity: the shortest way of shared identifiers between them, of those that the published
 * identity used. `first`, `second`: `source:record_id` or `identifier=value`.
 *
 * Throws: SLU7001 and SLU7006 for a place that is none, SLU7010 before the first build, SLU7014 when no entity, or
 * more than one, holds it, SLU7015 when the sources no longer link the two, SLU7016 for an entity too large to search.
 */
export async function identityWhy(
  run: RunContext,
  entity: Entity,
  request: { readonly first: string; readonly second: string; readonly unmask: boolean },
): Promise<IdentityWhy> {
  const places = [placeOf(entity, request.first), placeOf(entity, request.second)] as const
  return withPublishedIdentity(run, entity, async (context) => {
    const ids = [
      await entityAt(run, context, entity, places[0]),
      await entityAt(run, context, entity, places[1]),
    ] as const
    const entities = [
      { id: ids[0], records: await sizeOf(run, context, entity, ids[0]) },
      { id: ids[1], records: await sizeOf(run, context, entity, ids[1]) },
    ] as const
    const same = ids[0] === ids[1]
    const of = { places, unmask: request.unmask, limit: MOST_RECORDS + 1 }
    const path = same ? await pathIn(run, context, entity, ids[0], of) : []
    const refused = same ? [] : await refusedBetween(run, context, entity, ids, request.unmask)
    const candidates = same ? [] : await waitingPairs(run, context, entity, ids)
    return { entity: entity.name, same, entities, path, refused, candidates }
  })
}

/** Two entities that share more than this are told apart by the first of it. */
const MOST_REFUSED = 20

async function refusedBetween(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  ids: readonly [string, string],
  unmask: boolean,
): Promise<readonly RefusedLink[]> {
  const rows = await rowsOf(run, apartStep(context, entity, ids, { unmask, limit: MOST_REFUSED }))
  return rows.map((row) => ({
    identifier: String(row.identifier),
    shown: String(row.shown),
    reason: String(row.reason),
  }))
}

async function pathIn(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  entityId: string,
  of: { readonly places: readonly [Place, Place]; readonly unmask: boolean; readonly limit: number },
): Promise<readonly PathStep[]> {
  const records: LinkedRecord[] = []
  const pairs = await linkedPairs(run, context, entity, entityId)
  for (const asked of linkedRecordsSteps(context, entity, entityId, of)) {
    for (const row of await rowsOf(run, asked.step)) records.push(recordIn(asked, row, of.places, pairs))
    if (records.length > MOST_RECORDS) throw tooLarge(entity, entityId)
  }
  const path = shortestPath(records)
  if (path !== undefined) return path
  throw new SluiceError('SLU7015', {
    message: `expected identifiers that link the two records of ${entity.name} ${entityId}, found none: the sources or the project have changed since the build`,
    hint: 'build again, then ask again',
  })
}

/** A record that was named on the command line is shown as it was typed. */
function recordIn(
  asked: RecordsStep,
  row: Row,
  places: readonly [Place, Place],
  pairs: ReadonlyMap<string, readonly LinkingIdentifier[]>,
): LinkedRecord {
  const isFirst = row.is_first === true
  const isSecond = row.is_second === true
  const [first, second] = places
  const named = [isFirst ? first : undefined, isSecond ? second : undefined].find(
    (place) => place?.kind === 'record',
  )
  return {
    source: asked.source,
    recordId: named?.kind === 'record' ? named.recordId : String(row.record_id),
    rows: Number(row.records),
    isFirst,
    isSecond,
    identifiers: [
      ...asked.identifiers.flatMap(({ type, hash, shown }): readonly LinkingIdentifier[] =>
        row[hash] === null ? [] : [{ type, hash: String(row[hash]), shown: String(row[shown]) }],
      ),
      ...(pairs.get(String(row.place_hash)) ?? []),
    ],
  }
}

async function entityAt(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  place: Place,
): Promise<string> {
  const step = placeStep(context, entity, place, 2)
  const found = step === undefined ? [] : await rowsOf(run, step)
  const [only, second] = found
  if (only !== undefined && second === undefined) return String(only.entity_id)
  const what = place.kind === 'record' ? `record of ${place.source}` : place.type
  throw new SluiceError('SLU7014', {
    message: `expected the ${what} that was named in one ${entity.name} of the published identity, found it in ${only === undefined ? 'none' : 'several'}`,
    hint:
      only === undefined
        ? 'it may be new since the last build, ignored by the identity, or an event without a usable identifier'
        : 'a value that was refused joins nothing: name a record, source:record_id',
  })
}

async function sizeOf(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  entityId: string,
): Promise<number> {
  const [row] = await run.warehouse.read(
    statementOf(entitySizeStep(context, entity, entityId), context.dialect),
  )
  return Number(row?.records ?? 0)
}

/** The part behind the name is a person's: no error repeats it. */
function placeOf(entity: Entity, text: string): Place {
  const match = /^([a-z][a-z0-9_]*)([:=])([\s\S]+)$/.exec(text)
  const [, name = '', sign, value = ''] = match ?? []
  if (match === null)
    throw new SluiceError('SLU7001', {
      message: 'expected source:record_id or identifier=value, found something else',
      hint: 'such as contacts:17 or email=ada@example.com',
    })
  const sources = entity.identity?.from.map(({ source }) => source.value) ?? []
  const names = sign === ':' ? sources : identifierTypes(entity)
  if (!names.includes(name))
    throw new SluiceError('SLU7006', {
      message: `expected ${sign === ':' ? 'a source' : 'an identifier'} of ${entity.name}, found "${name}"`,
      hint: nearestHint(name, new Set(names)),
    })
  return sign === ':'
    ? { kind: 'record', source: name, recordId: value }
    : { kind: 'identifier', type: name, value }
}

function tooLarge(entity: Entity, entityId: string): SluiceError {
  return new SluiceError('SLU7016', {
    message: `expected at most ${MOST_RECORDS} records in one ${entity.name}, found more in ${entityId}`,
    hint: 'an entity of this size is no person: see `sluice identity stats`, and lower max_records or ignore values',
  })
}
