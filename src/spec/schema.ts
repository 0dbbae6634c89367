import * as z from 'zod'
import type { Manifest, SettingDefinition } from '../connector/types.ts'
import type { ProjectNames } from './project-names.ts'
import type { NameKind } from './schema/common.ts'
import { projectFile } from './schema/project.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * JSON Schema (draft-7) of a project's files, for editors: from the same definitions that check them, with the
 * connectors that are installed. `names`: those of one project, which its references then complete; any other name
 * fits too, because its definition may not be written yet.
 */
export function projectSchema(manifests: ReadonlyMap<string, Manifest>, names: ProjectNames = {}): object {
  const marked = z.toJSONSchema(projectFile, {
    target: 'draft-7',
    io: 'input',
  }) as JsonSchema
  const schema = withNames(marked, names) as JsonSchema
  return {
    title: 'Sluice project',
    description: 'A file of a Sluice project: sluice.yml, or any other YAML file beside or below it.',
    ...withConnectors(schema, manifests),
    // Shared anchors stand under keys of the author's own.
    patternProperties: { '^x-': {} },
  }
}

/** Replaces the marks of references: by the names that there are, or by nothing. */
function withNames(node: unknown, names: ProjectNames): unknown {
  if (Array.isArray(node)) return node.map((one) => withNames(one, names))
  if (typeof node !== 'object' || node === null) return node
  const { refersTo, ...rest } = node as JsonSchema
  const plain = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, withNames(inner, names)]))
  const known = refersTo === undefined ? [] : (names[refersTo as NameKind] ?? [])
  if (known.length === 0) return plain
  const { description, ...any } = plain
  return { ...(description === undefined ? {} : { description }), anyOf: [{ enum: known }, any] }
}

function withConnectors(schema: JsonSchema, manifests: ReadonlyMap<string, Manifest>): JsonSchema {
  if (manifests.size === 0) return schema
  const properties = schema.properties as Record<string, JsonSchema>
  const list = properties.destinations as JsonSchema
  const destination = list.items as JsonSchema
  const keys = destination.properties as Record<string, JsonSchema>
  const connector = { description: keys.connector?.description, enum: [...manifests.keys()] }
  const items = {
    ...destination,
    properties: { ...keys, connector },
    allOf: [...manifests.values()].map(settingsRule),
  }
  return { ...schema, properties: { ...properties, destinations: { ...list, items } } }
}

/** When this connector is named, these are its settings. */
function settingsRule(manifest: Manifest): JsonSchema {
  const settings = Object.entries(manifest.settings)
  const required = settings.filter(([, setting]) => setting.required === true).map(([key]) => key)
  return {
    if: { properties: { connector: { const: manifest.name } }, required: ['connector'] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: {
      properties: {
        settings: {
          description: `Settings of ${manifest.title}.`,
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(settings.map(([key, setting]) => [key, settingSchema(setting)])),
          ...(required.length === 0 ? {} : { required }),
        },
      },
      ...(required.length === 0 ? {} : { required: ['settings'] }),
    },
  }
}

/** Any setting may be a text with a variable in it. */
function settingSchema(setting: SettingDefinition): JsonSchema {
  const { description, minimum, maximum } = setting
  const variable = { type: 'string', pattern: '\\$\\{' }
  const bounds = {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  }
  const types: Readonly<Record<SettingDefinition['type'], JsonSchema>> = {
    text: { type: 'string' },
    integer: { anyOf: [{ type: 'integer', ...bounds }, variable] },
    boolean: { anyOf: [{ type: 'boolean' }, variable] },
    text_map: { type: 'object', additionalProperties: { type: 'string' } },
    text_list: { type: 'array', items: { type: 'string' } },
  }
  const fallback = setting.default === undefined ? {} : { default: setting.default }
  return { description, ...types[setting.type], ...fallback }
}
