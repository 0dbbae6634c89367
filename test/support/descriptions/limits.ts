import { pathTemplate } from './description.ts'

/** What an API says of an operation in prose only. */
export interface OperationLimits {
  readonly vendor: string
  /** `POST|DELETE /lists/{id}`; `vXX.0` is any version. */
  readonly op: string
  /** By JSON pointer, in which `*` is every place. */
  readonly maxItems?: Readonly<Record<string, number>>
  readonly uniqueItemsBy?: Readonly<Record<string, string>>
  readonly maxBytes?: number
  /** Of one item of the lists that have a cap, or of the only list. */
  readonly maxItemBytes?: number
  readonly maxItemsTotal?: number
  readonly requiredHeaders?: readonly string[]
  readonly contentType?: string
}

export interface LimitedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly json: unknown
}

/** What a request has too much of, or lacks. */
export function limitProblems(
  request: LimitedRequest,
  limits: readonly OperationLimits[],
): readonly string[] {
  return limits.filter((one) => isAbout(one, request)).flatMap((one) => problemsOf(request, one))
}

function isAbout({ op }: OperationLimits, { method, path }: LimitedRequest): boolean {
  const [methods = '', template = ''] = op.split(' ')
  const { pattern } = pathTemplate(template.replace('vXX.0', '{version}'), '')
  return methods.split('|').includes(method) && pattern.test(path)
}

function problemsOf(request: LimitedRequest, limits: OperationLimits): readonly string[] {
  const { headers, body, json } = request
  const { maxItems = {}, uniqueItemsBy = {}, requiredHeaders = [], maxBytes, contentType } = limits
  const bytes = Buffer.byteLength(body)
  const type = headers['content-type']?.split(';')[0]?.trim()
  return [
    ...requiredHeaders
      .filter((name) => headers[name.toLowerCase()] === undefined)
      .map((name) => `header ${name}: missing`),
    ...(contentType === undefined || contentType === type
      ? []
      : [`content type: expected ${contentType}, found ${type}`]),
    ...(maxBytes === undefined || bytes <= maxBytes
      ? []
      : [`body: expected at most ${maxBytes} bytes, found ${bytes}`]),
    ...Object.entries(maxItems).flatMap(([pointer, most]) => tooMany(json, pointer, most)),
    ...Object.entries(uniqueItemsBy).flatMap(([pointer, key]) => repeated(json, pointer, key)),
    ...tooLong(json, limits),
    ...tooManyInAll(json, limits),
  ]
}

function tooMany(json: unknown, pointer: string, most: number): readonly string[] {
  return at(json, pointer)
    .filter((found) => Array.isArray(found) && found.length > most)
    .map((found) => `${pointer}: expected at most ${most} items, found ${(found as unknown[]).length}`)
}

function repeated(json: unknown, pointer: string, key: string): readonly string[] {
  return at(json, pointer).flatMap((found) => {
    const values = Array.isArray(found) ? found.map((item) => item?.[key]) : []
    return new Set(values).size === values.length ? [] : [`${pointer}: expected each ${key} once`]
  })
}

function tooLong(json: unknown, { maxItemBytes, maxItems = {} }: OperationLimits): readonly string[] {
  if (maxItemBytes === undefined) return []
  const pointers = Object.keys(maxItems)
  const lists =
    pointers.length > 0 ? pointers.flatMap((pointer) => at(json, pointer)) : Object.values(json ?? {})
  const longest = Math.max(
    0,
    ...lists
      .filter(Array.isArray)
      .flatMap((list) => list.map((item) => Buffer.byteLength(JSON.stringify(item)))),
  )
  return longest <= maxItemBytes ? [] : [`an item: expected at most ${maxItemBytes} bytes, found ${longest}`]
}

/** Counted wherever they stand. */
function tooManyInAll(json: unknown, { maxItemsTotal }: OperationLimits): readonly string[] {
  if (maxItemsTotal === undefined) return []
  const longest = Math.max(0, ...listsIn(json).map((list) => list.length))
  return longest <= maxItemsTotal ? [] : [`body: expected at most ${maxItemsTotal} items, found ${longest}`]
}

function listsIn(value: unknown): readonly (readonly unknown[])[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap(listsIn)
  return Array.isArray(value) ? [value, ...inner] : inner
}

function at(json: unknown, pointer: string): readonly unknown[] {
  let found: readonly unknown[] = [json]
  for (const part of pointer.split('/').slice(1))
    found = found.flatMap((value) => {
      if (typeof value !== 'object' || value === null) return []
      if (part === '*') return Object.values(value)
      return Object.hasOwn(value, part) ? [(value as Record<string, unknown>)[part]] : []
    })
  return found
}
