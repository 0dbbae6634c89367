import { SluiceError } from '../../base/errors.ts'
import { instantOf } from '../../base/instant.ts'
import { tableId } from '../../dialect/common.ts'
import type { ColumnDefinition, TableName } from '../../dialect/dialect.ts'
import { sql, timestamp } from '../../dialect/fragment.ts'
import { optionalMoment } from '../../dialect/ledger-value.ts'
import type { Row } from '../../warehouse/warehouse.ts'
import type { NewSnapshot, PlanRecord, RestingCounts, SnapshotInfo } from '../ledger.ts'
import { ascending } from '../order.ts'
import { rememberedColumns } from '../parts.ts'
import type { StateSchema } from '../prepare.ts'
import type { LedgerSession } from '../session.ts'
import { columnList, type LedgerTable, SNAPSHOT_COLUMNS } from '../table-columns.ts'
import { namesText, numberOf, optionalInstant, optionalNames, optionalText, textOf } from '../values.ts'

/** A model that stands in the snapshot as it is. */
export interface CommittedModel {
  readonly digest: string
  readonly counts: RestingCounts
}

/** What each destination last acknowledged, and figures of it, so that nobody counts a snapshot to learn that it is still. */
export class Snapshots {
  readonly #session: LedgerSession
  readonly #schema: StateSchema

  constructor(session: LedgerSession, schema: StateSchema) {
    this.#session = session
    this.#schema = schema
  }

  table(sync: string): TableName {
    return this.#session.table(`snapshot_${sync}`)
  }

  async all(): Promise<readonly SnapshotInfo[]> {
    if (!(await this.#schema.exists())) return []
    const rows = await this.#session.readAll('snapshots', (last, limit) =>
      this.#select()
        .where('sync', '>', last === undefined ? '' : textOf(last, 'sync'))
        .orderBy('sync', ascending)
        .limit(limit),
    )
    return rows.map(snapshotIn)
  }

  async find(sync: string): Promise<SnapshotInfo | undefined> {
    if (!(await this.#schema.exists())) return undefined
    const one = this.#select()
      .select((from) =>
        from
          .selectFrom('late_rows')
          .select(({ fn }) => fn.countAll().as('row_count'))
          .where('sync', '=', sync)
          .as('late'),
      )
      .where('sync', '=', sync)
    const [row] = await this.#session.read('snapshot', one)
    return row && { ...snapshotIn(row), late: numberOf(row, 'late') }
  }

  async ensure(wanted: NewSnapshot): Promise<void> {
    const found = await this.find(wanted.sync)
    if (found === undefined) return this.#create(wanted)
    if (found.keyFields.length !== wanted.keyFields.length) throw otherKey(found, wanted)
    const same =
      found.account === wanted.account &&
      found.hashVersion === wanted.hashVersion &&
      JSON.stringify(found.keyFields) === JSON.stringify(wanted.keyFields)
    if (same) return
    // What was compared with the old account or hash says nothing of the new one.
    const change = this.#session.db
      .updateTable('snapshots')
      .set({ ...snapshotColumns(wanted), model_digest: null, last_counts: null })
      .where('sync', '=', wanted.sync)
    await this.#session.execute('change_snapshot', change)
  }

  async canRename(from: string, to: string): Promise<boolean> {
    return (await this.find(from)) !== undefined && (await this.find(to)) === undefined
  }

  async rename(from: string, to: string): Promise<void> {
    const { db } = this.#session
    const moved = { sync: to }
    await this.#session.execute(
      'rename_receipts',
      db.updateTable('receipts').set(moved).where('sync', '=', from),
    )
    await this.#session.move(`snapshot_${from}`, `snapshot_${to}`)
    await this.#session.execute(
      'rename_snapshot',
      db.updateTable('snapshots').set(moved).where('sync', '=', from),
    )
  }

  async markAllDirty(sync: string): Promise<void> {
    if ((await this.find(sync)) === undefined) return
    await this.distrust(sync)
    await this.#session.runTemplate('mark_all_dirty', { snapshot: tableId(this.table(sync)) })
    await this.refreshFigures(sync, undefined)
  }

  /**
   * Before a write of its rows that no plan stands for: figures that a run could not refresh any more must not say that
   * nothing changed. Nothing where both are one transaction.
   */
  async distrust(sync: string): Promise<void> {
    if (this.#session.atomic) return
    const unknown = this.#session.db
      .updateTable('snapshots')
      .set({ digest: 'being written', model_digest: null, last_counts: null })
      .where('sync', '=', sync)
    await this.#session.execute('distrust_snapshot', unknown)
  }

  /** Keys that are not in it, though the destination may hold them. Its figures are the caller's to refresh. */
  async insertDirty(
    sync: string,
    keys: readonly {
      readonly key: string
      readonly parts: readonly string[]
      readonly identifiers: string | undefined
    }[],
  ): Promise<void> {
    const known = keys.some(({ identifiers }) => identifiers !== undefined)
    const rows = keys.map(({ key, parts, identifiers }) => ({
      key,
      ...(known ? { identifiers: identifiers ?? null } : {}),
      ...Object.fromEntries(parts.map((part, index) => [`part_${index + 1}`, part])),
      gone: false,
    }))
    // Table and columns are values here; Kysely quotes and binds them as it does those that it knows.
    const insert = this.#session.db.insertInto(`snapshot_${sync}` as LedgerTable).values(rows as never)
    await this.#session.execute('insert_dirty', insert)
  }

  /**
   * Counts the snapshot after a write. `model`: the one whose plan was just committed, and what it would find again.
   * `plan`: whose rows were written; numbers may move while a row's hash does not.
   */
  async refreshFigures(sync: string, model: CommittedModel | undefined, plan?: PlanRecord): Promise<void> {
    const { fn } = this.#session.warehouse.dialect
    const [row = {}] = await this.#session.readTemplate('snapshot_figures', {
      snapshot: tableId(this.table(sync)),
      long_ago: timestamp(LONG_AGO),
      hash_sum: fn.hashSum(
        fn.rowHash([sql`key`, sql`hash`, sql`gone`, ...(plan === undefined ? [] : rememberedColumns(plan))]),
      ),
    })
    const figures = {
      row_count: numberOf(row, 'row_count'),
      gone_count: numberOf(row, 'gone_count'),
      dirty_count: numberOf(row, 'dirty_count'),
      oldest_sent_at: optionalMoment(optionalInstant(row, 'oldest')),
    }
    const known = figures.dirty_count > 0 ? undefined : model
    const digests = {
      digest: digestOf(figures.row_count, textOf(row, 'hash_sum')),
      model_digest: known?.digest ?? null,
      last_counts: known === undefined ? null : JSON.stringify(known.counts),
    }
    const change = this.#session.db
      .updateTable('snapshots')
      .set({
        ...figures,
        ...digests,
        ...(plan && { field_names: namesText(plan.fieldNames), rulesets: namesText(plan.rulesets) }),
      })
      .where('sync', '=', sync)
    await this.#session.execute('snapshot_changed', change)
  }

  /** Hashes of other fields than `names` say nothing of these. */
  async forgetOtherFields(sync: string, names: readonly string[]): Promise<void> {
    const found = (await this.find(sync))?.fieldNames
    if (JSON.stringify(found) === JSON.stringify(names)) return
    await this.#session.runTemplate('forget_field_hashes', { snapshot: tableId(this.table(sync)) })
  }

  async #create(wanted: NewSnapshot): Promise<void> {
    await this.#dropStrange(wanted.sync)
    await this.#session.execute(
      'create_snapshot',
      this.#session.warehouse.dialect.table.create(
        this.table(wanted.sync),
        snapshotTableColumns(wanted.keyFields.length),
      ),
    )
    const row = {
      ...snapshotColumns(wanted),
      row_count: 0,
      gone_count: 0,
      dirty_count: 0,
      digest: digestOf(0, '0'),
      model_digest: null,
    }
    await this.#session.execute('record_snapshot', this.#session.db.insertInto('snapshots').values(row))
  }

  /**
   * A table without its row was left by hand, or, where tables stand outside of transactions, by a run that was killed
   * before it wrote anything into it: then it is used, because another run's may be the statement that comes late.
   */
  async #dropStrange(sync: string): Promise<void> {
    const session = this.#session
    if (!session.atomic) {
      if (!(await session.existing([`snapshot_${sync}`])).has(`snapshot_${sync}`)) return
      const [row] = await session.read(
        'left_snapshot',
        sql`select 1 as one from ${tableId(this.table(sync))} limit 1`,
      )
      if (row === undefined) return
    }
    await session.drop(this.table(sync))
  }

  #select() {
    return this.#session.db.selectFrom('snapshots').selectAll()
  }
}

/** Of rows that version 1 wrote, or that were never applied, it is not known when they were sent. */
const LONG_AGO = instantOf(0)

/** With a column for each field of a key that has several, after the key. */
function snapshotTableColumns(fieldCount: number): readonly ColumnDefinition[] {
  const count = fieldCount < 2 ? 0 : fieldCount
  const parts = Array.from({ length: count }, (_, index): ColumnDefinition => {
    return { name: `part_${index + 1}`, type: 'text', nullable: true }
  })
  const [key, ...rest] = columnList(SNAPSHOT_COLUMNS)
  return [...(key === undefined ? [] : [key]), ...parts, ...rest]
}

/** Equal for equal rows, whatever their order. */
function digestOf(rows: number, hashSum: string): string {
  return `${rows}:${hashSum}`
}

function snapshotColumns(wanted: NewSnapshot) {
  return {
    sync: wanted.sync,
    account: wanted.account,
    key_fields: JSON.stringify(wanted.keyFields),
    hash_version: wanted.hashVersion,
  }
}

function snapshotIn(row: Row): SnapshotInfo {
  return {
    sync: textOf(row, 'sync'),
    account: textOf(row, 'account'),
    keyFields: JSON.parse(textOf(row, 'key_fields')) as readonly string[],
    hashVersion: textOf(row, 'hash_version'),
    rows: numberOf(row, 'row_count'),
    gone: numberOf(row, 'gone_count'),
    dirty: numberOf(row, 'dirty_count'),
    digest: textOf(row, 'digest'),
    modelDigest: optionalText(row, 'model_digest'),
    oldestSentAt: optionalInstant(row, 'oldest_sent_at'),
    fieldNames: optionalNames(row, 'field_names'),
    lastCounts: countsIn(optionalText(row, 'last_counts')),
    rulesets: optionalNames(row, 'rulesets'),
  }
}

function countsIn(text: string | undefined): RestingCounts | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as RestingCounts)
}

function otherKey(found: SnapshotInfo, wanted: NewSnapshot): SluiceError {
  return new SluiceError('SLU5005', {
    message: `expected \`match\` of the sync "${wanted.sync}" to have the fields of its snapshot's keys (${found.keyFields.join(', ')}), found ${wanted.keyFields.join(', ')}`,
    hint: 'keys of another number of fields are other rows for the destination: give the sync a new name for them',
  })
}
