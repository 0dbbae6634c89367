import { createHash } from 'node:crypto'
import { SluiceError } from '../../src/base/errors.ts'
import { instantOf } from '../../src/base/instant.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import type { PlanCounts, PlanRecord, SeqRange, SnapshotInfo } from '../../src/ledger/ledger.ts'
import { merged, sizeOf, without } from '../../src/sync/deliver/ranges.ts'
import { bodyOf } from '../../src/sync/plan/body.ts'
import type { Piece } from '../../src/sync/plan/piece.ts'
import type { PieceReader, PlanDraft, PlanSource } from '../../src/sync/plan/plan-source.ts'
import { keepRows } from './memory-ledger.ts'
import type { MemorySession } from './memory-session.ts'
import { type MemoryTables, openPlanOf, type PlanRow } from './memory-tables.ts'

/** A row of the model. Keys may be shared, or missing. */
export interface ModelRow {
  readonly key: string | null
  readonly entity: string | null
  readonly value: string
  readonly consents: boolean
}

/** What a plan depends on beside model and ledger. */
export interface PlanRules {
  readonly mode: 'upsert' | 'mirror' | 'insert'
  readonly onRemove: 'nothing' | 'clear' | 'delete'
  readonly idempotent: boolean
  readonly batchItems: number
}

/** Rows with what becomes of them, before they are numbered. */
type Decided = Omit<PlanRow, 'seq' | 'batch'> & { readonly phase: number | undefined }

/** The same comparison as `sql/diff` says it, over plain arrays. */
export function memoryPlans(
  session: MemorySession,
  {
    run,
    rules,
    model,
    hashVersion,
  }: {
    readonly run: RunContext
    readonly rules: PlanRules
    readonly model: () => readonly ModelRow[]
    readonly hashVersion: () => string
  },
): PlanSource {
  return {
    hashVersion: () => session.read('hash version', hashVersion),
    draft: async (snapshot, adopt, mayRest = false) =>
      draftOf(session, {
        sync: snapshot.sync,
        now: instantOf(run.clock.nowMs()),
        snapshot,
        rules,
        model,
        adopt,
        mayRest,
      }),
    reader: (plan, turn) => readerOf(session, plan, turn),
    refusedSince: (plan) =>
      session.read('refused since', (tables) => {
        const consenting = new Set(model().flatMap(({ key, consents }) => (consents ? [key] : [])))
        const rows = planRows(tables, plan.sync)
        return merged(
          rows.flatMap(({ seq, op, key }) =>
            seq !== null && op !== 'remove' && !consenting.has(key) ? [{ lo: seq, hi: seq }] : [],
          ),
        )
      }),
  }
}

/** Of the value that is sent. Never 0. */
export function hashOf(value: string): number {
  return 1 + Number.parseInt(createHash('md5').update(value).digest('hex').slice(0, 8), 16)
}

interface DraftRequest {
  readonly sync: string
  readonly now: string
  readonly snapshot: SnapshotInfo
  readonly rules: PlanRules
  readonly model: () => readonly ModelRow[]
  readonly adopt: boolean
  readonly mayRest: boolean
}

function draftOf(session: MemorySession, request: DraftRequest): PlanDraft {
  const { sync, snapshot, model, mayRest } = request
  let decided: readonly Decided[] = []
  let numbered: readonly PlanRow[] = []
  let base = { modelRows: 0, unchanged: 0, modelDigest: '' }
  const counted = (rows: readonly PlanRow[] | readonly Decided[], batches: number) =>
    countsOf(rows, { ...base, snapshotRows: snapshot.rows, batches })
  return {
    async judge() {
      const rests = await session.read('compare', (tables) => {
        const rows = model()
        base = { ...base, modelRows: rows.length, modelDigest: digestOf(rows) }
        if (mayRest && snapshot.lastCounts !== undefined && snapshot.modelDigest === base.modelDigest)
          return snapshot.lastCounts
        const compared = compare(rows, tables, request)
        base = { ...base, unchanged: compared.unchanged }
        decided = decide(compared.rows, tables, request)
        return undefined
      })
      if (rests !== undefined) return { ...counted([], 0), ...rests, refused: 0, rests: true }
      const refused = decided.filter(({ op, reason }) => op === 'remove' && reason === 'consent').length
      return { ...counted(decided, 0), refused }
    },
    number: (limit) =>
      session.read('number', () => {
        numbered = number(decided, limit ?? Number.POSITIVE_INFINITY, request.rules.batchItems)
        const batches = Math.max(0, ...numbered.map(({ batch }) => batch ?? 0))
        const changes = numbered.flatMap(({ seq, op, key, fields }) =>
          seq === null ? [] : [[op, key, fields]],
        )
        const planId = createHash('sha256')
          .update(JSON.stringify([sync, changes]))
          .digest('hex')
          .slice(0, 8)
        return { planId, counts: counted(numbered, batches), modelDigest: base.modelDigest }
      }),
    keep: () => keepRows(numbered),
    drop: () => Promise.resolve(),
  }
}

function countsOf(
  rows: readonly { readonly op: PlanRow['op']; readonly reason: string | null }[],
  base: { modelRows: number; unchanged: number; snapshotRows: number; batches: number },
): PlanCounts {
  const of = (op: PlanRow['op']) => rows.filter((row) => row.op === op)
  const heldBy: Record<string, number> = {}
  for (const { reason } of of('held')) heldBy[reason ?? ''] = (heldBy[reason ?? ''] ?? 0) + 1
  const { modelRows, unchanged, snapshotRows, batches } = base
  return {
    ...{ modelRows, snapshotRows, unchanged, batches, heldBy },
    add: of('add').length,
    change: of('change').length,
    remove: of('remove').length,
    left: of('left').length,
    held: of('held').length,
  }
}

function digestOf(rows: readonly ModelRow[]): string {
  return JSON.stringify(rows.map(({ key, value, consents }) => [key, value, consents]).sort())
}

interface Compared {
  readonly op: 'add' | 'change' | 'held' | 'back' | 'leaver'
  readonly reason: string | null
  readonly key: string | null
  readonly entity: string | null
  readonly hash: number | null
  readonly gone: boolean
  readonly consents: boolean
  readonly fields: string | null
}

function compare(
  model: readonly ModelRow[],
  tables: MemoryTables,
  { sync, rules }: DraftRequest,
): { readonly rows: readonly Compared[]; readonly unchanged: number } {
  const keys = new Map<string, number>()
  for (const { key, consents } of model) if (key !== null && consents) keys.set(key, (keys.get(key) ?? 0) + 1)
  const snapshot = tables.snapshots.get(sync)?.rows ?? new Map<string, never>()
  const rows: Compared[] = []
  const present = new Set<string>()
  let unchanged = 0
  for (const { key, entity, value, consents } of model) {
    const hash = hashOf(value)
    const held = { op: 'held', key, entity, hash, gone: false, consents, fields: null } as const
    if (key === null) rows.push({ ...held, reason: 'no_key' })
    else if (!consents) rows.push({ ...held, reason: 'consent' })
    else if ((keys.get(key) ?? 0) > 1) rows.push({ ...held, reason: 'duplicate_key' })
    else {
      present.add(key)
      const there = snapshot.get(key)
      const op = opOf(rules, hash, there)
      if (op === 'unchanged' || op === 'back') unchanged += 1
      if (op === 'unchanged') continue
      const fields = op === 'held' ? null : JSON.stringify({ v: value })
      const reason = op === 'held' ? 'unknown_fate' : null
      rows.push({ op, reason, key, entity, hash, gone: there?.gone ?? false, consents: true, fields })
    }
  }
  for (const [key, { entity, gone }] of snapshot)
    if (!present.has(key))
      rows.push({ op: 'leaver', reason: null, key, entity, hash: null, gone, consents: true, fields: null })
  return { rows, unchanged }
}

function opOf(
  { mode, idempotent }: PlanRules,
  hash: number,
  there: { readonly hash: number | null; readonly gone: boolean } | undefined,
): 'add' | 'change' | 'held' | 'back' | 'unchanged' {
  if (there === undefined) return 'add'
  if (mode === 'insert') {
    if (there.hash === null) return idempotent ? 'add' : 'held'
  } else if (there.hash !== hash) return 'change'
  return there.gone ? 'back' : 'unchanged'
}

function decide(
  compared: readonly Compared[],
  tables: MemoryTables,
  request: DraftRequest,
): readonly Decided[] {
  const { sync, now, adopt } = request
  const held = compared.filter(({ op }) => op === 'held')
  const waiting = adopt
    ? []
    : tables.receipts.filter(
        (one) => one.sync === sync && one.status === 'rejected' && (one.nextTryAt ?? '') > now,
      )
  const of = (consents: boolean, what: 'key' | 'entity') =>
    new Set(held.flatMap((row) => (row.consents === consents ? (row[what] ?? []) : [])))
  const [keptKeys, keptEntities] = [of(true, 'key'), of(true, 'entity')]
  const [refusedKeys, refusedEntities] = [of(false, 'key'), of(false, 'entity')]
  return compared.flatMap((row): readonly Decided[] => {
    const before = waiting.find(({ key }) => key === row.key)
    const { op, reason, key, entity, hash, fields } = row
    const base = { key, entity, hash, fields, reason }
    if (op !== 'leaver') {
      const waits =
        (op === 'add' || op === 'change') &&
        before !== undefined &&
        before.op !== 'remove' &&
        before.hash === hash
      if (waits) return [{ ...base, op: 'held', reason: 'retry_later', fields: null, phase: undefined }]
      return [{ ...base, op, phase: op === 'add' || op === 'change' ? 2 : undefined }]
    }
    const isKept = keptKeys.has(key ?? '')
    if (!isKept && (refusedKeys.has(key ?? '') || refusedEntities.has(entity ?? '')))
      return [{ ...base, op: 'remove', reason: 'consent', fields: '{}', phase: 0 }]
    if (isKept || keptEntities.has(entity ?? '')) return []
    return leaver(row, base, before?.op === 'remove', request)
  })
}

function leaver(
  { gone }: Compared,
  base: Omit<Decided, 'op' | 'phase'>,
  waits: boolean,
  { rules: { mode, onRemove }, adopt }: DraftRequest,
): readonly Decided[] {
  const removal = mode === 'insert' ? 'nothing' : mode === 'mirror' || adopt ? 'delete' : onRemove
  if (removal === 'nothing') return gone ? [] : [{ ...base, op: 'left', phase: undefined }]
  if (waits) return [{ ...base, op: 'left', reason: 'retry_later', phase: undefined }]
  const clears = removal === 'clear'
  return [{ ...base, op: 'remove', fields: clears ? '{"v":null}' : '{}', phase: clears ? 1 : 0 }]
}

function number(decided: readonly Decided[], limit: number, items: number): readonly PlanRow[] {
  const sent = decided.filter(({ phase }) => phase !== undefined)
  const inOrder = [...sent].sort(
    (a, b) => (a.phase ?? 0) - (b.phase ?? 0) || ((a.key ?? '') < (b.key ?? '') ? -1 : 1),
  )
  const places = new Map<Decided, { readonly seq: number; readonly batch: number }>()
  let [batch, inBatch, phase] = [0, 0, -1]
  for (const [index, row] of inOrder.slice(0, limit).entries()) {
    if (row.phase !== phase || inBatch === items) [batch, inBatch, phase] = [batch + 1, 0, row.phase ?? 0]
    inBatch += 1
    places.set(row, { seq: index + 1, batch })
  }
  return decided.map((row): PlanRow => {
    const { phase: of, ...rest } = row
    const place = places.get(row)
    if (place !== undefined) return { ...rest, ...place }
    const cut = of !== undefined
    const op = !cut ? row.op : row.op === 'remove' ? 'left' : 'held'
    return { ...rest, op, seq: null, batch: null, reason: cut ? 'limit' : row.reason, fields: null }
  })
}

function readerOf(
  session: MemorySession,
  plan: PlanRecord,
  turn: <T>(work: () => Promise<T>) => Promise<T>,
): PieceReader {
  // By the table's name, as the warehouse reads: whatever plan stands there by now.
  const rowsOf = (tables: MemoryTables) => planRows(tables, plan.sync).filter(({ seq }) => seq !== null)
  return {
    async *pieces(done) {
      yield* await turn(() => session.read('batches', (tables) => piecesOf(rowsOf(tables), done)))
    },
    bodies: (pieces) =>
      turn(() =>
        session.read(`bodies of ${pieces.map(({ batch }) => batch).join(' ')}`, (tables) =>
          pieces.map((piece) => bodyOf(jsonOf(rowsOf(tables), piece))),
        ),
      ),
  }
}

function planRows(tables: MemoryTables, sync: string): readonly PlanRow[] {
  const plan = openPlanOf(tables, sync)
  if (plan !== undefined) return plan.rows
  throw new SluiceError('SLU3004', { message: `expected the table plan_${sync}, found none` })
}

function piecesOf(rows: readonly PlanRow[], done: readonly SeqRange[]): readonly Piece[] {
  const batches = [...new Set(rows.flatMap(({ batch }) => batch ?? []))].sort((a, b) => a - b)
  return batches.flatMap((batch) => {
    const seqs = rows.flatMap((row) => (row.batch === batch ? (row.seq ?? []) : []))
    const removes = rows.some((row) => row.batch === batch && row.op === 'remove')
    const whole = { lo: Math.min(...seqs), hi: Math.max(...seqs) }
    return without(whole, done).map((range) => ({ batch, ranges: [range], removes }))
  })
}

function jsonOf(rows: readonly PlanRow[], piece: Piece): string {
  const found = piece.ranges.flatMap(({ lo, hi }) =>
    rows
      .filter(({ seq }) => seq !== null && lo <= seq && seq <= hi)
      .sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)),
  )
  if (found.length !== sizeOf(piece.ranges))
    throw new Error(`expected ${sizeOf(piece.ranges)} rows in a piece, found ${found.length}`)
  const changes = found.map(({ op, key, fields }) => {
    const clears = op === 'remove' && fields !== '{}'
    return `{"op":"${clears ? 'change' : op}","key":${JSON.stringify({ email: key })},"fields":${fields}}`
  })
  return `[${changes.join(',')}]`
}
