import { DestinationError } from '../../src/connector/errors.ts'
import type { Row } from '../../src/connector/rows.ts'
import type { Change, JsonValue } from '../../src/connector/types.ts'

/** Which records the rows are: those of one type, told apart by one of its properties. */
export interface Kind {
  readonly object: string
  readonly idProperty: string
}

/** Throws `stop` where several fields make the key: HubSpot finds records by one. */
export function kindOf(object: string, changes: readonly Change[]): Kind {
  const names = Object.keys(changes[0]?.key ?? {})
  const [idProperty] = names
  if (idProperty !== undefined && names.length === 1) return { object, idProperty }
  throw new DestinationError('stop', {
    message: `expected one unique property of ${object} in "match", found ${names.length}`,
  })
}

/** What the record is found by. */
export function idOf({ change }: Row, { idProperty }: Kind): string {
  return propertyText(change.key[idProperty] ?? null)
}

/** Properties are texts; the empty text clears one. Several values of a checkbox are joined by semicolons. */
export function propertyText(value: JsonValue): string {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(propertyText).join(';')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Two texts of one address; of any other property only the same text is surely the same record. */
export function folded(id: string, idProperty: string | undefined): string {
  return idProperty === 'email' ? id.toLowerCase() : id
}
