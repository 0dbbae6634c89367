import type { Change } from '../../connector/types.ts'

/**
 * Changes as objects, from the text that the warehouse printed. A number that JavaScript cannot hold digit for digit
 * stays a text, as those beyond 2^53 are texts already: what the warehouse holds is what arrives.
 */
export function parsedChanges(json: string): readonly Change[] {
  return MAY_BE_ROUNDED.test(json) ? JSON.parse(json, exactly) : JSON.parse(json)
}

/** Digits enough to lose some, or an exponent; to look at each number costs several times the parsing. */
const MAY_BE_ROUNDED = /\d[\d.]{15}|\d[eE][+-]?\d/

function exactly(_key: string, value: unknown, context: { readonly source?: string } = {}): unknown {
  const { source } = context
  if (typeof value !== 'number' || source === undefined) return value
  return digitsOf(source) === digitsOf(String(value)) ? value : source
}

/** The same for the same number, however it is written. */
function digitsOf(number: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] = NUMBER.exec(number) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  if (digits === '') return '0'
  return `${sign}${digits}e${Number(power) - fraction.length + all.length - digits.length}`
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
