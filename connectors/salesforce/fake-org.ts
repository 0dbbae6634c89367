import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

/** A field of every object of the fake's org. */
interface FakeField {
  readonly name: string
  readonly type: string
  readonly soapType: string
  readonly externalId?: true
  readonly readOnly?: true
  /** Written when a record is made, and never again. */
  readonly onlyOnce?: true
  readonly relationshipName?: string
  readonly referenceTo?: readonly string[]
}

const reference = (name: string, relationshipName: string, ...referenceTo: readonly string[]): FakeField => ({
  ...{ name, type: 'reference', soapType: 'tns:ID', relationshipName, referenceTo },
})

const text = (name: string, type = 'string'): FakeField => ({ name, type, soapType: 'xsd:string' })

const FIELDS: readonly FakeField[] = [
  { name: 'Id', type: 'id', soapType: 'tns:ID', readOnly: true },
  { ...text('External_Id__c'), externalId: true },
  { name: 'Member_Number__c', type: 'double', soapType: 'xsd:double', externalId: true },
  text('FirstName'),
  text('LastName'),
  text('City__c'),
  text('About__c', 'textarea'),
  text('Email', 'email'),
  text('Interests__c', 'multipicklist'),
  { name: 'Score__c', type: 'double', soapType: 'xsd:double' },
  { name: 'Vip__c', type: 'boolean', soapType: 'xsd:boolean' },
  { ...text('Full_Name__c'), readOnly: true },
  reference('AccountId', 'Account', 'Account'),
  reference('OwnerId', 'Owner', 'Group', 'User'),
  reference('Secret__c', 'Secret__r', 'Missing__c'),
  { ...text('Source__c'), onlyOnce: true },
]

export const DESCRIBED = FIELDS.map(({ name, type, soapType, externalId, readOnly, ...about }) => ({
  ...{ name, label: name, type, soapType, caseSensitive: false },
  relationshipName: about.relationshipName ?? null,
  referenceTo: about.referenceTo ?? [],
  externalId: externalId === true,
  idLookup: name === 'Id' || name === 'Email' || externalId === true,
  createable: readOnly !== true,
  updateable: readOnly !== true && about.onlyOnce !== true,
}))

interface FakeError {
  readonly statusCode: string
  readonly message: string
  readonly fields: readonly string[]
}

export interface FakeResult {
  readonly id?: string
  readonly success: boolean
  readonly created?: boolean
  readonly errors: readonly FakeError[]
}

export type FakeRecord = Readonly<Record<string, JsonValue>>

/** Records of an org by object and id, with the rules that each record is held against. */
export class FakeOrg {
  readonly #objects = new Map<string, Map<string, FakeRecord>>()
  /** Ids by object, field and value, of fields that records are looked up by. */
  readonly #index = new Map<string, Set<string>>()
  #lastId = 0
  /** So many of the next writes find their record locked. */
  locks = 0
  /** Records of one page of a query. */
  pageSize = 2000

  recordsOf(object: string): ReadonlyMap<string, FakeRecord> {
    return this.#objects.get(object) ?? new Map()
  }

  /** Names and values are known by now to be of the right types. */
  upsert(object: string, keyField: string, record: FakeRecord): FakeResult {
    const key = record[keyField]
    if (key === undefined || key === null) return refused('MISSING_ARGUMENT', `${keyField} not specified`)
    const found = this.#idsOf(object, keyField, key)
    if (found.length > 1)
      return refused('DUPLICATE_EXTERNAL_ID', `more than one record found for external id field: ${found}`)
    const [id = this.#newId()] = found
    const result = this.#write(object, id, record)
    return result.success ? { ...result, created: found.length === 0 } : result
  }

  update(object: string, id: string, record: FakeRecord): FakeResult {
    if (!this.recordsOf(object).has(id)) return refused('ENTITY_IS_DELETED', 'entity is deleted')
    return this.#write(object, id, record)
  }

  delete(id: string): FakeResult {
    if (!/^[a-zA-Z0-9]{18}$/.test(id)) return refused('MALFORMED_ID', 'malformed id')
    const [object, records] = [...this.#objects].find(([, one]) => one.has(id)) ?? []
    if (object === undefined || records === undefined)
      return refused('ENTITY_IS_DELETED', 'entity is deleted')
    if (this.#isLocked()) return LOCKED
    this.#enter(object, id, {}, records.get(id))
    records.delete(id)
    return { id, success: true, errors: [] }
  }

  held(object: string, keyField: string): readonly HeldRow[] {
    return [...this.recordsOf(object).values()].map(({ Id: _, [keyField]: key = null, ...fields }) => ({
      key: { [keyField]: key },
      fields,
    }))
  }

  /** What stands for parents is replaced by their ids. */
  #withParents(record: FakeRecord): FakeRecord | FakeError {
    const plain: Record<string, JsonValue> = {}
    for (const [name, value] of Object.entries(record)) {
      const named = parentNamed(name, value)
      if (named === undefined) {
        plain[name] = value
        continue
      }
      const { field, by, value: wanted } = named
      const [id, ...others] = wanted === null ? [null] : this.#idsOf(field.referenceTo?.[0] ?? '', by, wanted)
      if (id === undefined || others.length > 0)
        return {
          statusCode: 'INVALID_FIELD',
          message: `Foreign key external ID: ${wanted} not found for field ${by} in entity ${field.referenceTo}`,
          fields: [],
        }
      plain[field.name] = id
    }
    return plain
  }

  #idsOf(object: string, field: string, value: JsonValue): readonly string[] {
    return [...(this.#index.get(indexName(object, field, value)) ?? [])]
  }

  #enter(object: string, id: string, record: FakeRecord, before: FakeRecord = {}): void {
    for (const { name } of FIELDS.filter(({ externalId }) => externalId)) {
      this.#index.get(indexName(object, name, before[name]))?.delete(id)
      const value = record[name]
      if (value === undefined || value === null) continue
      const entry = indexName(object, name, value)
      this.#index.set(entry, (this.#index.get(entry) ?? new Set<string>()).add(id))
    }
  }

  #write(object: string, id: string, sent: FakeRecord): FakeResult {
    const record = this.#withParents(sent)
    if (isError(record)) return { success: false, errors: [record] }
    const error = errorIn(record)
    if (error !== undefined) return { success: false, errors: [error] }
    if (this.#isLocked()) return LOCKED
    const records = this.#objects.get(object) ?? new Map<string, FakeRecord>()
    // An empty text is none.
    const stored = Object.entries(record).map(([name, value]) => [name, value === '' ? null : value])
    const before = records.get(id)
    const after = { ...before, Id: id, ...Object.fromEntries(stored) }
    this.#enter(object, id, after, before)
    records.set(id, after)
    this.#objects.set(object, records)
    return { id, success: true, errors: [] }
  }

  #isLocked(): boolean {
    if (this.locks === 0) return false
    this.locks -= 1
    return true
  }

  #newId(): string {
    this.#lastId += 1
    return `003000000${String(this.#lastId).padStart(6, '0')}AAA`
  }
}

const LOCKED: FakeResult = refused('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record')

function refused(statusCode: string, message: string, fields: readonly string[] = []): FakeResult {
  return { success: false, errors: [{ statusCode, message, fields }] }
}

function isError(record: FakeRecord | FakeError): record is FakeError {
  return 'statusCode' in record
}

/** `{"Account": {"External_Id__c": "x"}}`, or `Account.External_Id__c` of a file. */
export function parentNamed(
  name: string,
  value: JsonValue,
): { readonly field: FakeField; readonly by: string; readonly value: JsonValue } | undefined {
  const [relationship = '', inFile] = name.split('.')
  const field = FIELDS.find((one) => one.relationshipName === relationship)
  if (field === undefined || field.referenceTo?.length !== 1) return undefined
  if (inFile !== undefined) return { field, by: inFile, value }
  const [[by, wanted] = ['', null]] = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return { field, by, value: wanted }
}

function indexName(object: string, field: string, value: JsonValue | undefined): string {
  return JSON.stringify([object, field, String(value).toLowerCase()])
}

const LONGEST_TEXT = 255
const LONGEST_AREA = 131_072

function errorIn(record: FakeRecord): FakeError | undefined {
  const { Email: email } = record
  if (typeof email === 'string' && email !== '' && !email.includes('@'))
    return {
      statusCode: 'INVALID_EMAIL_ADDRESS',
      message: `Email: invalid email address: ${email}`,
      fields: ['Email'],
    }
  const capOf = (name: string) => (name === 'About__c' ? LONGEST_AREA : LONGEST_TEXT)
  const long = Object.entries(record).find(([name, value]) => String(value).length > capOf(name))
  if (long === undefined) return undefined
  const [name, value] = long
  const message = `${name}: data value too large: ${value} (max length=${capOf(name)})`
  return { statusCode: 'STRING_TOO_LONG', message, fields: [name] }
}
