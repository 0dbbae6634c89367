import { createHash } from 'node:crypto'

/**
 * A value as text that is the same however it was written: keys and map entries sorted, places left out. Lists keep
 * their order.
 */
export function canonical(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  const texts = entries.flatMap(([key, one]: [string, unknown]) =>
    one === undefined || (key === 'at' && isPlace(one)) ? [] : [`${JSON.stringify(key)}:${canonical(one)}`],
  )
  return `{${texts.sort().join(',')}}`
}

/** SHA-256 in hex. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function isPlace(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'file' in value && 'line' in value
}
