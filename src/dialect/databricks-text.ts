import { SluiceError } from '../base/errors.ts'
import { printLiteral, printTimestamp, quoteIdentifier } from './common.ts'
import type { LiteralValue } from './fragment.ts'

/** In backticks, a backtick doubled. */
export function quote(identifier: string): string {
  // refuses what no SQL can hold
  quoteIdentifier(identifier)
  if (identifier.includes('${'))
    throw new SluiceError('SLU3014', {
      message:
        'expected a name that Databricks takes as it stands, found one with ${, which it would replace',
    })
  return `\`${identifier.replaceAll('`', '``')}\``
}

/**
 * A backslash escapes. A doubled quote would be two texts side by side. `${...}` is replaced by a variable before the
 * statement is read, in texts too.
 */
export function literal(value: LiteralValue): string {
  if (typeof value !== 'string') return printLiteral(value)
  printLiteral(value)
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\u0024{')
  return `'${escaped}'`
}

/** A cast, which other readers of SQL know too. */
export function timestampLiteral(iso: string): string {
  return `cast(${printTimestamp(iso).replace(/^timestamp /, '')} as timestamp_ntz)`
}
