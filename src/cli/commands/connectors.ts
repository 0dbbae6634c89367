import { CONNECTORS } from '../../../connectors/index.ts'
import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { Manifest, ObjectDefinition, SettingDefinition } from '../../connector/types.ts'
import type { Answer } from '../answer.ts'
import { count, facts, table } from '../render/table.ts'

/** Every connector that can be written to, and how its contract was checked. */
export async function listConnectors(): Promise<Answer> {
  const manifests = [...CONNECTORS.values()].map((entry) => entry.manifest)
  return {
    json: {
      connectors: manifests.map((manifest) => ({
        name: manifest.name,
        title: manifest.title,
        objects: Object.keys(manifest.objects),
        verification: manifest.verification,
      })),
    },
    text: (style) =>
      table(
        [{ title: 'CONNECTOR' }, { title: 'WRITES TO' }, { title: 'OBJECTS' }, { title: 'CHECKED' }],
        manifests.map((manifest) => [
          manifest.name,
          manifest.title,
          Object.keys(manifest.objects).join(', '),
          manifest.verification,
        ]),
        style,
      ),
  }
}

/** One connector: settings, objects, modes, limits, and what a removal does. Throws SLU7001. */
export async function showConnector(name: string): Promise<Answer> {
  const manifest = CONNECTORS.get(name)?.manifest
  if (manifest === undefined)
    throw new SluiceError('SLU7001', {
      message: `expected a connector, found "${name}"`,
      hint: nearestHint(name, CONNECTORS.keys()),
    })
  return {
    json: { ...JSON.parse(JSON.stringify(manifest)) },
    text: (style) =>
      [
        facts([
          ['connector', `${manifest.name} (${manifest.title})`],
          ['checked', manifest.verification],
          ...limitFacts(manifest),
        ]),
        table(
          [{ title: 'SETTING' }, { title: 'TYPE' }, { title: 'NEEDED' }, { title: 'WHAT IT IS' }],
          Object.entries(manifest.settings).map(([setting, definition]) => settingRow(setting, definition)),
          style,
        ),
        ...objectTexts(manifest),
      ].join('\n\n'),
  }
}

function limitFacts({ limits }: Manifest): readonly (readonly [string, string])[] {
  const { requestsPerSecond: rate, inFlight } = limits ?? {}
  const rates = rate === undefined ? [] : [['limit', `${rate} requests a second`] as const]
  return inFlight === undefined ? rates : [...rates, ['at once', count(inFlight)]]
}

function settingRow(name: string, definition: SettingDefinition): readonly string[] {
  const fallback = definition.default === undefined ? '' : ` (default ${definition.default})`
  return [
    name,
    definition.secret === true ? `${definition.type}, secret` : definition.type,
    definition.required === true ? 'yes' : 'no',
    `${definition.description}${fallback}`,
  ]
}

function objectTexts(manifest: Manifest): readonly string[] {
  return Object.entries(manifest.objects).map(([name, object]) => `${name}\n${facts(objectFacts(object))}`)
}

function objectFacts(object: ObjectDefinition): readonly (readonly [string, string])[] {
  return [
    ['  what it is', object.description],
    ['  keys', object.keys?.join(', ') ?? 'any field'],
    ['  modes', object.modes.join(', ')],
    ['  on removal', object.remove],
    ['  answers', object.async === true ? 'later, for jobs' : 'at once'],
    ['  sent twice', object.idempotent ? 'leaves the same state' : 'may double'],
    ['  batch', `at most ${count(object.batch.maxItems)} rows and ${count(object.batch.maxBytes)} bytes`],
  ]
}
