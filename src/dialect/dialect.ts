import type { QueryCompiler } from 'kysely'
import type { Fragment, FragmentRenderer, LiteralValue } from './fragment.ts'

export type DialectName = 'duckdb' | 'postgres' | 'redshift' | 'snowflake' | 'databricks' | 'bigquery'

/**
 * What differs between SQLs, as data and small functions. Code outside this folder asks here by intent and never
 * by the dialect's name. Text compares by bytes; times are timestamps without zone, in UTC.
 */
export interface Dialect extends FragmentRenderer {
  readonly name: DialectName
  readonly types: ColumnTypeNames
  readonly fn: DialectFunctions
  readonly table: TableStatements
  readonly supports: DialectSupport
  /** Several statements without parameters in one text, parted by `;`, are run one after the other. */
  readonly takesScripts: boolean
  /** Who is given a right, where that is no quoted name. */
  readonly grantee?: (user: string) => Fragment
  /** What SQL cannot give, as a command that is run by hand; where there is one no right on the database is granted. */
  readonly rightsByHand?: (database: string, user: string) => string
  /** How alike two texts are, as far as the engine says it without an extension. */
  readonly similarity: Similarities
  /** Rows of the pieces of a text, of a table before it: none where it is null. */
  readonly pieces: (text: Fragment, alias: string) => TextPieces
  /**
   * Ends a subquery whose columns are to be computed once a row, however often its reader prints them. Empty where
   * the engine does so anyway.
   */
  readonly fence: Fragment
  /**
   * Before the parenthesis of a common table expression that is to be computed where it is read, and not kept aside; left
   * out where the engine decides.
   */
  readonly inlined?: Fragment
  /** Most rows whose texts are joined into one, where a text has a limit; left out where it has none that matters. */
  readonly mostRowsJoined?: number
  /** Kysely's compiler for the ledger's typed statements. */
  createQueryCompiler(): QueryCompiler
  /** The kind of a type name as the warehouse reports it, `DECIMAL(10,2)` -> decimal. */
  columnType(reported: string): ColumnType
}

/** What a value is, as far as canonical text and hashing care. */
export type ColumnType =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'date'
  | 'timestamp'
  | 'json'
  /** Anything else: taken as text. */
  | 'other'

export interface ColumnTypeNames {
  readonly text: string
  readonly boolean: string
  readonly integer: string
  readonly float: string
  readonly timestamp: string
  /** Holds the engine's native 64-bit hash. */
  readonly hash64: string
}

interface DialectSupport {
  /** Sources may be files read by the warehouse itself. */
  readonly files: boolean
  /**
   * Rights are given to roles by SQL. Where roles only use, a schema belongs to the user who makes it. Where SQL makes no
   * roles, they are given to the user of the target.
   */
  readonly roles: 'none' | 'use' | 'own' | 'principal'
  /** Rights on views are given apart from those on tables. */
  readonly grantsViewsApart?: boolean
  /** Where a table that names no schema is; default: `public`. */
  readonly defaultSchema?: string
  readonly transactions: TransactionSupport
  /** Least time between two small writes of a sync's acknowledgements, where each is slow or dear; 0 where none is. */
  readonly smallWritePauseMs: number
}

/**
 * What one transaction holds together. `all`: rows and tables, of one state of the data. `rows`: rows only; a statement
 * that defines tables commits what is open, and another transaction begins after it. `none`: each statement is its own.
 */
type TransactionSupport = 'all' | 'rows' | 'none'

/** Both compare bytes of UTF-8, so a letter outside ASCII counts as two or more. Of two texts, neither empty. */
interface Similarities {
  /** From 0 to 1, a float: 1 for equal texts. */
  readonly jaro_winkler?: (a: Fragment, b: Fragment) => Fragment
  /** Levenshtein: how many are inserted, deleted or replaced. */
  readonly edit_distance?: (a: Fragment, b: Fragment) => Fragment
}

/** What stands after the table whose text is cut at each single blank, and the piece as a column there. */
interface TextPieces {
  readonly join: Fragment
  readonly piece: Fragment
}

/** The intents. Nothing else may print a function that is not the same everywhere (see `test/dialect`). */
export interface DialectFunctions {
  /** As the engine prints it; for values of unknown kind. Where the kind is known, `canonicalText` is the same everywhere. */
  readonly asText: (x: Fragment) => Fragment
  /** Any date, timestamp (with or without zone) or ISO text as a timestamp without zone, in UTC. */
  readonly asTimestamp: (x: Fragment) => Fragment
  readonly asFloat: (x: Fragment) => Fragment
  /** As a 64-bit integer. */
  readonly asInteger: (x: Fragment) => Fragment
  /** Makes text compare and sort by bytes. */
  readonly byBytes: (text: Fragment) => Fragment
  /** Without leading and trailing blanks (space, tab, line ends); empty text when nothing is left. */
  readonly trim: (text: Fragment) => Fragment
  /** By Unicode's simple mapping, one letter to one letter. */
  readonly lower: (text: Fragment) => Fragment
  readonly upper: (text: Fragment) => Fragment
  /** In bytes of UTF-8. */
  readonly byteLength: (text: Fragment) => Fragment
  /** In characters (code points). */
  readonly length: (text: Fragment) => Fragment
  /**
   * Each character of `from`, where none stands twice, becomes the one at its place in `to`; those without one are taken
   * out.
   */
  readonly translate: (text: Fragment, from: string, to: string) => Fragment
  /** Only the characters 0-9. */
  readonly digitsOf: (text: Fragment) => Fragment
  /** The `part`-th piece (from 1; -1 is the last) of text cut at every `separator`; empty text when there is none. */
  readonly splitPart: (text: Fragment, separator: string, part: number) => Fragment
  readonly md5Hex: (text: Fragment) => Fragment
  readonly sha256Hex: (text: Fragment) => Fragment
  /** The engine's native 64-bit hash of one text. Stable within one engine version only. */
  readonly hash64: (text: Fragment) => Fragment
  /** The engine's native 64-bit hash of typed values; nulls count, order counts. */
  readonly rowHash: (values: readonly Fragment[]) => Fragment
  /** For `rowHash`: of a value of any type what is another wherever the value is, or is printed otherwise. */
  readonly hashable: (x: Fragment) => Fragment
  readonly contains: (text: Fragment, part: Fragment) => Fragment
  readonly startsWith: (text: Fragment, part: Fragment) => Fragment
  readonly endsWith: (text: Fragment, part: Fragment) => Fragment
  /**
   * Unanchored regular expression (RE2; `(?i)` at its start is allowed). The pattern must be one text literal. Equal
   * on all engines but for `\B` inside a letter of several bytes, and letters that an engine's Unicode lacks.
   */
  readonly matches: (text: Fragment, pattern: Fragment) => Fragment
  /** Null-safe: true when exactly one is null, never null itself. */
  readonly isDistinct: (a: Fragment, b: Fragment) => Fragment
  /** The least of the values that are not null. */
  readonly least: (values: readonly Fragment[]) => Fragment
  readonly greatest: (values: readonly Fragment[]) => Fragment
  /**
   * Typed value in the form that is hashed: floats to 12 significant digits, -0 as 0, decimals without trailing
   * zeros, times to the millisecond. What cannot be sent (not a number, infinite) is null. `x` is printed several
   * times: give a column. Equal for equal values, but not in their order: a float may be the text of its digits.
   */
  readonly canonical: (x: Fragment, type: ColumnType) => Fragment
  /**
   * Values to hash that differ wherever `canonical` does, but cost next to nothing: they may differ where it does not,
   * so they can prove that two are the same, and nothing else.
   */
  readonly exact: (x: Fragment, type: ColumnType) => readonly Fragment[]
  /** The text of a value in the form that is sent, without quotes; the same on every engine. Null stays null. */
  readonly canonicalText: (x: Fragment, type: ColumnType) => Fragment
  /**
   * JSON text of one value in the form that is sent (design section 2, "Values"); SQL null gives the text `null`.
   * `x` is printed several times: give a column.
   */
  readonly jsonValue: (x: Fragment, type: ColumnType) => Fragment
  /** JSON text of an object; values are JSON text themselves. Keys in the order given. */
  readonly jsonObject: (entries: readonly (readonly [key: string, jsonText: Fragment])[]) => Fragment
  /** All texts of a group, joined, in order. */
  readonly joinText: (text: Fragment, separator: string, orderBy: Fragment) => Fragment
  /** Whether the condition holds for a row of the group; false for no rows. */
  readonly anyTrue: (condition: Fragment) => Fragment
  /** The sum of a group's 64-bit hashes as text: equal for equal rows in any order; `0` for no rows. */
  readonly hashSum: (hash: Fragment) => Fragment
  /** The warehouse's own clock, a timestamp without zone in UTC. Lease statements only. */
  readonly clock: () => Fragment
  readonly addSeconds: (at: Fragment, seconds: Fragment) => Fragment
  /**
   * A file read by the warehouse (csv, parquet, json, ndjson by its ending), as a select in parentheses.
   * `textColumns` are read as text, `types` as written, the rest is sniffed: numbers, ISO dates and times, text.
   * Names match in any case. Throws SLU3015 for another ending, and where `supports.files` is false.
   */
  readonly readFile: (
    path: string,
    textColumns: readonly string[],
    types: ReadonlyMap<string, string>,
  ) => Fragment
}

/** A table that Sluice makes. Without a schema it is a temporary one of this session. */
export interface TableName {
  readonly schema: string | undefined
  readonly name: string
}

/** A column of a table of ours that is made empty. */
export interface ColumnDefinition {
  readonly name: string
  readonly type: keyof ColumnTypeNames
  readonly nullable: boolean
  /** What rows have that do not say it. */
  readonly default?: LiteralValue
  readonly primaryKey?: boolean
}

interface TableStatements {
  /** An empty table, unless it is there. */
  readonly create: (table: TableName, columns: readonly ColumnDefinition[]) => Fragment
  /** A column for a table with rows that does not have it: nullable or with a default, which those rows get. */
  readonly addColumn: (table: TableName, column: ColumnDefinition) => Fragment
  readonly createAs: (table: TableName, select: Fragment) => Fragment
  /** A view of this session only. */
  readonly createView: (view: TableName, select: Fragment) => Fragment
  readonly dropView: (view: TableName) => Fragment
  readonly dropIfExists: (table: TableName) => Fragment
  readonly rename: (table: TableName, to: string) => Fragment
  /**
   * Puts the rows and columns of one table into the place of another, there or not, in one statement that readers see
   * whole; `made` stays, as it was or empty. Given where `supports.transactions` is not `all`.
   */
  readonly replace?: (made: TableName, published: TableName) => Fragment
  readonly createSchema: (schema: string) => Fragment
  /** Fails when anything stands in it; undefined for a schema that every database has. */
  readonly dropSchema: (schema: string) => Fragment | undefined
  /** `(name)`: the tables of one schema. */
  readonly list: (schema: string) => Fragment
  /** `(name, type, position)`: the columns of a table, with types as the engine writes them out; none without the table. */
  readonly columns: (table: TableName) => Fragment
  /** `(name)`: views that read the table and keep it from being dropped; undefined where none can. */
  readonly dependents?: (table: TableName) => Fragment
  /** `(statement)`: what gives a table of this name the rights that this one has; undefined where there are none. */
  readonly grants?: (table: TableName) => Fragment
  /**
   * `(what, name, rights)`: where the session's user may write outside of one schema and its own temporary tables, or is
   * above all rights; undefined where users have none.
   */
  readonly writableElsewhere?: (schema: string) => Fragment
  /** For tables that are read some rows at a time; undefined where the engine finds them without. */
  readonly index?: (table: TableName, column: string) => Fragment
  /** `createAs` tells how many rows it made; 0 then means that there are none. */
  readonly tellsRows: boolean
  /** Refreshes the planner's figures where the engine needs to be told; undefined where it does not. */
  readonly analyze: ((table: TableName) => Fragment) | undefined
}
