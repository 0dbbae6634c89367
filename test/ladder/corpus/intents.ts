import type { ColumnType, Dialect, DialectFunctions } from '../../../src/dialect/dialect.ts'
import { type Fragment, id, lit, render, sql } from '../../../src/dialect/fragment.ts'
import { valuesOf } from '../../../src/dialect/values/values.ts'

/** What every intent of a dialect prints, by name: the functions in it are those that the dialect may print. */
export function intentTexts(dialect: Dialect): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [name, make] of Object.entries(SAMPLES)) {
    const made = make(dialect.fn)
    texts.set(name, made.map((fragment) => render(fragment, dialect)).join('\n'))
  }
  const values = valuesOf(dialect)
  const more: Readonly<Record<string, Fragment | undefined>> = {
    sortKeys: sql`${values.sortKeys(X, 'asc')}, ${values.sortKeys(X, 'desc')}`,
    leastOf: values.leastOf(X, sql`${Y} > 1`),
    greatestOf: values.greatestOf(X, sql`${Y} > 1`),
    asTimeElse: values.asTimeElse(X, (time) => time, lit('')),
    addMonths: values.addMonths(X, -1, 'Europe/Paris'),
    jaroWinkler: dialect.similarity.jaro_winkler?.(X, Y),
    pieces: sql`${dialect.pieces(X, 'e').piece} ${dialect.pieces(X, 'e').join}`,
    editDistance: dialect.similarity.edit_distance?.(X, Y),
  }
  for (const [name, fragment] of Object.entries(more))
    if (fragment !== undefined) texts.set(name, render(fragment, dialect))
  return texts
}

/** What a dialect prints about tables, schemas and the catalog, by name. */
export function tableTexts(dialect: Dialect): ReadonlyMap<string, string> {
  const { table: statements } = dialect
  const columns = [
    { name: 'a', type: 'text', nullable: false, primaryKey: true },
    { name: 'b', type: 'integer', nullable: false, default: 0 },
  ] as const
  const made: Readonly<Record<string, Fragment | undefined>> = {
    create: statements.create(TABLE, columns),
    addColumn: statements.addColumn(TABLE, columns[1]),
    createAs: statements.createAs(TABLE, sql`select 1 as a`),
    createTemporary: statements.createAs(TEMPORARY, sql`select 1 as a`),
    createView: statements.createView(TEMPORARY, sql`select 1 as a`),
    dropView: statements.dropView(TEMPORARY),
    dropIfExists: statements.dropIfExists(TABLE),
    rename: statements.rename(TABLE, 'u'),
    createSchema: statements.createSchema('s'),
    dropSchema: statements.dropSchema('s'),
    list: statements.list('s'),
    columns: statements.columns(TABLE),
    columnsOfTemporary: statements.columns(TEMPORARY),
    dependents: statements.dependents?.(TABLE),
    grants: statements.grants?.(TABLE),
    writableElsewhere: statements.writableElsewhere?.('s'),
    index: statements.index?.(TABLE, 'a'),
    analyze: statements.analyze?.(TABLE),
  }
  return new Map(
    Object.entries(made).flatMap(([name, fragment]) =>
      fragment === undefined ? [] : [[name, render(fragment, dialect)] as const],
    ),
  )
}

const TABLE = { schema: 's', name: 't' }
const TEMPORARY = { schema: undefined, name: 't' }
const X = id('x')
const Y = id('y')
const KINDS: readonly ColumnType[] = [
  'text',
  'boolean',
  'integer',
  'decimal',
  'float',
  'date',
  'timestamp',
  'json',
  'other',
]

/** One call of each intent, or one for each kind of value; the compiler says when one is missing. */
const SAMPLES: Readonly<
  Record<Exclude<keyof DialectFunctions, 'readFile'>, (fn: DialectFunctions) => readonly Fragment[]>
> = {
  asText: (fn) => [fn.asText(X)],
  asTimestamp: (fn) => [fn.asTimestamp(X)],
  asFloat: (fn) => [fn.asFloat(X)],
  asInteger: (fn) => [fn.asInteger(X)],
  byBytes: (fn) => [fn.byBytes(X)],
  trim: (fn) => [fn.trim(X)],
  lower: (fn) => [fn.lower(X)],
  upper: (fn) => [fn.upper(X)],
  byteLength: (fn) => [fn.byteLength(X)],
  length: (fn) => [fn.length(X)],
  translate: (fn) => [fn.translate(X, "é \t'\\", 'e'), fn.translate(X, '.', '')],
  digitsOf: (fn) => [fn.digitsOf(X)],
  splitPart: (fn) => [fn.splitPart(X, '@', 1), fn.splitPart(X, '@', -2)],
  md5Hex: (fn) => [fn.md5Hex(X)],
  sha256Hex: (fn) => [fn.sha256Hex(X)],
  hash64: (fn) => [fn.hash64(X)],
  rowHash: (fn) => [fn.rowHash([]), fn.rowHash([X]), fn.rowHash([X, Y])],
  hashable: (fn) => [fn.hashable(X)],
  contains: (fn) => [fn.contains(X, Y)],
  startsWith: (fn) => [fn.startsWith(X, Y)],
  endsWith: (fn) => [fn.endsWith(X, Y)],
  matches: (fn) => [fn.matches(X, lit('^a|b$')), fn.matches(X, lit('(?i)straße'))],
  isDistinct: (fn) => [fn.isDistinct(X, Y)],
  least: (fn) => [fn.least([X, Y])],
  greatest: (fn) => [fn.greatest([X, Y])],
  canonical: (fn) => KINDS.map((kind) => fn.canonical(X, kind)),
  exact: (fn) => KINDS.flatMap((kind) => fn.exact(X, kind)),
  canonicalText: (fn) => KINDS.map((kind) => fn.canonicalText(X, kind)),
  jsonValue: (fn) => KINDS.map((kind) => fn.jsonValue(X, kind)),
  jsonObject: (fn) => [fn.jsonObject([]), fn.jsonObject([['a', X]])],
  joinText: (fn) => [fn.joinText(X, ',', Y)],
  anyTrue: (fn) => [fn.anyTrue(sql`${X} = 1`)],
  hashSum: (fn) => [fn.hashSum(X)],
  clock: (fn) => [fn.clock()],
  addSeconds: (fn) => [fn.addSeconds(X, lit(1))],
}
