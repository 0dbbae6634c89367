import type { FakeAnswer } from '../../src/connector/fake-server.ts'
import { failure, ok, partial, refusal } from './fake-answers.ts'
import { type FakeRecord, type FakeRecords, READ_ONLY } from './fake-records.ts'

const CAP = 100

interface Input {
  readonly id: string
  readonly idProperty?: string
  readonly objectWriteTraceId?: string
  readonly properties?: Readonly<Record<string, string>>
}

interface Body {
  readonly inputs?: readonly Input[]
  readonly idProperty?: string
  readonly properties?: readonly string[]
  readonly propertiesWithHistory?: readonly string[]
}

export function isOperation(name: string): name is keyof typeof OPERATIONS {
  return Object.hasOwn(OPERATIONS, name)
}

/** One batch of records of one type. */
export function answerBatch(
  operation: keyof typeof OPERATIONS,
  body: Body,
  records: FakeRecords,
): FakeAnswer {
  const { inputs } = body
  if (!isValidBatch(inputs)) return refusal('Invalid input JSON')
  for (const { idProperty = body.idProperty } of inputs)
    if (idProperty !== undefined && !isUnique(idProperty, operation, records))
      return refusal(
        `Unable to perform update/upsert by non-unique ${records.type.typeId} property ${idProperty}`,
      )
  return OPERATIONS[operation](inputs, body, records)
}

const OPERATIONS = {
  read: readAll,
  archive: (inputs: readonly Input[], _: Body, records: FakeRecords): FakeAnswer => {
    for (const { id } of inputs) records.remove(id)
    return { status: 204, body: '' }
  },
  upsert: (inputs: readonly Input[], _: Body, records: FakeRecords) =>
    inputs.some(({ idProperty }) => idProperty === undefined)
      ? refusal('idProperty is needed')
      : writeAll(inputs, records),
  update: (inputs: readonly Input[], _: Body, records: FakeRecords) => writeAll(inputs, records),
} as const

/**
 * Contacts are found by their address, but a batch of updates takes their record ids. A property that is not listed is
 * one of the portal's own, and as unique as it should be.
 */
function isUnique(idProperty: string, operation: string, { type }: FakeRecords): boolean {
  if (operation === 'update' && idProperty === 'email') return false
  return ![...type.texts, ...type.numbers, ...READ_ONLY].includes(idProperty)
}

/** An id that stands in it twice refuses a batch, and so does a property that is no text. */
function isValidBatch(inputs: readonly Input[] | undefined): inputs is readonly Input[] {
  if (!Array.isArray(inputs) || inputs.length > CAP) return false
  const ids = new Set(inputs.map(({ id }) => id))
  const texts = inputs.flatMap(({ id, properties }) => [id, ...Object.values(properties ?? {})])
  return ids.size === inputs.length && texts.every((value) => typeof value === 'string')
}

function readAll(inputs: readonly Input[], body: Body, records: FakeRecords): FakeAnswer {
  const { idProperty, properties, propertiesWithHistory } = body
  if (properties === undefined || propertiesWithHistory === undefined)
    return refusal('Some fields are missing')
  const found = inputs.map(({ id }) => records.find(id, idProperty))
  const missing = inputs.filter((_, place) => found[place] === undefined).map(({ id }) => id)
  const results = found.flatMap((record) => (record === undefined ? [] : [shown(record, properties)]))
  if (missing.length === 0) return ok({ status: 'COMPLETE', results })
  const errors = [{ ...failure('OBJECT_NOT_FOUND', 'Could not get some objects'), context: { ids: missing } }]
  return partial(results, errors)
}

function shown({ id, properties }: FakeRecord, names: readonly string[]): object {
  return { id, properties: Object.fromEntries(names.map((name) => [name, properties[name] ?? null])) }
}

function writeAll(inputs: readonly Input[], records: FakeRecords): FakeAnswer {
  const results: object[] = []
  const errors: object[] = []
  for (const input of inputs) {
    const { objectWriteTraceId } = input
    const written = writeOne(input, records)
    if ('category' in written)
      errors.push({ ...written, context: { objectWriteTraceId: [objectWriteTraceId] } })
    else results.push({ ...written, objectWriteTraceId })
  }
  return errors.length === 0 ? ok({ status: 'COMPLETE', results }) : partial(results, errors)
}

/** The record, or why it is refused. Refusals quote what was sent, as the API's do. */
function writeOne(
  { id, idProperty, properties = {} }: Input,
  records: FakeRecords,
): (FakeRecord & { readonly new: boolean }) | ReturnType<typeof failure> {
  const invalid = invalidIn(id, idProperty, properties, records)
  if (invalid !== undefined) return failure('VALIDATION_ERROR', invalid)
  const before = records.find(id, idProperty)
  const rival = records.rivalOf(before, properties)
  if (rival !== undefined) return failure('CONFLICT', `Record already exists. Existing ID: ${rival.id}`)
  if (before !== undefined) return { ...records.update(before, properties), new: false }
  if (idProperty === undefined) return failure('OBJECT_NOT_FOUND', `No record ${id}`)
  return { ...records.create(id, idProperty, properties), new: true }
}

function invalidIn(
  id: string,
  idProperty: string | undefined,
  properties: Readonly<Record<string, string>>,
  { type, blocked }: FakeRecords,
): string | undefined {
  const email = idProperty === 'email' ? id : properties.email
  if (email !== undefined && !email.includes('@')) return `Email address ${email} is invalid`
  if (email !== undefined && blocked.has(email.toLowerCase())) return `Email address ${email} is blocked`
  const [wrong] = Object.entries(properties).filter(
    ([name, value]) => type.numbers.includes(name) && Number.isNaN(Number(value)),
  )
  if (wrong !== undefined) return `${wrong[1]} was not a valid number for ${wrong[0]}`
  const readOnly = Object.keys(properties).find((name) => READ_ONLY.includes(name))
  return readOnly === undefined ? undefined : `"${readOnly}" is a read only property`
}
