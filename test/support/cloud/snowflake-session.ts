import type { DuckDBConnection } from '@duckdb/node-api'
import { runBlock } from './snowflake-block.ts'
import { StatementError, statementError } from './snowflake-errors.ts'
import { newQueryId } from './snowflake-ids.ts'
import { duckdbText, encodedName, foldedWord, LEXICON } from './snowflake-text.ts'
import { type RawRow, type RowType, rawValue, rowTypeOf } from './snowflake-values.ts'
import { type Token, tokensOf } from './tokens.ts'

/** What a statement gave. */
export interface StatementResult {
  readonly queryId: string
  readonly columns: readonly RowType[]
  readonly rows: readonly RawRow[]
  readonly statementTypeId: number
  /** Of several statements in one text: the results of each. */
  readonly children?: readonly StatementResult[]
}

/** What a session starts with, so that a client that sets nothing is told so by its answers. */
const DEFAULTS: readonly (readonly [string, string | number | boolean])[] = [
  ['TIMEZONE', 'America/Los_Angeles'],
  ['DATE_OUTPUT_FORMAT', 'YYYY-MM-DD'],
  ['TIME_OUTPUT_FORMAT', 'HH24:MI:SS'],
  ['TIMESTAMP_OUTPUT_FORMAT', 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM'],
  ['TIMESTAMP_NTZ_OUTPUT_FORMAT', 'YYYY-MM-DD HH24:MI:SS.FF3'],
  ['TIMESTAMP_LTZ_OUTPUT_FORMAT', ''],
  ['TIMESTAMP_TZ_OUTPUT_FORMAT', ''],
  ['BINARY_OUTPUT_FORMAT', 'HEX'],
  ['QUERY_TAG', ''],
  ['STATEMENT_TIMEOUT_IN_SECONDS', 172_800],
  ['MULTI_STATEMENT_COUNT', 1],
  ['AUTOCOMMIT', true],
]

/** The session of one log-in: a connection of DuckDB. */
export class FakeSession {
  readonly id = String(Math.floor(Math.random() * 1e9))
  readonly connection: DuckDBConnection
  readonly parameters = new Map(DEFAULTS)
  /** Every statement that was run, with the tag that it ran under. */
  readonly history: { readonly text: string; readonly tag: string }[] = []
  role: string
  warehouse: string | undefined
  database: string | undefined
  schema: string | undefined
  inTransaction = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(connection: DuckDBConnection, role: string) {
    this.connection = connection
    this.role = role
  }

  /** One after the other, as they came. Throws StatementError. */
  execute(text: string, given: ReadonlyMap<string, unknown>, describeOnly = false): Promise<StatementResult> {
    const turn = this.#last.then(() => this.#executed(text, given, describeOnly))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** One statement, without more ado. Throws StatementError. */
  async run(text: string): Promise<StatementResult> {
    try {
      return await this.#statement(text)
    } catch (error) {
      throw statementError(error)
    }
  }

  async use(database: string, schema: string): Promise<void> {
    await this.connection.run(`use "${encodedName(database)}"."${encodedName(schema)}"`)
    this.database = database
    this.schema = schema
    const texts = [database, schema].map((one) => `'${one.replaceAll("'", "''")}'`)
    await this.connection.run(`set variable database = ${texts[0]}`)
    await this.connection.run(`set variable schema = ${texts[1]}`)
  }

  async #executed(
    text: string,
    given: ReadonlyMap<string, unknown>,
    describeOnly: boolean,
  ): Promise<StatementResult> {
    this.history.push({ text, tag: String(given.get('QUERY_TAG') ?? this.parameters.get('QUERY_TAG')) })
    await this.connection.run(`set TimeZone = '${this.parameters.get('TIMEZONE')}'`)
    if (describeOnly) return this.#described(text)
    if (isBlock(text)) return this.run(text)
    const statements = statementsOf(text)
    const wanted = Number(given.get('MULTI_STATEMENT_COUNT') ?? this.parameters.get('MULTI_STATEMENT_COUNT'))
    if (wanted !== 0 && statements.length !== wanted)
      throw new StatementError(
        '000008',
        '0A000',
        `Actual statement count ${statements.length} did not match the desired statement count ${wanted}.`,
      )
    if (statements.length === 1) return this.run(text)
    const children: StatementResult[] = []
    for (const one of statements) children.push(await this.run(one))
    return { ...told('Multiple statements executed successfully.'), children }
  }

  async #described(text: string): Promise<StatementResult> {
    try {
      const prepared = await this.connection.prepare(duckdbText(text, new Date()))
      const columns = Array.from({ length: prepared.columnCount }, (_, at) =>
        rowTypeOf(prepared.columnName(at), prepared.columnType(at)),
      )
      prepared.destroySync()
      return { queryId: newQueryId(), columns, rows: [], statementTypeId: SELECT }
    } catch (error) {
      throw statementError(error)
    }
  }

  async #statement(text: string): Promise<StatementResult> {
    if (isBlock(text)) {
      await this.#commit()
      await runBlock(text, (one) => this.run(one))
      return told('anonymous block')
    }
    const words = firstWords(text)
    const [first = '', second = ''] = words
    switch (first) {
      case 'BEGIN':
      case 'START':
        if (!this.inTransaction) await this.connection.run('begin')
        this.inTransaction = true
        return told('Statement executed successfully.')
      case 'COMMIT':
        await this.#commit()
        return told('Statement executed successfully.')
      case 'ROLLBACK':
        if (this.inTransaction) await this.connection.run('rollback')
        this.inTransaction = false
        return told('Statement executed successfully.')
      case 'USE':
        await this.#useWritten(text)
        return told('Statement executed successfully.')
      case 'GRANT':
        await this.connection.run(grantText(text))
        return told('Statement executed successfully.')
      case 'ALTER':
        if (second === 'SESSION') return this.#alterSession(text)
        return this.#define(renamed(text, this))
      case 'CREATE':
        if (second === 'ROLE') return told('Role successfully created.')
        if (second === 'SCHEMA') return this.#createSchema(text)
        return this.#define(text)
      case 'DROP':
        return this.#define(text)
      default:
        return this.#rows(text, first)
    }
  }

  async #commit(): Promise<void> {
    if (this.inTransaction) await this.connection.run('commit')
    this.inTransaction = false
  }

  /** What defines a table commits what is open, and is its own transaction. */
  async #define(text: string): Promise<StatementResult> {
    await this.#commit()
    this.#needSchema(text)
    await this.connection.run(duckdbText(text, new Date()))
    return told('Statement executed successfully.')
  }

  /** The new schema is the session's from then on. */
  async #createSchema(text: string): Promise<StatementResult> {
    const result = await this.#define(text)
    const name = tokensOf(text, LEXICON).findLast(({ kind }) => kind === 'name' || kind === 'word')
    if (name !== undefined && this.database !== undefined)
      await this.use(this.database, name.kind === 'name' ? name.text : foldedWord(name.text))
    return result
  }

  async #rows(text: string, first: string): Promise<StatementResult> {
    if (this.warehouse === undefined)
      throw new StatementError(
        '000606',
        '57P03',
        "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
      )
    const reader = await this.connection.runAndReadAll(duckdbText(text, new Date()))
    const names = reader.columnNames()
    const types = reader.columnTypes()
    const rows = reader.getRows().map((row) => row.map(rawValue))
    const counts = COUNTS[first]
    if (counts !== undefined) {
      const [typeId, columns] = counts
      const count = rows[0]?.[0] ?? '0'
      return {
        queryId: newQueryId(),
        columns: columns.map((name) => ({ name, type: 'fixed', nullable: false, precision: 19, scale: 0 })),
        rows: [columns.map((_, at) => (at === 0 ? count : '0'))],
        statementTypeId: typeId,
      }
    }
    const columns = types.map((type, at) => rowTypeOf(names[at] ?? '', type))
    return { queryId: newQueryId(), columns, rows, statementTypeId: SELECT }
  }

  async #alterSession(text: string): Promise<StatementResult> {
    const match = /alter\s+session\s+set\s+(\w+)\s*=\s*('(?:[^']|'')*'|\S+?)\s*;?\s*$/is.exec(text)
    if (match === null) throw new StatementError('001003', '42000', 'SQL compilation error:\nsyntax error')
    const [, name = '', written = ''] = match
    const value = written.startsWith("'") ? written.slice(1, -1).replaceAll("''", "'") : written
    this.parameters.set(
      name.toUpperCase(),
      /^\d+$/.test(value)
        ? Number(value)
        : /^(true|false)$/i.test(value)
          ? value.toLowerCase() === 'true'
          : value,
    )
    return told('Statement executed successfully.')
  }

  async #useWritten(text: string): Promise<void> {
    const tokens = tokensOf(text, LEXICON).filter(({ kind }) => kind === 'name' || kind === 'word')
    const names = tokens.map(({ kind, text: one }) => (kind === 'name' ? one : foldedWord(one)))
    const [, kind = '', ...path] = names
    if (kind === 'ROLE') this.role = path[0] ?? this.role
    else if (kind === 'WAREHOUSE') this.warehouse = path[0]
    else if (kind === 'SCHEMA')
      await this.use(path.length > 1 ? (path[0] ?? '') : (this.database ?? ''), path.at(-1) ?? '')
  }

  #needSchema(text: string): void {
    if (this.schema === undefined && !/"\s*\.\s*"|\w\s*\.\s*\w/.test(text))
      throw new StatementError(
        '090105',
        '22000',
        "Cannot perform CREATE TABLE. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.",
      )
  }
}

const SELECT = 0x1000
const OTHER = 0x6000

const COUNTS: Readonly<Record<string, readonly [typeId: number, columns: readonly string[]]>> = {
  INSERT: [0x3100, ['number of rows inserted']],
  UPDATE: [0x3200, ['number of rows updated', 'number of multi-joined rows updated']],
  DELETE: [0x3300, ['number of rows deleted']],
  MERGE: [0x3400, ['number of rows inserted', 'number of rows updated']],
}

function told(status: string): StatementResult {
  return {
    queryId: newQueryId(),
    columns: [{ name: 'status', type: 'text', nullable: true, precision: null, scale: null }],
    rows: [[status]],
    statementTypeId: OTHER,
  }
}

function isBlock(text: string): boolean {
  return /^(?:\s|\/\*.*?\*\/)*execute\s+immediate\s+\$\$/is.test(text)
}

function firstWords(text: string): readonly string[] {
  return tokensOf(text, LEXICON)
    .filter(({ kind }) => kind === 'word')
    .slice(0, 2)
    .map((token) => foldedWord(token.text))
}

/** The statements of a text, parted by semicolons. */
function statementsOf(text: string): readonly string[] {
  const pieces: Token[][] = [[]]
  for (const token of tokensOf(text, LEXICON)) {
    if (token.kind === 'sign' && token.text === ';') pieces.push([])
    else pieces.at(-1)?.push(token)
  }
  return pieces
    .filter((piece) => piece.some(({ kind }) => kind !== 'space' && kind !== 'comment'))
    .map((piece) => piece.map(written).join(''))
}

function written({ kind, text }: Token): string {
  if (kind === 'text') return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  return kind === 'name' ? `"${text.replaceAll('"', '""')}"` : text
}

/** A bare new name would move the table to the session's schema; DuckDB takes a bare one only. */
function renamed(text: string, session: FakeSession): string {
  const match =
    /^(.*alter\s+table\s+)((?:"(?:[^"]|"")+"\s*\.\s*)*)("(?:[^"]|"")+"\s+rename\s+to\s+)((?:"(?:[^"]|"")+"\s*\.\s*)*)("(?:[^"]|"")+")\s*$/is.exec(
      text,
    )
  if (match === null) return text
  const [, start = '', path = '', middle = '', newPath = '', name = ''] = match
  if (newPath === '' && path !== '' && path !== `"${session.schema}".`)
    throw new StatementError('000603', 'XX000', 'the fake does not move a table to another schema')
  return `${start}${path}${middle}${name}`
}

/** Kept, so that the information schema tells it; rights on all tables of a schema are not looked into. */
function grantText(text: string): string {
  const tokens = tokensOf(text, LEXICON).filter(({ kind }) => kind !== 'space' && kind !== 'comment')
  const words = tokens.map(({ kind, text: one }) => (kind === 'word' ? foldedWord(one) : one))
  const [on, to] = [words.indexOf('ON'), words.lastIndexOf('TO')]
  const kind = words[on + 1] ?? ''
  if (on === -1 || ['ALL', 'FUTURE'].includes(kind)) return 'select 1'
  const path = words.slice(on + 2, to).filter((word) => word !== '.')
  const rights = words.slice(1, on).join(' ').split(' , ')
  const rows = rights.map((right) => [
    ...[words[to + 2] ?? '', words[to + 1] ?? '', kind],
    ...[path.length > 1 ? (path.at(-2) ?? '') : '', path.at(-1) ?? '', right],
    words.includes('WITH') ? 'YES' : 'NO',
  ])
  return `insert into sfx.main.privileges values ${rows
    .map((row) => `(${row.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')})`)
    .join(', ')}`
}
