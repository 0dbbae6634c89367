import type { PlanRecord, SeqRange, SnapshotInfo } from '../../ledger/ledger.ts'
import type { Statement } from '../../warehouse/warehouse.ts'
import type { GuardedFigures } from '../guards.ts'
import type { Body } from './body.ts'
import type { MadePlan } from './make-plan.ts'
import type { Piece } from './piece.ts'

/**
 * Where the plans of one sync come from and are read again. The warehouse is one (`warehouse-plans.ts`); the simulator
 * has another, over plain arrays, so that a run can be stopped between any two of its steps.
 */
export interface PlanSource {
  /** Hashes are the engine's own: they are the same within one version of it, and of how we canonicalise. */
  hashVersion(): Promise<string>
  /**
   * A plan against what stands in `snapshot` now. `adopt`: the model is taken as delivered. `mayRest`: when the model is
   * the one that was committed last, nothing is compared, and `judge` says so.
   */
  draft(snapshot: SnapshotInfo, adopt: boolean, mayRest: boolean): Promise<PlanDraft>
  reader(plan: PlanRecord, turn: <T>(work: () => Promise<T>) => Promise<T>): PieceReader
  /** Adds and changes of a frozen plan whose key nobody who consents has any more. Merged. */
  refusedSince(plan: PlanRecord): Promise<readonly SeqRange[]>
}

/** A plan that nobody else sees yet. */
export interface PlanDraft {
  /** Compares and judges, all from one state of the data. Gives what the guards look at: nothing is cut yet. */
  judge(): Promise<GuardedFigures>
  /** Numbers what is sent, at most `limit` rows of it. May be called again. */
  number(limit: number | undefined): Promise<MadePlan>
  /** What keeps the plan in the ledger, run inside its transaction. */
  keep(plan: PlanRecord): readonly Statement[]
  /** Idempotent. */
  drop(): Promise<void>
}

/** Reads a frozen plan: its batches, and their bodies. */
export interface PieceReader {
  /** What is left to send, in order. `done` is merged. */
  pieces(done: readonly SeqRange[]): AsyncGenerator<Piece>
  /** The JSON array of each piece, in the same order. Throws SLU9001 when the plan does not hold its rows. */
  bodies(pieces: readonly Piece[]): Promise<readonly Body[]>
}
