import type { FakeRequest } from '../../../src/connector/fake-server.ts'
import type { Operation } from './description.ts'
import { limitProblems, type OperationLimits } from './limits.ts'

export interface CheckedRequest {
  /** `POST /crm/{type}`: as described; undefined: it is not. */
  readonly operation: Operation | undefined
  readonly problems: readonly string[]
}

export interface CheckOptions {
  readonly limits?: readonly OperationLimits[]
  /** Parameters of queries that are described for all lists together. */
  readonly alsoQueries?: readonly string[]
  /** Headers that the description names, and under which other name they are sent. */
  readonly headerNames?: Readonly<Record<string, string>>
  /** `POST /path` of operations whose body the description leaves out. */
  readonly bodiesLeftOut?: readonly string[]
}

/** Holds a request against the operations of an API: path, method, query, headers, media type and body. */
export function checkRequest(
  request: Pick<FakeRequest, 'method' | 'path' | 'headers' | 'body'>,
  operations: readonly Operation[],
  options: CheckOptions = {},
): CheckedRequest {
  const url = new URL(request.path, 'http://fake')
  const operation = operations
    .filter(({ method, path }) => method === request.method && path.pattern.test(url.pathname))
    .sort((one, other) => other.path.literals - one.path.literals)[0]
  if (operation === undefined) return { operation, problems: ['this operation is not described'] }
  const parsed = { ...request, path: url.pathname, json: parsedBody(request) }
  return {
    operation,
    problems: [
      ...queryProblems(url, operation, options),
      ...headerProblems(request.headers, operation, options),
      ...bodyProblems(parsed, operation, options),
      ...limitProblems(parsed, options.limits ?? []),
    ],
  }
}

function queryProblems(
  { searchParams }: URL,
  { parameters }: Operation,
  { alsoQueries = [] }: CheckOptions,
): readonly string[] {
  const described = parameters.filter((one) => one.in === 'query')
  // A list may be written as `ids[]`, or with its name repeated.
  const isKnown = (name: string) => described.some((one) => one.name === name || `${one.name}[]` === name)
  const unknown = [...new Set(searchParams.keys())].filter(
    (name) => !isKnown(name) && !alsoQueries.includes(name),
  )
  const missing = described.filter(({ name, required }) => required && !searchParams.has(name))
  return [
    ...unknown.map((name) => `query ${name}: not described`),
    ...missing.map(({ name }) => `query ${name}: missing`),
  ]
}

/** OpenAPI says these elsewhere. */
const SAID_ELSEWHERE = ['accept', 'authorization', 'content-type']

function headerProblems(
  headers: FakeRequest['headers'],
  { parameters }: Operation,
  { headerNames = {} }: CheckOptions,
): readonly string[] {
  return parameters
    .filter((one) => one.in === 'header' && one.required && !SAID_ELSEWHERE.includes(one.name.toLowerCase()))
    .map(({ name }) => headerNames[name] ?? name)
    .filter((name) => headers[name.toLowerCase()] === undefined)
    .map((name) => `header ${name}: missing`)
}

function bodyProblems(
  request: Pick<FakeRequest, 'headers' | 'body'> & { readonly json: unknown },
  { method, path, bodies, bodyRequired }: Operation,
  { bodiesLeftOut = [] }: CheckOptions,
): readonly string[] {
  if (request.body === '') return bodyRequired ? ['body: missing'] : []
  if (bodies === undefined)
    return bodiesLeftOut.includes(`${method} ${path.text}`) ? [] : ['body: none is described']
  const type = mediaType(request.headers)
  const check = bodies.get(type)
  if (check === undefined) return [`content type: expected ${[...bodies.keys()].join(' or ')}, found ${type}`]
  if (request.json === undefined) return isText(type) ? [] : ['body: no JSON']
  return check(request.json)
}

function isText(type: string): boolean {
  return type.startsWith('text/')
}

function parsedBody({ headers, body }: Pick<FakeRequest, 'headers' | 'body'>): unknown {
  const type = mediaType(headers)
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(body))
  if (type === 'multipart/form-data') return fieldsOfForm(body, headers['content-type'] ?? '')
  if (!/json/.test(type)) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** A file as the text that it holds. */
function fieldsOfForm(body: string, contentType: string): Readonly<Record<string, string>> | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined || !body.endsWith(`--${boundary}--\r\n`)) return undefined
  const parts = body.split(`--${boundary}\r\n`).slice(1)
  return Object.fromEntries(
    parts.map((part) => {
      const end = part.indexOf('\r\n\r\n')
      const name = /\bname="([^"]*)"/.exec(part.slice(0, end))?.[1] ?? ''
      return [name, part.slice(end + 4, part.lastIndexOf('\r\n'))]
    }),
  )
}

function mediaType(headers: FakeRequest['headers']): string {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
}
