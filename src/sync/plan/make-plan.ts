import { shortHash } from '../../base/short-hash.ts'
import type { RunContext } from '../../build/run-context.ts'
import { stageSources } from '../../build/staging.ts'
import { untilTold } from '../../build/until-told.ts'
import type { CompileContext } from '../../compile/context.ts'
import { isAudience } from '../../compile/diff/identified.ts'
import { leavingStep } from '../../compile/diff/leaving-step.ts'
import { type PlanInput, type PlanTables, planTables } from '../../compile/diff/plan-input.ts'
import {
  comparedStep,
  compareStep,
  countStep,
  decideStep,
  digestStep,
  dropStep,
  modelDigestStep,
  numberStep,
} from '../../compile/diff/plan-steps.ts'
import { modelCountStep, rawModel } from '../../compile/diff/raw-model.ts'
import { type TypedModel, typedModel } from '../../compile/diff/typed-model.ts'
import { statementOf } from '../../compile/render-step.ts'
import type { Step } from '../../compile/step.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { PlanCounts, SnapshotInfo } from '../../ledger/ledger.ts'
import type { Row, Statement, Warehouse } from '../../warehouse/warehouse.ts'
import { brokenGuard, type GuardedFigures } from '../guards.ts'
import { changesOf } from '../outcome.ts'
import { tellOfFewest, tellOfRulesets } from './tell-audience.ts'

/** A plan in temporary tables of this session. */
export interface MadePlan {
  /** Digest of the changes, 8 hex: the same for the same changes. */
  readonly planId: string
  readonly counts: PlanCounts
  /** Of all that the plan depends on, as far as it was asked for. */
  readonly modelDigest?: string | undefined
}

/** Temporary tables that plans made in a session and have not dropped: nothing else makes any of these names. */
const TABLES_LEFT = new WeakMap<Warehouse, Set<string>>()

/** Statements of one plan, run in order. Nothing here writes outside this session's temporary tables. */
export class PlanMaker {
  readonly #run: RunContext
  readonly #context: CompileContext
  readonly #input: PlanInput
  readonly #bound: BoundSync
  readonly #snapshot: SnapshotInfo | undefined
  readonly #made = new Set<keyof PlanTables>()
  /** All of this session, whoever made them. */
  readonly #left: Set<string>
  #modelRows = 0
  #changes = 0
  #modelDigest: string | undefined
  #unchanged = 0
  /** There is a table of what leaves an audience. */
  #leaves = false
  #withinTolerance = 0
  readonly #estimates: boolean
  #bytesRead: number | undefined

  /** `estimates`: each statement's bytes are asked of the warehouse before it runs, where it says them. */
  constructor(
    run: RunContext,
    context: CompileContext,
    input: PlanInput,
    snapshot: SnapshotInfo | undefined,
    estimates = false,
  ) {
    this.#estimates = estimates && run.warehouse.estimate !== undefined
    this.#run = run
    this.#context = context
    this.#input = input
    this.#bound = input.model.bound
    this.#snapshot = snapshot
    this.#left = TABLES_LEFT.get(run.warehouse) ?? new Set()
    TABLES_LEFT.set(run.warehouse, this.#left)
  }

  /**
   * Compares and judges, all from one state of the data. Gives what the guards look at: nothing is cut yet. When the
   * model is the one that was committed last, and a plan of it `mayRest`, nothing is compared.
   */
  async judge(mayRest: boolean): Promise<GuardedFigures> {
    const resting = await this.#run.warehouse.transaction(async () => {
      await this.#scanModel()
      const found = mayRest ? this.#resting() : undefined
      if (found !== undefined) return found
      if (!(await this.#compare(false))) await this.#compare(true)
      await this.#forgetMovingModel()
      return undefined
    })
    if (resting !== undefined) return resting
    tellOfRulesets(this.#run, this.#bound, this.#snapshot)
    const decided = await this.#decide()
    const counts = this.#counts(decided, 0)
    this.#changes = changesOf(counts)
    tellOfFewest(this.#run, this.#bound, counts, decided.of('left', 'below_fewest'))
    return { ...counts, refused: decided.of('remove', 'consent') }
  }

  /** Numbers what is sent, at most `limit` rows of it. May be called again. */
  async number(limit: number | undefined): Promise<MadePlan> {
    const { sync } = this.#bound
    const { model, batch, bulk } = this.#input
    const sent = Math.min(this.#changes, limit ?? this.#changes)
    const cut = bulk !== undefined && sent > bulk.aboveRows ? bulk : batch
    await this.#make('plan', numberStep(this.#context, model, cut, { limit, leaves: this.#leaves }))
    const rows = await this.#read(digestStep(this.#context, sync.name))
    const batches = Math.max(0, ...rows.map((row) => Number(row.batches)))
    const digest = rows.reduce((sum, row) => sum + BigInt(String(row.digest)), 0n)
    const counts = this.#counts(new OpCounts(rows), batches)
    const changes = [sync.name, counts.add, counts.change, counts.remove, String(digest)].join('\n')
    const planId = shortHash(changes)
    return { planId, counts, modelDigest: this.#modelDigest }
  }

  /** What the statements so far read, by the warehouse's own word; undefined where it gives none. */
  get bytesRead(): number | undefined {
    return this.#bytesRead
  }

  async drop(): Promise<void> {
    for (const table of this.#made) await this.#dropTable(table)
    this.#made.clear()
  }

  /**
   * What is unchanged is counted from the snapshot's side, and the model's side must come to the same sum: it does not
   * when rows share a key, of which each would be a row of the snapshot again. False: then they must be looked for.
   */
  async #compare(keysAreShared: boolean): Promise<boolean> {
    await this.#make('compared', compareStep(this.#context, this.#input, keysAreShared))
    const rows = await this.#read(comparedStep(this.#context, this.#input))
    const found = new OpCounts(rows)
    const matched = rows.reduce((sum, row) => sum + Number(row.matched), 0)
    this.#unchanged = found.of('snapshot') - matched + found.of('back') + found.of('near')
    this.#withinTolerance = found.of('near') + found.of('back', 'within_tolerance')
    const told = this.#unchanged + found.of('held') + found.of('add') + found.of('change')
    return found.of('twice') === 0 && told === this.#modelRows
  }

  /** Judges; of an audience also what is to be taken out of it, and whether it may become so small. */
  async #decide(): Promise<OpCounts> {
    const decided = await this.#decideFrom(this.#input)
    if (!isAudience(this.#bound)) return decided
    const kept = this.#wouldBeTooSmall(decided)
      ? await this.#decideFrom({ ...this.#input, keepsAll: true })
      : decided
    this.#leaves = kept.of('remove') + kept.of('change') > 0 && this.#input.snapshot !== undefined
    if (this.#leaves) await this.#make('leaving', leavingStep(this.#context, this.#input))
    return kept
  }

  async #decideFrom(input: PlanInput): Promise<OpCounts> {
    await this.#make('decided', decideStep(this.#context, input))
    return new OpCounts(await this.#read(countStep(this.#context, this.#bound.sync.name)))
  }

  /**
   * The destination found no more than was sent, so it refuses for sure. Who comes does not count: who leaves goes first,
   * and leaves with the next run.
   */
  #wouldBeTooSmall(decided: OpCounts): boolean {
    const { audience } = this.#bound.object
    const removes = decided.of('remove') - decided.of('remove', 'consent')
    if (audience?.keepsFewest !== true || removes === 0 || this.#input.adopt) return false
    return (this.#snapshot?.rows ?? 0) - removes < audience.fewest
  }

  /** Other syncs of the family change what a plan finds, so that the model alone says nothing: it is only counted. */
  async #scanModel(): Promise<void> {
    const alone = this.#input.siblings.length === 0
    const step = alone
      ? modelDigestStep(this.#context, this.#input.model)
      : modelCountStep(this.#context, this.#bound)
    const [row = {}] = await this.#read(step)
    this.#modelRows = Number(row.model_rows)
    if (!alone) return
    const { sync } = this.#bound
    const fingerprint = this.#run.graph.nodes.get(`sync:${sync.name}`)?.fingerprint ?? ''
    this.#modelDigest = [row.model_rows, row.digest, fingerprint].join(':')
  }

  /**
   * Where a transaction does not see one state of the data, the model may have moved between its digest and the
   * comparison: then the digest is of rows that were not compared, and must not say of a later model that it rests.
   */
  async #forgetMovingModel(): Promise<void> {
    if (this.#modelDigest === undefined || this.#context.dialect.supports.transactions === 'all') return
    const before = this.#modelDigest
    await this.#scanModel()
    if (this.#modelDigest !== before) this.#modelDigest = undefined
  }

  /** What was found when this very model was planned last; undefined when it must be compared, or a guard would stop it. */
  #resting(): GuardedFigures | undefined {
    const { modelDigest, lastCounts, oldestSentAt } = this.#snapshot ?? {}
    if (lastCounts === undefined || modelDigest === undefined || modelDigest !== this.#modelDigest)
      return undefined
    const { resendBefore } = this.#input
    if (resendBefore !== undefined && (oldestSentAt === undefined || oldestSentAt < resendBefore))
      return undefined
    const figures: GuardedFigures = {
      ...this.#counts(new OpCounts([]), 0),
      ...lastCounts,
      refused: 0,
      rests: true,
    }
    const isWhole = figures.unchanged + figures.held === figures.modelRows
    return isWhole && brokenGuard(this.#bound.sync.guard, figures) === undefined ? figures : undefined
  }

  /** One that an earlier plan of the session left, or this one made before, makes room. */
  async #make(table: keyof PlanTables, step: Step): Promise<void> {
    const { name } = planTables(this.#context, this.#bound.sync.name)[table]
    if (this.#left.has(name)) await this.#dropTable(table)
    this.#made.add(table)
    this.#left.add(name)
    await untilTold(this.#run, () => this.#execute(step))
  }

  async #dropTable(table: keyof PlanTables): Promise<void> {
    const made = planTables(this.#context, this.#bound.sync.name)[table]
    await this.#execute(dropStep(this.#bound.sync.name, made, this.#context))
    this.#left.delete(made.name)
  }

  #counts(found: OpCounts, batches: number): PlanCounts {
    return {
      modelRows: this.#modelRows,
      snapshotRows: this.#snapshot?.rows ?? 0,
      add: found.of('add'),
      change: found.of('change'),
      remove: found.of('remove'),
      left: found.of('left'),
      unchanged: this.#unchanged,
      withinTolerance: this.#withinTolerance,
      held: found.of('held'),
      heldBy: found.reasons('held'),
      resync: found.of('change', 'resync'),
      batches,
    }
  }

  async #read(step: Step): Promise<readonly Row[]> {
    const { warehouse } = this.#run
    const statement = statementOf(step, this.#context.dialect)
    await this.#estimate(statement)
    return untilTold(this.#run, () => warehouse.read(statement))
  }

  async #execute(step: Step): Promise<void> {
    const statement = statementOf(step, this.#context.dialect)
    await this.#estimate(statement)
    await this.#run.warehouse.execute(statement)
  }

  /** A statement that cannot be estimated says so itself when it is run. */
  async #estimate(statement: Statement): Promise<void> {
    if (!this.#estimates) return
    const bytes = await this.#run.warehouse.estimate?.(statement).catch(() => undefined)
    if (bytes !== undefined) this.#bytesRead = (this.#bytesRead ?? 0) + bytes
  }
}

/**
 * The sync's rows with the types of their columns, asked of the warehouse without running anything. `inOrder`: in
 * that of a first run, where the sync has one.
 */
export async function describeModel(
  run: RunContext,
  context: CompileContext,
  bound: BoundSync,
  inOrder: boolean,
): Promise<TypedModel> {
  await stageSources(run, context.tables, sourcesRead(run, bound))
  const raw = rawModel(context, bound, inOrder)
  return typedModel(bound, raw, await run.warehouse.describe(statementOf(raw.step, context.dialect)))
}

/** The source of a sync, those through which its rows reach an entity, and those whose records carry identifiers. */
function sourcesRead(run: RunContext, { sync }: BoundSync) {
  const needs = run.graph.nodes.get(`sync:${sync.name}`)?.needs ?? []
  return needs.flatMap((id) => {
    const [kind, name = ''] = id.split(':')
    const source = kind === 'source' ? run.graph.project.sources.get(name) : undefined
    return source === undefined ? [] : [source]
  })
}

class OpCounts {
  readonly #rows: readonly Row[]

  constructor(rows: readonly Row[]) {
    this.#rows = rows
  }

  of(op: string, reason?: string): number {
    return this.#rows
      .filter((row) => row.op === op && (reason === undefined || row.reason === reason))
      .reduce((sum, row) => sum + Number(row.row_count), 0)
  }

  reasons(op: string): Readonly<Record<string, number>> {
    const rows = this.#rows.filter((row) => row.op === op)
    return Object.fromEntries(rows.map((row) => [String(row.reason), Number(row.row_count)]).sort())
  }
}
