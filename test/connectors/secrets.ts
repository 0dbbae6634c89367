import type { Change, JsonValue, Manifest, Settings } from '../../src/connector/types.ts'
import { hashesOf, plainOf } from './people.ts'

/** Values of the settings that the manifest marks. */
export function secretsOf(manifest: Manifest, settings: Settings): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (manifest.settings[name]?.secret !== true || value === undefined) return []
    return typeof value === 'object' ? Object.values(value) : [String(value)]
  })
}

/** Texts of rows that are found again only where they were quoted: words that an error may have of its own are none. */
export function tellingValuesOf(changes: readonly Change[]): readonly string[] {
  return changes.flatMap((change) => [
    ...[...Object.values(change.key), ...Object.values(change.fields)].filter(isTelling),
    ...hashesOf(change),
    ...Object.values(plainOf(change)),
  ])
}

function isTelling(value: JsonValue): value is string {
  return typeof value === 'string' && (value.includes('canary') || value.includes('@'))
}
