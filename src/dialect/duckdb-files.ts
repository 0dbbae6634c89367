import { SluiceError } from '../base/errors.ts'
import { type Fragment, id, join, lit, sql, userSql } from './fragment.ts'

/** See `DialectFunctions.readFile`. */
export function readFile(
  path: string,
  textColumns: readonly string[],
  types: ReadonlyMap<string, string>,
): Fragment {
  const columns = typedColumns(textColumns, types)
  const ending = /\.(csv|parquet|ndjson|json)$/.exec(path.toLowerCase().replace(/\.(?:gz|zst)$/, ''))?.[1]
  switch (ending) {
    case 'csv':
      return sql`(select * from ${readCsv(path, columns)})`
    case 'parquet':
      return castColumns(sql`read_parquet(${lit(path)})`, columns)
    case 'json':
    case 'ndjson':
      return castColumns(sql`read_json(${lit(path)}, sample_size = -1)`, columns)
    default:
      throw new SluiceError('SLU3015', {
        message: `expected a file that ends in .csv, .parquet, .json or .ndjson, found "${path}"`,
      })
  }
}

/** Column in small letters -> type. A written type wins over text, whatever a column is used for. */
function typedColumns(
  textColumns: readonly string[],
  types: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const columns = new Map<string, string>()
  for (const column of textColumns) columns.set(column.toLowerCase(), 'varchar')
  for (const [column, type] of types) columns.set(column.toLowerCase(), type)
  return columns
}

/** No boolean, so that `Yes` stays text, and dates only as ISO writes them. */
const SNIFFED = ['BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'VARCHAR']

/**
 * The whole file is sniffed: a text after the first thousands of numbers must not fail the build. Types are given to
 * the reader itself, because text that was read as a number lost its leading zeros.
 */
function readCsv(path: string, columns: ReadonlyMap<string, string>): Fragment {
  const options = [
    sql`header = true`,
    sql`sample_size = -1`,
    sql`dateformat = '%Y-%m-%d'`,
    sql`auto_type_candidates = [${join(SNIFFED.map(lit), ', ')}]`,
  ]
  if (columns.size > 0) {
    const entries = [...columns].map(([column, type]) => sql`${lit(column)}: ${lit(type)}`)
    options.push(sql`types = {${join(entries, ', ')}}`)
  }
  return sql`read_csv(${lit(path)}, ${join(options, ', ')})`
}

/** Stand in each list of columns, so that none is empty when the file has none of them. */
const PLACEHOLDER = 'sluice '

/** Columns that the file does not have are left out; who selects them gets the engine's own clear error. */
function castColumns(file: Fragment, columns: ReadonlyMap<string, string>): Fragment {
  if (columns.size === 0) return sql`(select * from ${file})`
  const byType = Map.groupBy(columns, ([, type]) => type)
  const groups = [...byType].map(([type, entries], index) => ({
    type,
    names: [...entries.map(([column]) => column), `${PLACEHOLDER}${index}`],
  }))
  const all = groups.flatMap(({ names }) => names)
  const kept = sql`columns(lambda name: not list_contains(${listOf(all)}, lower(name)))`
  const cast = groups.map(
    ({ type, names }) =>
      sql`cast(columns(lambda name: list_contains(${listOf(names)}, lower(name))) as ${userSql(type)})`,
  )
  const rest = `${PLACEHOLDER}rest`
  const placeholders = [...groups.map((_, index) => `${PLACEHOLDER}${index}`), rest]
  const added = placeholders.map((name) => sql`null as ${id(name)}`)
  return sql`(select * exclude (${join(
    placeholders.map((name) => id(name)),
    ', ',
  )}) from (select ${join([kept, ...cast], ', ')}
from (select *, ${join(added, ', ')} from ${file})))`
}

function listOf(names: readonly string[]): Fragment {
  return sql`[${join(names.map(lit), ', ')}]`
}
