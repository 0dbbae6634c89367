import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import { Random } from '../../support/random.ts'
import { Mutable } from './mutators.ts'
import { type Baseline, type Change, type Verdict, verdictFrom } from './replay.ts'
import type { Moment } from './timeline.ts'

/** One bug of the generator: the same change wherever the same line of it prints. */
export interface Mutant {
  /** `line` and `place`: no other mutant has both. */
  readonly key: string
  readonly line: string
  readonly place: string
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
  const mutableOf = mutables()
  for (const { family, statement } of timeline) {
    if (NOT_MUTATED.test(family)) continue
    const line = lineOf(family)
    for (const { key: place, kind, shown } of mutableOf(statement.sql).places) {
      const key = keyOf(line, place)
      if (!mutants.has(key) && !isOfTheUser(family, kind))
        mutants.set(key, { key, line, place, kind, family, shown })
    }
  }
  return [...mutants.values()]
}

function keyOf(line: string, place: string): string {
  return `${line}: ${place}`
}

/**
 * The part of the generator that prints a step: for identity, syncs and the ledger a template of its own, whatever the
 * entity, source, identifier or rule, and whether it runs in full, for what changed, or again for what looks alike;
 * conditions, fields and traits are put together of the same few lines.
 */
function lineOf(family: string): string {
  if (!/^(?:identity|sync|ledger)\.|\.changes\./.test(family)) return ''
  const [room = '', ...rest] = family.split('.')
  const step = rest.at(-1) ?? ''
  if (OF_FATES.test(step)) return 'ledger.fates'
  return `${room}.${step.replace(AGAIN, '').replace(OF_SOURCE, '$1').replace(OF_RULE, 'alike')}`
}

/** Within limits, for what looks alike, or both. */
const AGAIN = /^(?:link_(?!pairs|edges|labels))?(?:guard_N_(?=round))?/

/** What became of each row of a plan is told by the same lines in each of these. */
const OF_FATES = /^(?:commit_(?:counts|snapshot|rejected)|clear_receipts|acknowledged)$/

/** There is such a step for each source or identifier. */
const OF_SOURCE =
  /^((?:guard_|loose_|came_)?rows|records|groups|seen|found|check|alike_facts|over)_(?!plan|block|entity_size|rows|refused|stars)\w+$/

const OF_RULE = /^alike_\w+(?=_(?:rows|blocks|pairs)$)/

/** The texts that a condition compares with are the user's; that they are printed as they are is another test's. */
function isOfTheUser(family: string, kind: string): boolean {
  return kind === 'another text' && family.startsWith('segment.')
}

/**
 * What the scene itself does; what only makes or drops tables; digests, which any other formula would serve as well; and
 * checks for collisions of hashes, which never happen unless a test makes them (test/identity/collisions.test.ts).
 */
const NOT_MUTATED =
  /^(?:data|build\.(?:drop|leftovers)|ledger\.(?:create_(?!lease)\w+|create_leases|drop)|.*\.(?:drop|digest|model_digest|check_(?:records|resalt|came|touched|delta)|stitch))$/

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
  ['plans', /^sync\.\w+\.(?:compare|decide|leaving|number|freeze|model)/],
  ['bodies', /^sync\./],
  ['commits', /^ledger\.(?:commit|clear|acknowledge|snapshot|mark|make)/],
  ['ledger', /^/],
]

export function stepKindOf({ family }: Mutant): string {
  return STEPS.find(([, pattern]) => pattern.test(family))?.[0] ?? 'ledger'
}

/** So many, drawn by a seed, as many of each kind of step as is its part of all. */
export function sampleOf(mutants: readonly Mutant[], count: number, seed: number): readonly Mutant[] {
  const random = new Random(seed)
  const inOrder = [...mutants].sort((a, b) => (a.key < b.key ? -1 : 1))
  const placed = [...Map.groupBy(inOrder, stepKindOf).values()].flatMap((ofKind) =>
    random.shuffled(ofKind).map((mutant, at) => ({ mutant, place: (at + 0.5) / ofKind.length })),
  )
  return placed
    .sort((a, b) => a.place - b.place)
    .slice(0, count)
    .map(({ mutant }) => mutant)
}

/** Judges mutants on one walk through the timeline; the warehouse begins empty. */
export async function judge(
  warehouse: Warehouse,
  timeline: readonly Moment[],
  baseline: Baseline,
  mutants: readonly Mutant[],
): Promise<readonly Judged[]> {
  const open = new Map<Mutant, { verdict: Verdict; unseen: number }>(
    mutants.map((mutant) => [mutant, { verdict: 'same', unseen: 0 }]),
  )
  const judged: Judged[] = []
  const settle = (mutant: Mutant, verdict: Verdict) => {
    open.delete(mutant)
    judged.push({ mutant, verdict })
  }
  const mutableOf = mutables()
  for (const moment of timeline) {
    if (open.size === 0) break
    const line = lineOf(moment.family)
    const keys = new Set(
      NOT_MUTATED.test(moment.family)
        ? []
        : mutableOf(moment.statement.sql).places.map(({ key }) => keyOf(line, key)),
    )
    for (const [mutant, state] of [...open]) {
      if (!keys.has(mutant.key)) continue
      const verdict = await verdictFrom(warehouse, timeline, baseline, moment.at, changeOf(mutant, mutableOf))
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
const MOST_UNSEEN = 8

function changeOf({ line, place }: Mutant, mutableOf: MutableOf): Change {
  return ({ family, statement }) =>
    NOT_MUTATED.test(family) || lineOf(family) !== line ? undefined : mutableOf(statement.sql).changed(place)
}

type MutableOf = (sql: string) => Mutable

/** Reads each text once. */
function mutables(): MutableOf {
  const read = new Map<string, Mutable>()
  return (sql) => {
    const known = read.get(sql)
    if (known !== undefined) return known
    const mutable = new Mutable(sql)
    read.set(sql, mutable)
    return mutable
  }
}
