import type { Compilable } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { tableId } from '../dialect/common.ts'
import type { TableName } from '../dialect/dialect.ts'
import { type Fragment, join, lit, render, sql } from '../dialect/fragment.ts'
import { LedgerValue } from '../dialect/ledger-value.ts'
import type { Templates } from '../template/templates.ts'
import {
  type Column,
  READ_LIMIT,
  type Row,
  type SqlValue,
  type Statement,
  type Warehouse,
} from '../warehouse/warehouse.ts'
import type { LedgerTable } from './table-columns.ts'
import { type LedgerDatabase, ledgerDatabase } from './tables.ts'
import { Turns } from './turns.ts'
import { textOf } from './values.ts'

export interface LedgerPlace {
  readonly warehouse: Warehouse
  readonly templates: Templates
  readonly stateSchema: string
  /** Put before the name of every table, those of plans and snapshots too; '' for the real ledger. */
  readonly prefix: string
  readonly clock: Clock
}

/** Statements of the ledger on one warehouse session: the only way in which the files beside it reach the warehouse. */
export class LedgerSession {
  readonly warehouse: Warehouse
  readonly clock: Clock
  readonly db: LedgerDatabase
  readonly schema: string
  readonly prefix: string
  readonly #templates: Templates
  readonly #turns: Turns
  #second: Promise<Warehouse> | undefined

  constructor(place: LedgerPlace) {
    this.warehouse = place.warehouse
    this.clock = place.clock
    this.schema = place.stateSchema
    this.prefix = place.prefix
    this.#templates = place.templates
    this.#turns = turnsOf(place.warehouse)
    this.db = ledgerDatabase(place.warehouse.dialect, place.stateSchema, place.prefix)
  }

  /** Whether a transaction holds all of its statements together; where not, each may be the last of a run. */
  get atomic(): boolean {
    return this.warehouse.dialect.supports.transactions === 'all'
  }

  /** Where a table of this ledger stands. */
  table(name: string): TableName {
    return { schema: this.schema, name: this.prefix + name }
  }

  named(name: LedgerTable): Fragment {
    return tableId(this.table(name))
  }

  /** For a whole transaction. Other statements of the ledger wait, so that none gets into it by chance. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work)
  }

  execute(step: string, query: Compilable | Fragment): Promise<number> {
    return this.run(this.statement(step, query))
  }

  run(statement: Statement): Promise<number> {
    return this.#turns.join(() => this.warehouse.execute(statement))
  }

  read(step: string, query: Compilable | Fragment): Promise<readonly Row[]> {
    const statement = this.statement(step, query)
    return this.#turns.join(() => this.warehouse.read(statement))
  }

  /** All rows of a query that is ordered and asked for page by page: at most `limit` rows after the row `last`. */
  async readAll(
    step: string,
    page: (last: Row | undefined, limit: number) => Compilable | Fragment,
  ): Promise<readonly Row[]> {
    const all: Row[] = []
    for (;;) {
      const rows = await this.read(step, page(all.at(-1), READ_LIMIT))
      all.push(...rows)
      if (rows.length < READ_LIMIT) return all
    }
  }

  statement(step: string, query: Compilable | Fragment): Statement {
    const { dialect } = this.warehouse
    if ('parts' in query) return { step: `ledger.${step}`, sql: render(query, dialect) }
    const compiled = query.compile()
    return {
      step: `ledger.${step}`,
      sql: compiled.sql,
      parameters: compiled.parameters.map((value) =>
        value instanceof LedgerValue ? value.text : (value as SqlValue),
      ),
    }
  }

  /** The statement of `sql/ledger/<step>.sql`. */
  template(step: string, placeholders: Readonly<Record<string, Fragment>>): Fragment {
    return this.#templates.fill(`ledger/${step}.sql`, placeholders)
  }

  runTemplate(step: string, placeholders: Readonly<Record<string, Fragment>>): Promise<number> {
    return this.execute(step, this.template(step, placeholders))
  }

  readTemplate(step: string, placeholders: Readonly<Record<string, Fragment>>): Promise<readonly Row[]> {
    return this.read(step, this.template(step, placeholders))
  }

  /** Which of these names, without prefix, are tables of the schema. */
  async existing(names: readonly string[]): Promise<ReadonlySet<string>> {
    const { table } = this.warehouse.dialect
    const wanted = join(
      names.map((name) => lit(this.prefix + name)),
      ', ',
    )
    const listed = sql`select name from (${table.list(this.schema)}) as listed where name in (${wanted})`
    const rows = await this.read('tables', listed)
    return new Set(rows.map((row) => textOf(row, 'name').slice(this.prefix.length)))
  }

  /** The columns of a table, by name. */
  async columns(table: TableName): Promise<ReadonlySet<string>> {
    return new Set((await this.describe(table)).map((column) => column.name))
  }

  describe(table: TableName): Promise<readonly Column[]> {
    const all = this.statement('columns', sql`select * from ${tableId(table)}`)
    return this.#turns.join(() => this.warehouse.describe(all))
  }

  drop(table: TableName): Promise<number> {
    return this.execute('drop', this.warehouse.dialect.table.dropIfExists(table))
  }

  /**
   * Gives a table another name, without prefix; what had that name is dropped. May be asked again after it did, where a
   * run may have been killed after it.
   */
  async move(from: string, to: string): Promise<void> {
    if (from === to) return
    if (!this.atomic && !(await this.existing([from])).has(from)) return
    await this.drop(this.table(to))
    await this.execute('rename', this.warehouse.dialect.table.rename(this.table(from), this.prefix + to))
  }

  /** For what must not wait behind a long statement; opened when it is first asked for. */
  second(): Promise<Warehouse> {
    this.#second ??= this.warehouse.openSession()
    return this.#second
  }

  async closeSecond(): Promise<void> {
    const open = this.#second
    this.#second = undefined
    // One that could not be opened, or broke, has nothing left to close.
    await open?.then((warehouse) => warehouse.close()).catch(() => {})
  }
}

/** Ledgers of one session (a real one and a sandbox) share its only transaction. */
const TURNS = new WeakMap<Warehouse, Turns>()

function turnsOf(warehouse: Warehouse): Turns {
  const turns = TURNS.get(warehouse) ?? new Turns('transaction')
  TURNS.set(warehouse, turns)
  return turns
}
