import { redact } from '../../base/redact.ts'

/**
 * Control characters, escape sequences and direction marks: what a value from a warehouse or a destination could
 * use to redraw the terminal or to look like another value.
 */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu
const ESCAPE = String.fromCharCode(0x1b)
const BELL = String.fromCharCode(0x07)
const ESCAPE_SEQUENCE = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)?|[@-Z^_])`,
  'g',
)

/** One line, safe to print. */
export function plain(text: string): string {
  return redact(text).replace(ESCAPE_SEQUENCE, '').replace(CONTROL, ' ')
}

/** Several lines, safe to print. */
export function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n')
}
