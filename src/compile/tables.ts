import type { TableName } from '../dialect/dialect.ts'

/** Before the name of every temporary table: a user's own table of that name must not be hidden by it. */
const PREFIX = 'sl_'

/** A temporary table of this session. `temporaryName` keeps names short enough for the prefix. */
export function temporaryTable(name: string): TableName {
  return { schema: undefined, name: `${PREFIX}${name}` }
}
