import type { SettingDefinition, Settings } from './types.ts'

/** What settings are where nobody gives them, as far as a manifest says it. */
export function defaultsOf(definitions: Readonly<Record<string, SettingDefinition>> = {}): Settings {
  return Object.fromEntries(
    Object.entries(definitions).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}
