import { keyParts } from '../../base/key-text.ts'
import { tableId } from '../../dialect/common.ts'
import { EMPTY, type Fragment, join, lit, sql } from '../../dialect/fragment.ts'
import { moment } from '../../dialect/ledger-value.ts'
import { READ_LIMIT } from '../../warehouse/warehouse.ts'
import { inChunks } from '../chunks.ts'
import type { LateRows as Noted } from '../ledger.ts'
import { ascending } from '../order.ts'
import { bothIdentifiers } from '../parts.ts'
import type { LedgerSession } from '../session.ts'
import { numberOf, optionalText, textOf } from '../values.ts'
import type { Snapshots } from './snapshots.ts'

/** What may have reached a destination after its sender had lost the lease: some batches of a run that stood still. */
export class LateRows {
  readonly #session: LedgerSession
  readonly #snapshots: Snapshots

  constructor(session: LedgerSession, snapshots: Snapshots) {
    this.#session = session
    this.#snapshots = snapshots
  }

  /**
   * In one transaction, or one statement, because the next plan takes all rows of a token; in a session of its own, because that of the run
   * may be what broke.
   */
  async note({ sync, token, at, rows }: Noted): Promise<void> {
    const { db, warehouse } = this.#session
    const noted = rows.map(({ key, op, identifiers = null }) => ({
      ...{ sync, token, key, op, noted_at: moment(at) },
      identifiers,
    }))
    const own = await warehouse.openSession()
    try {
      await own.transaction(async () => {
        for (const some of this.#session.atomic ? inChunks(noted) : [noted])
          await own.execute(this.#session.statement('note_late', db.insertInto('late_rows').values(some)))
      })
    } finally {
      await own.close()
    }
  }

  /** Inside a fenced transaction. What another run notes meanwhile stays for the next plan. */
  async take(sync: string): Promise<void> {
    const { db } = this.#session
    const tokens = await this.#tokens(sync)
    const found = await this.#snapshots.find(sync)
    if (tokens.length === 0 || found === undefined) return
    const placeholders = {
      snapshot: tableId(this.#snapshots.table(sync)),
      late: this.#rowsOf(sync, tokens),
    }
    await this.#snapshots.distrust(sync)
    await this.#session.runTemplate('late_dirty', placeholders)
    if (found.rulesets !== undefined) await this.#addIdentifiers(placeholders)
    for (const some of inChunks(await this.#missing(placeholders)))
      await this.#snapshots.insertDirty(sync, some.map(rowOf(found.keyFields.length)))
    await this.#session.execute(
      'forget_late',
      db.deleteFrom('late_rows').where('sync', '=', sync).where('token', 'in', tokens),
    )
    await this.#snapshots.refreshFigures(sync, undefined)
  }

  rename(from: string, to: string): Promise<number> {
    const moved = this.#session.db.updateTable('late_rows').set({ sync: to }).where('sync', '=', from)
    return this.#session.execute('rename_late', moved)
  }

  async #tokens(sync: string): Promise<readonly number[]> {
    const tokens = await this.#session.readAll('late_tokens', (last, limit) =>
      this.#session.db
        .selectFrom('late_rows')
        .select('token')
        .distinct()
        .where('sync', '=', sync)
        .where('token', '>', last === undefined ? 0 : numberOf(last, 'token'))
        .orderBy('token', ascending)
        .limit(limit),
    )
    return tokens.map((row) => numberOf(row, 'token'))
  }

  #rowsOf(sync: string, tokens: readonly number[]): Fragment {
    const listed = join(
      tokens.map((token) => sql`${token}`),
      ', ',
    )
    return sql`select key, op, identifiers from ${this.#session.named('late_rows')} where sync = ${lit(sync)} and token in (${listed})`
  }

  /** Of an audience: what the late requests may have put in is to be taken out too. */
  async #addIdentifiers({
    snapshot = EMPTY,
    late = EMPTY,
  }: Readonly<Record<string, Fragment>>): Promise<void> {
    const { warehouse } = this.#session
    const both = bothIdentifiers(warehouse, sql`s.identifiers`, sql`l.identifiers`)
    const joined = warehouse.dialect.fn.joinText(sql`identifiers`, ' ', sql`place`)
    await this.#session.runTemplate('late_identifiers', { snapshot, late, joined, both })
  }

  async #missing(placeholders: Readonly<Record<string, Fragment>>): Promise<readonly LateKey[]> {
    const rows = await this.#session.readAll('late_missing', (last) =>
      this.#session.template('late_missing', {
        ...placeholders,
        joined: this.#session.warehouse.dialect.fn.joinText(sql`l.identifiers`, ' ', sql`l.place`),
        after: lit(last === undefined ? '' : textOf(last, 'key')),
        most: sql`${READ_LIMIT}`,
      }),
    )
    return rows.map((row) => ({
      key: textOf(row, 'key'),
      identifiers: optionalText(row, 'identifiers') || undefined,
    }))
  }
}

interface LateKey {
  readonly key: string
  readonly identifiers: string | undefined
}

function rowOf(fields: number) {
  return ({ key, identifiers }: LateKey) => ({ key, identifiers, parts: fields < 2 ? [] : keyParts(key) })
}
