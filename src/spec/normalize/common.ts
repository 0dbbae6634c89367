import type { Located } from '../../base/position.ts'
import { windowOf } from '../forms/window.ts'
import type { ColumnReference, Definition, EnvText, SqlText, TargetType, Window } from '../project.ts'
import type { RawColumns, RawSql } from '../schema/common.ts'
import type { Places } from '../yaml/places.ts'

interface RawDefinition {
  readonly description?: string | undefined
  readonly owner?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  readonly enabled?: boolean | undefined
}

/** What every kind takes, with the defaults. */
export function definitionParts(raw: RawDefinition): Omit<Definition, 'name' | 'at'> {
  return {
    description: raw.description,
    owner: raw.owner,
    tags: raw.tags ?? [],
    meta: raw.meta ?? {},
    enabled: raw.enabled ?? true,
  }
}

export function definitionOf(raw: RawDefinition & { readonly name: string }, places: Places): Definition {
  return { name: raw.name, at: places.value(raw, 'name'), ...definitionParts(raw) }
}

/** The text at `key` with its place; undefined when the key is not there. */
export function located<K extends string>(
  container: { readonly [key in K]?: string | undefined },
  key: K,
  places: Places,
): Located<string> | undefined {
  const value = container[key]
  return value === undefined ? undefined : { value, at: places.value(container, key) }
}

/** The same of a key that the schema demands. */
export function locatedAt<T extends string>(
  value: T,
  container: object,
  key: string | number,
  places: Places,
): Located<T> {
  return { value, at: places.value(container, key) }
}

export function locatedList(list: readonly string[], places: Places): readonly Located<string>[] {
  return list.map((value, index) => ({ value, at: places.value(list, index) }))
}

/** `a` or `[a, b]`, at `key` of `container`. */
export function columnList(
  raw: RawColumns,
  container: object,
  key: string,
  places: Places,
): readonly Located<string>[] {
  return typeof raw === 'string' ? [locatedAt(raw, container, key, places)] : locatedList(raw, places)
}

export function windowAt(raw: string | undefined, container: object, places: Places): Window | undefined {
  return raw === undefined ? undefined : windowOf(raw, places.value(container, 'within'))
}

export function envTextAt(raw: string, container: object, key: string | number, places: Places): EnvText {
  return { raw, at: places.value(container, key) }
}

/** `source.column`, at `key` of `container`. */
export function columnReferenceAt(
  text: string,
  container: object,
  key: string | number,
  places: Places,
): ColumnReference {
  const dot = text.indexOf('.')
  return { source: text.slice(0, dot), column: text.slice(dot + 1), at: places.value(container, key) }
}

export function sqlTextAt(raw: RawSql, container: object, key: string, places: Places): SqlText {
  const at = places.value(container, key)
  if (typeof raw === 'string') return { at, default: { value: raw, at }, byTarget: new Map() }
  const byTarget = new Map<TargetType, Located<string>>()
  for (const [type, value] of Object.entries(raw))
    if (type !== 'default') byTarget.set(type as TargetType, locatedAt(value, raw, type, places))
  return { at: places.key(container, key), default: located(raw, 'default', places), byTarget }
}
