type Schema = Readonly<Record<string, unknown>>

/**
 * Whether a value fits a draft-7 schema: the part of JSON Schema that ours uses. An unknown keyword throws, so that
 * no rule is passed over in silence.
 */
export function fits(value: unknown, schema: unknown, root: unknown): boolean {
  if (schema === true || schema === undefined) return true
  return Object.entries(schema as Schema).every(([keyword, rule]) => {
    const check = KEYWORDS[keyword]
    if (check === undefined) throw new Error(`unknown keyword ${keyword}`)
    return check(value, rule, schema as Schema, root)
  })
}

type Check = (value: unknown, rule: unknown, schema: Schema, root: unknown) => boolean
const always: Check = () => true
const list = (rule: unknown) => rule as readonly unknown[]
const map = (rule: unknown) => (rule ?? {}) as Schema

const KEYWORDS: Readonly<Record<string, Check>> = {
  $schema: always,
  title: always,
  description: always,
  default: always,
  definitions: always,
  id: always,
  // Judged with `if`.
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  then: always,
  $ref: (value, rule, _, root) => fits(value, at(root, String(rule)), root),
  type: (value, rule) => [rule].flat().some((type) => typeNames(value).includes(String(type))),
  enum: (value, rule) => list(rule).includes(value),
  const: (value, rule) => value === rule,
  pattern: (value, rule) => typeof value !== 'string' || new RegExp(String(rule), 'u').test(value),
  minLength: (value, rule) => typeof value !== 'string' || value.length >= Number(rule),
  minimum: (value, rule) => typeof value !== 'number' || value >= Number(rule),
  maximum: (value, rule) => typeof value !== 'number' || value <= Number(rule),
  exclusiveMinimum: (value, rule) => typeof value !== 'number' || value > Number(rule),
  minItems: (value, rule) => !Array.isArray(value) || value.length >= Number(rule),
  maxItems: (value, rule) => !Array.isArray(value) || value.length <= Number(rule),
  items: (value, rule, _, root) => !Array.isArray(value) || value.every((one) => fits(one, rule, root)),
  required: (value, rule) => !isObject(value) || list(rule).every((key) => Object.hasOwn(value, String(key))),
  properties: (value, rule, _, root) =>
    !isObject(value) ||
    Object.entries(map(rule)).every(
      ([key, inner]) => !Object.hasOwn(value, key) || fits(value[key], inner, root),
    ),
  patternProperties: always,
  propertyNames: (value, rule, _, root) =>
    !isObject(value) || Object.keys(value).every((key) => fits(key, rule, root)),
  additionalProperties: (value, rule, schema, root) =>
    !isObject(value) || others(value, schema).every((key) => rule !== false && fits(value[key], rule, root)),
  anyOf: (value, rule, _, root) => list(rule).some((one) => fits(value, one, root)),
  oneOf: (value, rule, _, root) => list(rule).filter((one) => fits(value, one, root)).length === 1,
  allOf: (value, rule, _, root) => list(rule).every((one) => fits(value, one, root)),
  if: (value, rule, schema, root) => !fits(value, rule, root) || fits(value, schema.then, root),
}

function others(value: Schema, schema: Schema): readonly string[] {
  const patterns = Object.keys(map(schema.patternProperties)).map((pattern) => new RegExp(pattern, 'u'))
  return Object.keys(value).filter(
    (key) => !Object.hasOwn(map(schema.properties), key) && !patterns.some((pattern) => pattern.test(key)),
  )
}

function at(root: unknown, reference: string): unknown {
  let found = root
  for (const part of reference.split('/').slice(1)) found = (found as Schema)[part]
  if (found === undefined) throw new Error(`nothing at ${reference}`)
  return found
}

function typeNames(value: unknown): readonly string[] {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  if (Number.isInteger(value)) return ['number', 'integer']
  return [typeof value]
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
