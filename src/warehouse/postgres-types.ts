import { integerValue, timeText } from './values.ts'
import type { SqlValue } from './warehouse.ts'

/** Built-in types by object id, which is the same on every server; all others are text to us. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [16, 'boolean'],
  [18, 'character'],
  [19, 'name'],
  [20, 'bigint'],
  [21, 'smallint'],
  [23, 'integer'],
  [25, 'text'],
  [26, 'oid'],
  [114, 'json'],
  [700, 'real'],
  [701, 'double precision'],
  [1042, 'character'],
  [1043, 'character varying'],
  [1082, 'date'],
  [1114, 'timestamp without time zone'],
  [1184, 'timestamp with time zone'],
  [1700, 'numeric'],
  [3802, 'jsonb'],
])

export function typeName(objectId: number): string {
  return NAMES.get(objectId) ?? 'other'
}

/** How a value that the server sent as text is given out; see `Row`. */
export function valueParser(objectId: number): (text: string) => SqlValue {
  switch (typeName(objectId)) {
    case 'boolean':
      return (text) => text === 't'
    case 'bigint':
      return (text) => integerValue(BigInt(text))
    case 'smallint':
    case 'integer':
    case 'oid':
    case 'real':
    case 'double precision':
      return Number
    case 'timestamp without time zone':
    case 'timestamp with time zone':
      return timeText
    default:
      return (text) => text
  }
}
