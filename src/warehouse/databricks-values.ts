import type { Cells, ManifestColumn } from './databricks-api.ts'
import { integerValue } from './values.ts'
import type { Row, SqlValue } from './warehouse.ts'

/** The rows of a result, in which every value is a text. */
export function rowsOf(columns: readonly ManifestColumn[], rows: readonly Cells[]): readonly Row[] {
  const readers = columns.map(({ type_text }) => readerOf(type_text.toLowerCase().replace(/[ (<].*$/s, '')))
  return rows.map((cells) => {
    const row: Record<string, SqlValue> = {}
    columns.forEach(({ name }, index) => {
      const cell = cells[index] ?? null
      row[name] = cell === null ? null : (readers[index]?.(cell) ?? null)
    })
    return row
  })
}

function readerOf(type: string): (text: string) => SqlValue {
  switch (type) {
    case 'boolean':
      return (text) => text.toLowerCase() === 'true'
    case 'bigint':
    case 'int':
    case 'smallint':
    case 'tinyint':
      return (text) => integerValue(BigInt(text))
    case 'double':
    case 'float':
      return Number
    case 'timestamp':
    case 'timestamp_ntz':
      return timeOf
    default:
      return (text) => text
  }
}

const TIME = /^([+-]?\d{4,}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:Z|([+-]\d{2}):?(\d{2}))?$/

/** With as many digits after the second as there are, three at least; anything that is no time stays as it is. */
function timeOf(text: string): string {
  const [, day, clock, fraction = '', hours, minutes = '00'] = TIME.exec(text) ?? []
  if (day === undefined || clock === undefined) return text
  const digits = fraction
    .slice(0, 6)
    .padEnd(3, '0')
    .replace(/^(\d{3}\d*?)0*$/, '$1')
  if (hours === undefined || Number(hours) + Number(minutes) === 0) return `${day}T${clock}.${digits}Z`
  const moment = Date.parse(`${day}T${clock}${hours}:${minutes}`)
  return `${new Date(moment).toISOString().slice(0, 19)}.${digits}Z`
}
