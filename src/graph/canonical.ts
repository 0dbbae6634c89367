import { createHash } from 'node:crypto'

/**
 * A value as text that is the same however it was written: keys and map entries sorted, places left out. Lists keep
 * their order.
 */
export function canonical(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return listText(value)
  return value instanceof Map ? mapText(value) : objectText(value as Readonly<Record<string, unknown>>)
}

/** SHA-256 in hex. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function listText(list: readonly unknown[]): string {
  let text = '['
  for (const one of list) text += `${canonical(one)},`
  return `${text}]`
}

function mapText(map: ReadonlyMap<string, unknown>): string {
  let text = '{'
  for (const key of [...map.keys()].sort()) text += `${JSON.stringify(key)}:${canonical(map.get(key))},`
  return `${text}}`
}

/** Keys of objects are words of ours, which need no escapes. */
function objectText(value: Readonly<Record<string, unknown>>): string {
  let text = '{'
  for (const key of Object.keys(value).sort()) {
    const one = value[key]
    if (one !== undefined && !(key === 'at' && isPlace(one))) text += `"${key}":${canonical(one)},`
  }
  return `${text}}`
}

function isPlace(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'file' in value && 'line' in value
}
