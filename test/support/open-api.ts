/** The part of JSON Schema that descriptions of request bodies use. */
export interface BodySchema {
  readonly $ref?: string
  readonly type?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, BodySchema>>
  readonly additionalProperties?: BodySchema | boolean
  readonly items?: BodySchema
  readonly enum?: readonly unknown[]
}

export interface Description {
  readonly components: { readonly schemas: Readonly<Record<string, BodySchema>> }
}

/** Everything in a body that its description does not allow, as `/place: what`. A key that is not described is wrong. */
export function schemaProblems(
  value: unknown,
  schema: BodySchema,
  description: Description,
  place = '',
): readonly string[] {
  if (schema.$ref !== undefined) {
    const named = description.components.schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)]
    if (named === undefined) return [`${place}: ${schema.$ref} is not described`]
    return schemaProblems(value, named, description, place)
  }
  const found = typeName(value)
  if (
    schema.type !== undefined &&
    schema.type !== found &&
    !(schema.type === 'number' && found === 'integer')
  )
    return [`${place}: expected ${schema.type}, found ${found === 'integer' ? 'number' : found}`]
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${place}: none of the values described`]
  if (Array.isArray(value))
    return value.flatMap((one, index) =>
      schemaProblems(one, schema.items ?? {}, description, `${place}/${index}`),
    )
  return found === 'object'
    ? objectProblems(value as Record<string, unknown>, schema, description, place)
    : []
}

function objectProblems(
  value: Readonly<Record<string, unknown>>,
  { required = [], properties = {}, additionalProperties }: BodySchema,
  description: Description,
  place: string,
): readonly string[] {
  const missing = required
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => `${place}/${name}: missing`)
  const rest = additionalProperties === true ? {} : additionalProperties
  return [
    ...missing,
    ...Object.entries(value).flatMap(([name, one]) => {
      const schema = properties[name] ?? (rest === false ? undefined : rest)
      if (schema === undefined) return [`${place}/${name}: not described`]
      return schemaProblems(one, schema, description, `${place}/${name}`)
    }),
  ]
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}
