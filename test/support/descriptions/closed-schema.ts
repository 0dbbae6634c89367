export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type Schema = { readonly [key: string]: Json }

export interface References {
  readonly of: Readonly<Record<string, Json>>
  /** What stands before a schema's name in `$ref`. */
  readonly prefix: string
}

/**
 * A schema of OpenAPI 3, Swagger 2 or Google's discovery as draft 2020-12, in which an object that lists its keys has
 * no others: a misspelt key is a mistake, though few descriptions say so. `open`: the parts of an `allOf` leave that to
 * the whole.
 */
export function closed(schema: Schema, refs: References, kind: 'closed' | 'open' = 'closed'): Schema {
  if (typeof schema.$ref === 'string') return reference(schema.$ref, schema, refs, kind)
  const result: Record<string, Json> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    const told = TOLD[keyword]
    if (told === undefined) result[keyword] = value
    else if (told !== 'nothing') Object.assign(result, { [told.as ?? keyword]: told.of(value, refs) })
  }
  fixBounds(result)
  // Google's word for no type at all.
  if (result.type === 'any') delete result.type
  if (isWritten(schema.required)) result.required = withoutReadOnly(schema)
  if (kind === 'closed' && isClosable(schema, refs) && schema.additionalProperties === undefined)
    result.unevaluatedProperties = false
  return schema.nullable === true || schema['x-nullable'] === true ? nullable(result) : result
}

type Told =
  | { readonly as?: string; readonly of: (value: Json, refs: References) => Json }
  /** It says nothing about what is valid. */
  | 'nothing'

const one: Told = { of: (value, refs) => (isSchema(value) ? closed(value, refs) : value) }
const parts = (as?: string): Told => ({
  ...(as === undefined ? {} : { as }),
  of: (value, refs) => list(value).map((part) => (isSchema(part) ? closed(part, refs, 'open') : part)),
})
const byName: Told = {
  of: (value, refs) =>
    Object.fromEntries(
      Object.entries(isSchema(value) ? value : {}).map(([name, part]) => [
        name,
        isSchema(part) ? closed(part, refs) : part,
      ]),
    ),
}

const TOLD: Readonly<Record<string, Told>> = {
  properties: byName,
  patternProperties: byName,
  items: one,
  additionalProperties: one,
  not: 'nothing',
  allOf: parts(),
  anyOf: parts(),
  // Alternatives that list only optional keys fit side by side: the vendors' own validators cannot mean one of them.
  oneOf: parts('anyOf'),
  required: 'nothing',
  nullable: 'nothing',
  discriminator: 'nothing',
  example: 'nothing',
  examples: 'nothing',
  xml: 'nothing',
  id: 'nothing',
  $schema: 'nothing',
  // Google's: what a key holds when it is not given.
  default: 'nothing',
}

function reference(target: string, schema: Schema, refs: References, kind: 'closed' | 'open'): Schema {
  const name = target.startsWith(refs.prefix) ? target.slice(refs.prefix.length) : target
  const found = { $ref: `description#/$defs/${encodeURIComponent(`${kind}:${name}`)}` }
  return schema.nullable === true ? { anyOf: [found, { type: 'null' }] } : found
}

/** OpenAPI 3.0 says `exclusiveMinimum: true` beside `minimum`. */
function fixBounds(result: Record<string, Json>): void {
  for (const [exclusive, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof result[exclusive] !== 'boolean') continue
    if (result[exclusive] === true && result[bound] !== undefined) result[exclusive] = result[bound]
    else delete result[exclusive]
  }
}

/** Swagger 2 and Google write `required: true` on the part itself. */
function isWritten(required: Json | undefined): boolean {
  return Array.isArray(required)
}

/** What only answers have is not sent. */
function withoutReadOnly({ required, properties }: Schema): readonly Json[] {
  const all = isSchema(properties) ? properties : {}
  return list(required).filter((name) => {
    const property = all[String(name)]
    return !(isSchema(property) && property.readOnly === true)
  })
}

function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] }
}

/** It says which keys it has: by itself, in all of its alternatives, or in one part of what it consists of. */
function isClosable(schema: Schema, refs: References, depth = 0): boolean {
  if (depth > DEEPEST) return false
  const meant = isSchema(schema) ? resolved(schema, refs) : {}
  if (isSchema(meant.properties) && Object.keys(meant.properties).length > 0) return true
  const closable = (part: Json) => isSchema(part) && isClosable(part, refs, depth + 1)
  const alternatives = [...list(meant.anyOf), ...list(meant.oneOf)]
  if (list(meant.allOf).some(closable)) return true
  return alternatives.some(closable) && alternatives.every((part) => closable(part) || isNoObject(part, refs))
}

/** Descriptions may name themselves. */
const DEEPEST = 8

function isNoObject(part: Json, refs: References): boolean {
  if (!isSchema(part)) return false
  const { type } = resolved(part, refs)
  return type !== undefined && ![type].flat().includes('object')
}

function resolved(schema: Schema, refs: References): Schema {
  if (typeof schema.$ref !== 'string') return schema
  const found =
    refs.of[schema.$ref.startsWith(refs.prefix) ? schema.$ref.slice(refs.prefix.length) : schema.$ref]
  return isSchema(found) ? found : {}
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

export function isSchema(value: Json | undefined): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
