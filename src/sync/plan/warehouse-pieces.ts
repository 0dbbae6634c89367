import { SluiceError } from '../../base/errors.ts'
import type { CompileContext } from '../../compile/context.ts'
import { batchesStep, bodiesStep, type FrozenPlan } from '../../compile/diff/send-steps.ts'
import { statementOf } from '../../compile/render-step.ts'
import type { SeqRange } from '../../ledger/ledger.ts'
import type { Row, Warehouse } from '../../warehouse/warehouse.ts'
import { sizeOf, without } from '../deliver/ranges.ts'
import { type Body, bodyOf } from './body.ts'
import type { Piece } from './piece.ts'
import type { PieceReader } from './plan-source.ts'

/** Batch boundaries are read so many at a time. */
const BATCHES_A_READ = 500

/** Reads a frozen plan: its batches, and their bodies as the warehouse prints them. */
export class WarehousePieces implements PieceReader {
  readonly #warehouse: Warehouse
  readonly #context: CompileContext
  readonly #plan: FrozenPlan
  /** Statements of one session must not overlap. */
  readonly #turn: <T>(work: () => Promise<T>) => Promise<T>

  constructor(
    warehouse: Warehouse,
    context: CompileContext,
    plan: FrozenPlan,
    turn: <T>(work: () => Promise<T>) => Promise<T>,
  ) {
    this.#warehouse = warehouse
    this.#context = context
    this.#plan = plan
    this.#turn = turn
  }

  async *pieces(done: readonly SeqRange[]): AsyncGenerator<Piece> {
    for (let after = 0; ; ) {
      const step = batchesStep(this.#context, this.#plan, after, BATCHES_A_READ)
      const rows = await this.#turn(() => this.#warehouse.read(statementOf(step, this.#context.dialect)))
      for (const row of rows) {
        const ranges = without({ lo: Number(row.lo), hi: Number(row.hi) }, done)
        const piece = { batch: Number(row.batch), removes: Number(row.removes) === 1 }
        // Each stretch between answers is a piece of its own, so that its key names one range.
        for (const range of ranges) yield { ...piece, ranges: [range] }
      }
      const last = rows.at(-1)
      if (last === undefined || rows.length < BATCHES_A_READ) return
      after = Number(last.batch)
    }
  }

  async bodies(pieces: readonly Piece[]): Promise<readonly Body[]> {
    const step = bodiesStep(
      this.#context,
      this.#plan,
      pieces.map(({ ranges }, piece) => ({ piece, ranges })),
    )
    const found = await this.#turn(async () => {
      const parts = pieces.map((): Part[] => [])
      for await (const page of this.#warehouse.stream(statementOf(step, this.#context.dialect)))
        for (const row of page) parts[Number(row.piece)]?.push(partOf(row))
      return parts
    })
    return pieces.map((piece, index) => arrayOf(piece, found[index] ?? []))
  }
}

interface Part {
  /** Orders the parts of a piece. */
  readonly at: number
  readonly items: number
  readonly changes: string
}

function partOf({ part, items, body }: Row): Part {
  return { at: Number(part), items: Number(items), changes: String(body) }
}

function arrayOf(piece: Piece, parts: readonly Part[]): Body {
  const items = parts.reduce((sum, part) => sum + part.items, 0)
  if (items !== sizeOf(piece.ranges))
    throw new SluiceError('SLU9001', {
      message: `expected ${sizeOf(piece.ranges)} rows in a piece of batch ${piece.batch}, found ${items}`,
    })
  const inOrder = parts.toSorted((a, b) => a.at - b.at)
  const list = inOrder.flatMap(({ changes }, index) => [index === 0 ? '[' : ',', changes])
  return bodyOf(...list, ']')
}
