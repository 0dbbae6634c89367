import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { hasCandidates } from '../compile/identity/candidates/compared.ts'
import {
  candidateCountsStep,
  candidatesListedStep,
  linkedPairsStep,
  waitingPairsStep,
} from '../compile/inspect/identity-candidates.ts'
import type { Entity } from '../spec/project.ts'
import type { LinkingIdentifier } from './identity-path.ts'
import { rowsOf } from './rows.ts'

/** What a rule found, in the last build. */
export interface CandidateCount {
  readonly rule: string
  /** Pairs of records that are not one. */
  readonly waiting: number
  readonly linked: number
}

export interface LookAlike {
  readonly rule: string
  readonly score: number
  /** The score in words. */
  readonly shown: string
}

/** None where the project has no rules, or had none when it was built. */
export async function candidateCounts(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
): Promise<readonly CandidateCount[]> {
  if (!(await wereLookedFor(run, context, entity))) return []
  const rows = await rowsOf(run, candidateCountsStep(context, entity))
  return rows.map((row) => ({
    rule: String(row.rule),
    waiting: Number(row.waiting),
    linked: Number(row.linked),
  }))
}

/** By `place_hash`: the pairs that a record was joined by, each as a value that two records hold. */
export async function linkedPairs(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  entityId: string,
): Promise<ReadonlyMap<string, readonly LinkingIdentifier[]>> {
  const links = new Map<string, LinkingIdentifier[]>()
  if (!(await wereLookedFor(run, context, entity))) return links
  for (const row of await rowsOf(run, linkedPairsStep(context, entity, entityId, MOST_PAIRS))) {
    const { rule, score, shown } = lookAlike(entity, String(row.rule), Number(row.score))
    const ends = [String(row.low), String(row.high)]
    const link = { type: rule, hash: ends.join(' '), shown, score }
    for (const end of ends) links.set(end, [...(links.get(end) ?? []), link])
  }
  return links
}

/** How records of two entities look alike that are not one. */
export async function waitingPairs(
  run: RunContext,
  context: CompileContext,
  entity: Entity,
  ids: readonly [string, string],
): Promise<readonly LookAlike[]> {
  if (!(await wereLookedFor(run, context, entity))) return []
  const rows = await rowsOf(run, waitingPairsStep(context, entity, ids, MOST_WAITING))
  return rows.map((row) => lookAlike(entity, String(row.rule), Number(row.score)))
}

/** Ten for each record of the largest entity that is searched. */
const MOST_PAIRS = 100_000
/** More would not tell more. */
const MOST_WAITING = 20

async function wereLookedFor(run: RunContext, context: CompileContext, entity: Entity): Promise<boolean> {
  if (!hasCandidates(entity)) return false
  return (await rowsOf(run, candidatesListedStep(context, entity))).length > 0
}

function lookAlike(entity: Entity, rule: string, score: number): LookAlike {
  const found = entity.identity?.candidates.find(({ name }) => name.value === rule)
  const isEdits = found?.similarity.kind === 'edit_distance'
  // A share that is nearly 1 must not be told as 1.
  const shown = isEdits
    ? `${score} ${score === 1 ? 'edit' : 'edits'} apart`
    : `${Math.floor(score * DECIMALS) / DECIMALS} alike`
  return { rule, score, shown }
}

const DECIMALS = 10_000
