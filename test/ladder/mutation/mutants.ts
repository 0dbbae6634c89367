import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { Random } from '../../support/random.ts'
import { Mutable } from './mutators.ts'
import { type Baseline, type Change, type Verdict, verdictFrom } from './replay.ts'
import type { Moment } from './timeline.ts'

/** One bug of the generator: the same change wherever the same line of it prints. */
export interface Mutant {
  readonly key: string
  readonly kind: string
  /** Where it shows first. */
  readonly family: string
  readonly shown: string
}

export interface Judged {
  readonly mutant: Mutant
  readonly verdict: Verdict
}

/** All of a timeline, in the order of their first statements. */
export function mutantsOf(timeline: readonly Moment[]): readonly Mutant[] {
  const mutants = new Map<string, Mutant>()
  for (const { family, statement } of timeline) {
    if (NOT_MUTATED.test(family)) continue
    for (const { key, kind, shown } of mutableOf(statement.sql).places)
      if (!mutants.has(key) && !isOfTheUser(family, kind)) mutants.set(key, { key, kind, family, shown })
  }
  return [...mutants.values()]
}

/** The texts that a condition compares with are the user's; that they are printed as they are is another test's. */
function isOfTheUser(family: string, kind: string): boolean {
  return kind === 'another text' && family.startsWith('segment.')
}

/**
 * What the scene itself does; what only makes or drops tables; digests, which any other formula would serve as well; and
 * checks for collisions of hashes, which never happen unless a test makes them (test/identity/collisions.test.ts).
 */
const NOT_MUTATED =
  /^(?:data|build\.(?:drop|leftovers)|ledger\.(?:create_\w+|drop)|.*\.(?:drop|digest|model_digest|check_\w+|stitch))$/

/** Kinds of steps. */
const STEPS: readonly (readonly [kind: string, family: RegExp])[] = [
  ['candidates', /^identity\.\w+\.(?:alike|link|candidates)/],
  ['limits', /^identity\.\w+\.(?:guard|over|blocked)/],
  ['incremental identity', /^identity\.\w+\.incremental/],
  ['records', /^identity\.\w+\.(?:records|groups|loose|ignored)/],
  ['identity', /^identity\./],
  ['changed fields', /^profile\.\w+\.changes/],
  ['fields', /^profile\.\w+\.\w+/],
  ['profiles', /^profile\./],
  ['traits', /^traits?\./],
  ['reach', /^reach\./],
  ['segments', /^segment\./],
  ['keys', /^source\./],
  ['plans', /^sync\.\w+\.(?:compare|decide|number|freeze|model)/],
  ['bodies', /^sync\./],
  ['commits', /^ledger\.(?:commit|clear|acknowledge|snapshot|mark|make)/],
  ['ledger', /^/],
]

export function stepKindOf({ family }: Mutant): string {
  return STEPS.find(([, pattern]) => pattern.test(family))?.[0] ?? 'ledger'
}

/** So many, of each kind of step in turn, and of its kinds of bugs in turn. */
export function sampleOf(mutants: readonly Mutant[], count: number, seed: number): readonly Mutant[] {
  const random = new Random(seed)
  const queues = [...Map.groupBy(mutants, stepKindOf).values()].map((ofFamily) =>
    byKindInTurn(random, ofFamily),
  )
  const taken: Mutant[] = []
  for (let round = 0; taken.length < count && queues.some((queue) => queue.length > round); round += 1)
    for (const queue of random.shuffled(queues)) {
      const next = queue[round]
      if (next !== undefined && taken.length < count) taken.push(next)
    }
  return taken
}

/** Judges mutants on one walk through the timeline; the warehouse begins empty. */
export async function judge(
  warehouse: Warehouse,
  timeline: readonly Moment[],
  baseline: Baseline,
  mutants: readonly Mutant[],
  told: (judged: Judged) => void = () => {},
): Promise<readonly Judged[]> {
  const open = new Map<Mutant, { verdict: Verdict; unseen: number }>(
    mutants.map((mutant) => [mutant, { verdict: 'same', unseen: 0 }]),
  )
  const judged: Judged[] = []
  const settle = (mutant: Mutant, verdict: Verdict) => {
    open.delete(mutant)
    const one = { mutant, verdict }
    judged.push(one)
    told(one)
  }
  for (const moment of timeline) {
    const keys = new Set(
      NOT_MUTATED.test(moment.family) ? [] : mutableOf(moment.statement.sql).places.map(({ key }) => key),
    )
    for (const [mutant, state] of [...open]) {
      if (!keys.has(mutant.key)) continue
      const verdict = await verdictFrom(warehouse, timeline, baseline, moment.at, changeOf(mutant))
      if (verdict === 'broken' || verdict === 'different') settle(mutant, verdict)
      else if (verdict === 'unseen') {
        state.verdict = 'unseen'
        state.unseen += 1
        if (state.unseen >= MOST_UNSEEN) settle(mutant, 'unseen')
      }
    }
    const { kind, sql, parameters } = moment.statement
    if (kind === 'execute') await warehouse.execute({ step: 'replay', sql, parameters })
  }
  for (const [mutant, { verdict }] of [...open]) settle(mutant, verdict)
  return judged
}

/** After so many deliveries in which it changed something that nobody saw it is given up. */
const MOST_UNSEEN = 2

function changeOf({ key }: Mutant): Change {
  return ({ family, statement }) =>
    NOT_MUTATED.test(family) ? undefined : mutableOf(statement.sql).changed(key)
}

function mutableOf(sql: string): Mutable {
  const known = MUTABLES.get(sql)
  if (known !== undefined) return known
  const mutable = new Mutable(sql)
  MUTABLES.set(sql, mutable)
  return mutable
}

const MUTABLES = new Map<string, Mutable>()

function byKindInTurn(random: Random, mutants: readonly Mutant[]): readonly Mutant[] {
  const kinds = [...Map.groupBy(random.shuffled(mutants), ({ kind }) => kind).values()]
  const longest = Math.max(...kinds.map((kind) => kind.length))
  return Array.from({ length: longest }, (_, round) => kinds.flatMap((kind) => kind[round] ?? [])).flat()
}
