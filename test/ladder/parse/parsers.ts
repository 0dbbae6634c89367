import { DuckDBInstance } from '@duckdb/node-api'
import { validate } from '@polyglot-sql/sdk'
import { parse as parsePostgres } from 'libpg-query'
import type { DialectName } from '../../../src/dialect/dialect.ts'

/** Says what is wrong with the text of a statement, or undefined when it reads it. */
export type Parse = (sql: string) => Promise<string | undefined>

export interface Parser {
  readonly name: string
  readonly parse: Parse
  /** What it says of statements that the warehouse takes, by its manual, with the reason. */
  readonly exceptions: readonly { readonly told: RegExp; readonly reason: string }[]
}

/**
 * Who reads the text of each dialect. DuckDB's and PostgreSQL's parsers are those of the engines themselves; polyglot's
 * is built to accept, and proves little by itself. BigQuery's own analyser has a test of its own.
 */
export function parsersOf(dialect: DialectName): readonly Parser[] {
  return PARSERS[dialect] ?? [polyglot(dialect)]
}

const POLYGLOT_EXCEPTIONS: Parser['exceptions'] = [
  { told: /^E_GUARD_PARSER_DEPTH_EXCEEDED/, reason: 'deeper than it looks' },
  {
    told: /near \[\w+ on (?:all|future) (?:tables|views) in schema/,
    reason: 'it does not know rights on whatever a schema holds',
  },
  { told: /near \[catalog on catalog /, reason: 'it does not know rights on a catalog' },
]

const PARSERS: Readonly<Partial<Record<string, readonly Parser[]>>> = {
  duckdb: [{ name: "DuckDB's parser", parse: byDuckdb, exceptions: [] }],
  postgres: [{ name: "PostgreSQL 18's parser", parse: byPostgres, exceptions: [] }],
  // Redshift grew out of PostgreSQL 8: what its texts share with it is most of them.
  redshift: [
    {
      name: "PostgreSQL 18's parser",
      parse: byPostgres,
      exceptions: [
        {
          told: /near ""sluice_(?:reader|writer)""/,
          reason: 'grants to a role say `to role`, which is new in Redshift',
        },
      ],
    },
    polyglot('redshift'),
  ],
}

/** Its first half only: the tables need not be there. */
async function byDuckdb(sql: string): Promise<string | undefined> {
  duckdb ??= DuckDBInstance.create(':memory:').then((instance) => instance.connect())
  const connection = await duckdb
  try {
    const statements = await connection.extractStatements(sql)
    return statements.count > 0 ? undefined : 'no statement'
  } catch (error) {
    return messageOf(error)
  }
}

let duckdb: Promise<Awaited<ReturnType<DuckDBInstance['connect']>>> | undefined

async function byPostgres(sql: string): Promise<string | undefined> {
  try {
    await parsePostgres(sql)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function polyglot(dialect: string): Parser {
  return {
    name: `polyglot's parser of ${dialect}`,
    parse: async (sql) => {
      const { valid, errors } = validate(READ_AS[dialect]?.(sql) ?? sql, dialect)
      return valid ? undefined : errors.map(({ message }) => message).join('; ')
    },
    exceptions: POLYGLOT_EXCEPTIONS,
  }
}

/** What polyglot does not know, in words that it does. */
const READ_AS: Readonly<Partial<Record<string, (sql: string) => string>>> = {
  // A column of a list of columns to insert may be called so there.
  snowflake: (sql) => sql.replaceAll(/(?<!primary )\bkey,/g, '"KEY",'),
  // Who is given a right is a text there.
  bigquery: (sql) => insertedKeyInQuotes(sql).replace(/^(grant [^'"]* to )(['"])(.*)\2$/s, '$1`$3`'),
  databricks: insertedKeyInQuotes,
}

function insertedKeyInQuotes(sql: string): string {
  return sql.replaceAll(/\binsert \(([^)]*)\bkey\b/g, 'insert ($1`key`')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
