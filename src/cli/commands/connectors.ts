import { CONNECTORS } from '../../../connectors/index.ts'
import { SluiceError } from '../../base/errors.ts'
import { nearestHint } from '../../base/nearest.ts'
import type { Manifest, ObjectDefinition, SettingDefinition } from '../../connector/types.ts'
import type { Answer } from '../answer.ts'
import type { Style } from '../render/style.ts'
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
          Object.keys(manifest.objects).map(objectName).join(', '),
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
          ...authFacts(manifest),
          ...limitFacts(manifest),
        ]),
        settingsTable(manifest.settings, style),
        ...Object.entries(manifest.objects).map(([object, definition]) =>
          objectText(object, definition, style),
        ),
      ].join('\n\n'),
  }
}

function objectName(object: string): string {
  return object === '*' ? 'any other' : object
}

/** One line a way; the first that is complete is taken. */
function authFacts({ auth = [] }: Manifest): readonly (readonly [string, string])[] {
  return auth.map(({ needs }, place) => [place === 0 ? 'who asks' : 'or', needs.join(', ')] as const)
}

function limitFacts({ limits }: Manifest): readonly (readonly [string, string])[] {
  const { requestsPerSecond: rate, inFlight } = limits ?? {}
  const rates = rate === undefined ? [] : [['limit', `${rate} requests a second`] as const]
  return inFlight === undefined ? rates : [...rates, ['at once', count(inFlight)]]
}

function settingsTable(settings: Manifest['settings'], style: Style): string {
  return table(
    [{ title: 'SETTING' }, { title: 'TYPE' }, { title: 'NEEDED' }, { title: 'WHAT IT IS' }],
    Object.entries(settings).map(([name, definition]) => settingRow(name, definition)),
    style,
  )
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

function objectText(object: string, definition: ObjectDefinition, style: Style): string {
  const told = `${objectName(object)}\n${facts(objectFacts(definition))}`
  const { settings } = definition
  return settings === undefined ? told : `${told}\n\n${settingsTable(settings, style)}`
}

function objectFacts(object: ObjectDefinition): readonly (readonly [string, string])[] {
  const { batch, bulk, removal, erasure } = object
  return [
    ['  what it is', object.description],
    ['  keys', object.keys?.join(', ') ?? 'any field'],
    ['  modes', object.modes.join(', ')],
    ['  on removal', removal === undefined ? object.remove : `${object.remove}: ${removal}`],
    ['  erasure', erasure ?? 'not by Sluice'],
    ['  answers', object.async === true ? 'later, for jobs' : 'at once'],
    ['  sent twice', object.idempotent ? 'leaves the same state' : 'may double'],
    ['  batch', `at most ${count(batch.maxItems)} rows and ${count(batch.maxBytes)} bytes`],
    ...(bulk === undefined
      ? []
      : [
          [
            '  large plans',
            `of more than ${count(bulk.aboveRows)} rows: jobs of at most ${count(bulk.maxItems)} rows and ${count(bulk.maxBytes)} bytes`,
          ] as const,
        ]),
  ]
}
