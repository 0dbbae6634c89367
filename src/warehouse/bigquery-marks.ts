import { bigquery } from '../dialect/bigquery.ts'
import { REGION_MARK, SESSION_COLUMNS_MARK } from '../dialect/bigquery-catalog.ts'
import type { SchemaField } from './bigquery-values.ts'

/** What the dialect could not know: the region of the session, and the columns of its temporary tables. */
export interface SessionFacts {
  readonly location: string | undefined
  /** Of a table `_SESSION.name`; none where there is no such table. */
  columnsOf(table: string): Promise<readonly SchemaField[]>
}

/** A statement with facts of the session where the dialect left marks for them. */
export async function withFacts(sql: string, facts: SessionFacts): Promise<string> {
  const inRegion = sql.replaceAll(
    REGION_MARK,
    bigquery.quote(`region-${(facts.location ?? 'us').toLowerCase()}`),
  )
  const marks = [...new Set(inRegion.match(TABLE_MARK) ?? [])]
  let text = inRegion
  for (const mark of marks) {
    const name = mark.slice(SESSION_COLUMNS_MARK.length + 4, -1)
    text = text.replaceAll(mark, listed(await facts.columnsOf(name)))
  }
  return text
}

/** Our temporary tables have plain names. */
const TABLE_MARK = new RegExp(`\`${SESSION_COLUMNS_MARK}\`\\.\`\\w+\``, 'g')

function listed(fields: readonly SchemaField[]): string {
  const rows = fields.map(
    (field, index) =>
      `select ${bigquery.literal(field.name)} as name, ${bigquery.literal(typeName(field))} as type, ${index + 1} as position`,
  )
  return `(${rows.length === 0 ? "select '' as name, '' as type, 0 as position limit 0" : rows.join(' union all ')})`
}

/** As the catalog's views write it, which have the names of SQL. */
function typeName({ type, mode, precision, scale }: SchemaField): string {
  const name = SQL_NAMES[type] ?? type
  const sized =
    precision === undefined ? name : `${name}(${precision}${scale === undefined ? '' : `, ${scale}`})`
  return mode === 'REPEATED' ? `ARRAY<${sized}>` : sized
}

const SQL_NAMES: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
}
