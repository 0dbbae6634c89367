import type { FakeAnswer, FakeRequest } from '../../src/connector/fake-server.ts'
import { DESCRIBED, type FakeOrg, type FakeRecord, parentNamed } from './fake-org.ts'

/** The cap of sObject Collections. */
const MOST_RECORDS = 200

/** Of the URI alone; headers count too, but here they are short. */
const LONGEST_URI = 16_384

const ORGANIZATION = '00D000000000042EAA'

/** What the REST API answers to a request after the version; undefined: it has no such resource. */
export function restAnswer(org: FakeOrg, request: FakeRequest, resource: string): FakeAnswer | undefined {
  const url = new URL(resource, 'https://org.example')
  if (request.path.length > LONGEST_URI) return failure(414, 'URI_TOO_LONG', 'URI Too Long')
  const [, kind = '', object = '', keyField] =
    /^\/(composite\/sobjects|sobjects|query)(?:\/(\w+))?(?:\/(\w+))?$/.exec(url.pathname) ?? []
  if (kind === 'query' && request.method === 'GET') return queried(org, url, object)
  if (kind === 'sobjects' && request.method === 'GET' && keyField === 'describe') return described(object)
  if (kind !== 'composite/sobjects') return undefined
  if (request.method === 'DELETE') return deleted(org, url)
  if (request.method === 'PATCH') return written(org, request, object, keyField)
  return undefined
}

export function failure(status: number, errorCode: string, message: string): FakeAnswer {
  return { status, body: JSON.stringify([{ message, errorCode }]) }
}

export function ok(body: unknown, status = 200): FakeAnswer {
  return { status, body: JSON.stringify(body) }
}

function described(object: string): FakeAnswer {
  if (object.startsWith('Missing')) return failure(404, 'NOT_FOUND', 'The requested resource does not exist')
  return ok({ name: object, createable: true, updateable: true, fields: DESCRIBED })
}

const QUERY = /^SELECT Id, (\w+) FROM (\w+) WHERE (\w+) IN \((.*)\)$/s

function queried(org: FakeOrg, url: URL, locator: string): FakeAnswer {
  if (locator !== '')
    return page(org, ...(JSON.parse(atob(locator.replaceAll('_', '='))) as [string, number]))
  return page(org, url.searchParams.get('q') ?? '', 0)
}

function page(org: FakeOrg, soql: string, from: number): FakeAnswer {
  if (soql === 'SELECT Id FROM Organization')
    return ok({ totalSize: 1, done: true, records: [{ Id: ORGANIZATION }] })
  const [, field = '', object = '', where = '', list = ''] = QUERY.exec(soql) ?? []
  const known = DESCRIBED.find(({ name }) => name === where)
  if (known === undefined) return failure(400, 'MALFORMED_QUERY', `unexpected token: ${where}`)
  const wanted = wantedIn(list, known.type === 'double')
  if (wanted === undefined)
    return failure(400, 'INVALID_FIELD', `filter criteria of ${where} must not be quoted`)
  const records = [...org.recordsOf(object).values()].flatMap((record) =>
    wanted.has(String(record[where]).toLowerCase()) ? [{ Id: record.Id, [field]: record[field] }] : [],
  )
  const next = btoa(JSON.stringify([soql, from + org.pageSize])).replaceAll('=', '_')
  return ok({
    totalSize: records.length,
    done: records.length <= from + org.pageSize,
    records: records
      .slice(from, from + org.pageSize)
      .map((record) => ({ attributes: { type: object }, ...record })),
    ...(records.length <= from + org.pageSize
      ? {}
      : { nextRecordsUrl: `/services/data/v64.0/query/${next}` }),
  })
}

/** Texts stand in quotes, numbers do not. */
function wantedIn(list: string, isNumber: boolean): ReadonlySet<string> | undefined {
  if (isNumber)
    return /['"]/.test(list) ? undefined : new Set(list.split(',').map((one) => String(Number(one))))
  const texts = [...list.matchAll(/'((?:[^'\\]|\\.)*)'(?:,|$)/gs)].map(([, inside = '']) => unescaped(inside))
  return new Set(texts.map((one) => one.toLowerCase()))
}

function unescaped(inside: string): string {
  const signs: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
  return inside.replaceAll(/\\(.)/gs, (_, sign: string) => signs[sign] ?? sign)
}

function deleted(org: FakeOrg, url: URL): FakeAnswer {
  const ids = url.searchParams.get('ids')?.split(',') ?? []
  if (ids.length === 0 || ids.length > MOST_RECORDS) return tooMany(ids.length)
  if (url.searchParams.get('allOrNone') !== 'false') return onlyEach()
  return ok(ids.map((id) => org.delete(id)))
}

interface Written {
  readonly allOrNone?: boolean
  readonly records?: readonly (FakeRecord & { readonly attributes?: { readonly type?: string } })[]
}

function written(org: FakeOrg, request: FakeRequest, object: string, keyField = ''): FakeAnswer {
  const { allOrNone, records = [] } = JSON.parse(request.body) as Written
  if (records.length > MOST_RECORDS) return tooMany(records.length)
  if (allOrNone !== false) return onlyEach()
  const isKey = DESCRIBED.some(({ name, externalId }) => name === keyField && externalId)
  if (object !== '' && !isKey)
    return failure(404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible')
  for (const record of records) {
    const wrong = wrongIn(record, object)
    if (wrong !== undefined) return wrong
  }
  return ok(
    records.map(({ attributes, id, ...fields }) =>
      object === ''
        ? org.update(attributes?.type ?? '', String(id), fields)
        : org.upsert(object, keyField, fields),
    ),
  )
}

function onlyEach(): FakeAnswer {
  return failure(400, 'INVALID_INPUT', 'the fake knows allOrNone false only')
}

function tooMany(count: number): FakeAnswer {
  return failure(400, 'LIMIT_EXCEEDED', `expected 1 to ${MOST_RECORDS} records, found ${count}`)
}

/** What refuses the whole request: a name, a type, or a value of another JSON type than the field's. */
function wrongIn(
  { attributes, ...fields }: NonNullable<Written['records']>[number],
  object: string,
): FakeAnswer | undefined {
  const type = attributes?.type
  if (type === undefined || (object !== '' && type !== object))
    return failure(400, 'INVALID_TYPE', `expected records of ${object}`)
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'id' && object === '') continue
    if (!name.includes('.') && parentNamed(name, value) !== undefined) continue
    const field = DESCRIBED.find((one) => one.name === name)
    if (field === undefined || !field.createable)
      return failure(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${type}`)
    if (!isOfType(value, field.soapType))
      return failure(
        400,
        'JSON_PARSER_ERROR',
        `Cannot deserialize instance of ${field.type} from value ${value} or request may be missing a required field`,
      )
  }
  return undefined
}

function isOfType(value: unknown, soapType: string): boolean {
  if (value === null) return true
  if (soapType === 'xsd:double') return typeof value === 'number' || Number.isFinite(Number(value))
  return typeof value === (soapType === 'xsd:boolean' ? 'boolean' : 'string')
}
