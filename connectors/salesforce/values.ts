import type { JsonValue } from '../../src/connector/types.ts'
import { parentOf, type SalesforceField, type SalesforceFields } from './sobject.ts'

/**
 * Fields of a record in JSON, where a value of another type than the field's refuses the whole request. Null clears.
 */
export function jsonFields(
  values: Readonly<Record<string, JsonValue>>,
  fields: SalesforceFields,
): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => jsonEntry(name, value, fields)))
}

/** A parent is an object that holds what it is found by; to have none is a matter of the reference itself. */
function jsonEntry(name: string, value: JsonValue, fields: SalesforceFields): readonly [string, JsonValue] {
  const parent = parentOf(name, fields)
  if (parent === undefined) return [name, jsonValue(value, fields.get(name.toLowerCase()))]
  if (value === null || value === '') return [parent.reference.name, null]
  return [parent.relationship, { [parent.by]: value }]
}

function jsonValue(value: JsonValue, field: SalesforceField | undefined): JsonValue {
  if (value === null) return null
  if (field?.isText === true || typeof value === 'object') return textOf(value)
  if (typeof value !== 'string' || field === undefined) return value
  if (field.type === 'boolean') return BOOLEANS.get(value) ?? value
  // A number that JavaScript would round stays the text it came as.
  return NUMBERS.has(field.type) && String(Number(value)) === value ? Number(value) : value
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** As it stands in CSV, where nothing means that the field is left as it is. */
export function csvText(value: JsonValue | undefined): string {
  if (value === undefined) return ''
  // A text of Salesforce is never empty: it is null.
  return value === null || value === '' ? CLEARS : textOf(value)
}

/** What clears a field in CSV. */
export const CLEARS = '#N/A'

/** Several values of a picklist are joined by semicolons. */
function textOf(value: JsonValue): string {
  if (Array.isArray(value)) return value.map(textOf).join(';')
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
}

/** Two values of a key are of one record when these are the same. */
export function keyForm(value: unknown, field: SalesforceField | undefined): string {
  const text = String(value ?? '')
  if (field !== undefined && NUMBERS.has(field.type)) return numberForm(text)
  return field?.isCaseSensitive === true ? text : text.toLowerCase()
}

/** As a value in SOQL; undefined: the field cannot hold it, so no record has it. */
export function soqlLiteral(value: JsonValue, field: SalesforceField | undefined): string | undefined {
  const text = textOf(value)
  if (field !== undefined && NUMBERS.has(field.type)) return NUMBER.test(text) ? text : undefined
  return `'${text.replaceAll(/[\\'"\n\r\t\b\f]/g, (sign) => ESCAPED[sign] ?? `\\${sign}`)}'`
}

/** Types of fields whose values stand in SOQL without quotes. */
const NUMBERS: ReadonlySet<string> = new Set(['double', 'int', 'long', 'currency', 'percent'])
const NUMBER = /^-?\d{1,18}(?:\.\d{1,18})?$/

/** `12.0` of an answer is the `12` that was asked for. A number with more digits is compared as it is written. */
function numberForm(text: string): string {
  return NUMBER.test(text) && text.length <= EXACT_DIGITS ? String(Number(text)) : text
}

/** So many digits survive as a number of JavaScript's. */
const EXACT_DIGITS = 15

const ESCAPED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}
