import { createHash } from 'node:crypto'
import type { RunContext } from '../../build/run-context.ts'
import { stageSources } from '../../build/staging.ts'
import type { CompileContext } from '../../compile/context.ts'
import {
  compareStep,
  countStep,
  decideStep,
  digestStep,
  dropStep,
  numberStep,
  type PlanInput,
  planTables,
} from '../../compile/diff/plan-steps.ts'
import { modelCountStep, rawModel } from '../../compile/diff/raw-model.ts'
import { type TypedModel, typedModel } from '../../compile/diff/typed-model.ts'
import { statementOf } from '../../compile/render-step.ts'
import type { Step } from '../../compile/step.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { PlanCounts } from '../../ledger/ledger.ts'
import type { Row } from '../../warehouse/warehouse.ts'
import type { GuardedFigures } from '../guards.ts'

/** A plan in temporary tables of this session. */
export interface MadePlan {
  /** Digest of the changes, 8 hex: the same for the same changes. */
  readonly planId: string
  readonly counts: PlanCounts
}

/** Statements of one plan, run in order. Nothing here writes outside this session's temporary tables. */
export class PlanMaker {
  readonly #run: RunContext
  readonly #context: CompileContext
  readonly #input: PlanInput
  readonly #bound: BoundSync
  #modelRows = 0
  #unchanged = 0
  readonly #snapshotRows: number

  constructor(run: RunContext, context: CompileContext, input: PlanInput, snapshotRows: number) {
    this.#run = run
    this.#context = context
    this.#input = input
    this.#bound = input.model.bound
    this.#snapshotRows = snapshotRows
  }

  /** Compares and judges, all from one state of the data. Gives what the guards look at: nothing is cut yet. */
  async judge(): Promise<GuardedFigures> {
    const tables = planTables(this.#context, this.#bound.sync.name)
    for (const table of Object.values(tables))
      await this.#execute(dropStep(this.#bound.sync.name, table, this.#context))
    await this.#run.warehouse.transaction(async () => {
      await this.#execute(compareStep(this.#context, this.#input))
      this.#modelRows = await this.#one(modelCountStep(this.#context, this.#bound), 'model_rows')
    })
    const compared = await this.#count('compared')
    this.#unchanged = compared.of('unchanged') + compared.of('back')
    await this.#execute(decideStep(this.#context, this.#input))
    const decided = await this.#count('decided')
    return { ...this.#counts(decided, 0), refused: decided.of('remove', 'consent') }
  }

  /** Numbers what is sent, at most `limit` rows of it. May be called again. */
  async number(limit: number | undefined): Promise<MadePlan> {
    const { sync } = this.#bound
    const tables = planTables(this.#context, sync.name)
    await this.#execute(dropStep(sync.name, tables.plan, this.#context))
    await this.#execute(numberStep(this.#context, this.#input, limit))
    const [row = {}] = await this.#read(digestStep(this.#context, sync.name))
    const counts = this.#counts(await this.#count('plan'), Number(row.batches))
    const changes = [sync.name, counts.add, counts.change, counts.remove, String(row.digest)].join('\n')
    return { planId: createHash('sha256').update(changes).digest('hex').slice(0, 8), counts }
  }

  async drop(): Promise<void> {
    const tables = planTables(this.#context, this.#bound.sync.name)
    for (const table of Object.values(tables))
      await this.#execute(dropStep(this.#bound.sync.name, table, this.#context))
  }

  #counts(found: OpCounts, batches: number): PlanCounts {
    return {
      modelRows: this.#modelRows,
      snapshotRows: this.#snapshotRows,
      add: found.of('add'),
      change: found.of('change'),
      remove: found.of('remove'),
      left: found.of('left'),
      unchanged: this.#unchanged,
      held: found.of('held'),
      heldBy: found.reasons('held'),
      batches,
    }
  }

  async #count(table: 'compared' | 'decided' | 'plan'): Promise<OpCounts> {
    return new OpCounts(await this.#read(countStep(this.#context, this.#bound.sync.name, table)))
  }

  async #one(step: Step, column: string): Promise<number> {
    const [row = {}] = await this.#read(step)
    return Number(row[column])
  }

  #read(step: Step): Promise<readonly Row[]> {
    return this.#run.warehouse.read(statementOf(step, this.#context.dialect))
  }

  async #execute(step: Step): Promise<void> {
    await this.#run.warehouse.execute(statementOf(step, this.#context.dialect))
  }
}

/** The sync's rows with the types of their columns, asked of the warehouse without running anything. */
export async function describeModel(
  run: RunContext,
  context: CompileContext,
  bound: BoundSync,
): Promise<TypedModel> {
  if (bound.source !== undefined) await stageSources(run, context.tables, sourcesRead(run, bound))
  const raw = rawModel(context, bound)
  return typedModel(bound, raw, await run.warehouse.describe(statementOf(raw.step, context.dialect)))
}

/** The source of a sync, and those through which its rows reach an entity. */
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
