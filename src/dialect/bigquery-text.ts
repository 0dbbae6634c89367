import { SluiceError } from '../base/errors.ts'
import { printLiteral, printTimestamp, refuseUnprintable } from './common.ts'
import type { LiteralValue } from './fragment.ts'

/** In backticks, with the escapes of a text. */
export function quoteBigquery(identifier: string): string {
  refuseUnprintable(identifier, 'name')
  if (identifier === '')
    throw new SluiceError('SLU9001', { message: 'expected a name of a table or column, found none' })
  return `\`${escaped(identifier).replaceAll('`', '\\`')}\``
}

/** A backslash escapes; a quote that is doubled would end the text. */
export function bigqueryLiteral(value: LiteralValue): string {
  if (typeof value !== 'string') return printLiteral(value)
  refuseUnprintable(value, 'text')
  return `'${escaped(value).replaceAll("'", "\\'")}'`
}

/** With its zone, so that the session's own cannot move it. */
export function bigqueryTimestamp(iso: string): string {
  return printTimestamp(iso).replace(/'$/, "+00'")
}

/**
 * Text that all warehouses share, in the words of GoogleSQL: `hash` is reserved there, `union` must say that it takes
 * equal rows once, and there is no word for how often a part of `with` is computed.
 */
export function inGoogleWords(text: string): string {
  return text.replaceAll(COMMON, (word, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted
    return WORDS[word] ?? word
  })
}

/** What stands in quotes is passed over. */
const COMMON =
  /('(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|\bhash\b(?!\s*\()|\bunion\b(?!\s+(?:all|distinct)\b)|\bas (?:not )?materialized\b/g

const WORDS: Readonly<Record<string, string>> = {
  hash: '`hash`',
  union: 'union distinct',
  'as not materialized': 'as',
  'as materialized': 'as',
}

/** A line end would end a text in single quotes, and a carriage return would be read as a line end. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
}
