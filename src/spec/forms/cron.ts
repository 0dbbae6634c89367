interface Field {
  readonly low: number
  readonly high: number
  readonly names: readonly string[]
  /** The number of the first name. */
  readonly firstName: number
}

const FIELDS: readonly Field[] = [
  { low: 0, high: 59, names: [], firstName: 0 },
  { low: 0, high: 23, names: [], firstName: 0 },
  { low: 1, high: 31, names: [], firstName: 0 },
  { low: 1, high: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '), firstName: 1 },
  // 7 is Sunday too.
  { low: 0, high: 7, names: 'sun mon tue wed thu fri sat'.split(' '), firstName: 0 },
]

/** Five fields: minute, hour, day of month, month, day of week. `*`, numbers, names, `a-b`, `/step`, lists. */
export function isCron(text: string): boolean {
  const parts = text.trim().split(/\s+/)
  return (
    parts.length === FIELDS.length &&
    FIELDS.every((field, index) => (parts[index] ?? '').split(',').every((item) => isItem(item, field)))
  )
}

function isItem(item: string, field: Field): boolean {
  const [range = '', step, ...rest] = item.split('/')
  if (rest.length > 0) return false
  if (step !== undefined && !(/^[1-9][0-9]?$/.test(step) && Number(step) <= field.high)) return false
  if (range === '*') return true
  const [from = '', to, ...more] = range.split('-')
  if (more.length > 0) return false
  const low = numberOf(from, field)
  const high = to === undefined ? low : numberOf(to, field)
  return low !== undefined && high !== undefined && low <= high && (step === undefined || to !== undefined)
}

function numberOf(text: string, field: Field): number | undefined {
  const named = field.names.indexOf(text.toLowerCase())
  if (named >= 0) return named + field.firstName
  if (!/^[0-9]{1,2}$/.test(text)) return undefined
  const value = Number(text)
  return value >= field.low && value <= field.high ? value : undefined
}
