import type { Change, Manifest, Settings } from '../../src/connector/types.ts'

/** Values of the settings that the manifest marks. */
export function secretsOf(manifest: Manifest, settings: Settings): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (manifest.settings[name]?.secret !== true || value === undefined) return []
    return typeof value === 'object' ? Object.values(value) : [String(value)]
  })
}

/** Texts of rows that are found again only where they were quoted: words that an error may have of its own are none. */
export function tellingValuesOf(changes: readonly Change[]): readonly string[] {
  return changes
    .flatMap(({ key, fields }) => [...Object.values(key), ...Object.values(fields)])
    .filter((value) => typeof value === 'string')
    .filter((value) => value.includes('canary') || value.includes('@'))
}
