import { DestinationError } from '../../src/connector/errors.ts'
import type { Change, JsonValue } from '../../src/connector/types.ts'

/** A JSON text in which `"{{name}}"` stands for a value, parsed. */
export interface Template {
  readonly setting: string
  readonly json: JsonValue
}

/** What names in a template stand for. */
export type Scope = (name: string) => JsonValue | undefined

/** Throws a DestinationError `stop`, which names the setting. */
export function parseTemplate(setting: string, text: string): Template {
  try {
    return { setting, json: JSON.parse(text) }
  } catch {
    throw wrong(
      `expected the setting ${setting} to be JSON with "{{names}}" in it, found text that is no JSON`,
    )
  }
}

/** A text that is a name alone becomes its value, whatever its type; a name within a text becomes text. */
export function fill(template: Template, scope: Scope): JsonValue {
  const { setting, json } = template
  return filled(json, (name) => meant(name, scope, setting))
}

/** `{key.email}` in a path, encoded. Throws a DestinationError `stop`. */
export function fillPath(setting: string, path: string, scope: Scope): string {
  return path.replaceAll(/\{([^{}]*)\}/g, (_, name: string) =>
    encodeURIComponent(textOf(meant(name.trim(), scope, setting))),
  )
}

/** Of one row: `op`, `key`, `fields`, `key.NAME`, `field.NAME`. */
export function scopeOf({ op, key, fields }: Change): Scope {
  return (name) => {
    if (name === 'op') return op
    if (name === 'key') return key
    if (name === 'fields') return fields
    const dot = name.indexOf('.')
    const of = { key, field: fields }[name.slice(0, dot)]
    const part = name.slice(dot + 1)
    return of !== undefined && Object.hasOwn(of, part) ? of[part] : undefined
  }
}

export function wrong(message: string): DestinationError {
  return new DestinationError('stop', { message })
}

function filled(json: JsonValue, value: (name: string) => JsonValue): JsonValue {
  if (typeof json === 'string') return filledText(json, value)
  if (Array.isArray(json)) return json.map((one: JsonValue) => filled(one, value))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([name, one]) => [name, filled(one, value)]))
}

function filledText(text: string, value: (name: string) => JsonValue): JsonValue {
  const alone = /^\{\{([^{}]*)\}\}$/.exec(text)?.[1]
  if (alone !== undefined) return value(alone.trim())
  return text.replaceAll(/\{\{([^{}]*)\}\}/g, (_, name: string) => textOf(value(name.trim())))
}

function meant(name: string, scope: Scope, setting: string): JsonValue {
  const value = scope(name)
  if (value !== undefined) return value
  throw wrong(
    `expected the setting ${setting} to name what is sent, found "${name}": it is no key and no mapped field of the sync, or nothing that stands there`,
  )
}

function textOf(value: JsonValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
