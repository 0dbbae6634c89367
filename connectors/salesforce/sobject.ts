import { DestinationError } from '../../src/connector/errors.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { Change, DestinationField } from '../../src/connector/types.ts'
import { broken, type SalesforceApi } from './api.ts'

/** A field as the org describes it. */
export interface SalesforceField extends DestinationField {
  /** `string`, `double`, `reference`, … */
  readonly type: string
  /** Takes texts: a JSON number or boolean is refused there, and refuses the whole request. */
  readonly isText: boolean
  readonly isCaseSensitive: boolean
  /** Records are looked up by it: an external id, or a standard field such as an e-mail address. */
  readonly isLookedUpBy: boolean
  /** Of a reference to records of one object: how a parent is named in `Account.External_Id__c`. */
  readonly parent?: { readonly relationship: string; readonly object: string }
}

/** Fields by name in lower case: Salesforce knows no difference. */
export type SalesforceFields = ReadonlyMap<string, SalesforceField>

/** One object of the org. It is described once a connection. */
export class Sobject {
  readonly name: string
  readonly #api: SalesforceApi
  #fields: Promise<SalesforceFields> | undefined

  constructor(api: SalesforceApi, name: string) {
    this.#api = api
    this.name = apiName(name, 'an object')
  }

  fields(): Promise<SalesforceFields> {
    if (this.#fields !== undefined) return this.#fields
    const asked = describe(this.#api, this.name)
    // One that failed is asked again.
    asked.catch(() => {
      if (this.#fields === asked) this.#fields = undefined
    })
    this.#fields = asked
    return asked
  }
}

/** A field of a parent, `Account.External_Id__c`: which reference it sets, and by which field of the parent. */
export function parentOf(
  name: string,
  fields: SalesforceFields,
): { readonly reference: SalesforceField; readonly relationship: string; readonly by: string } | undefined {
  const [relationship = '', by, ...more] = name.split('.')
  if (by === undefined || more.length > 0) return undefined
  for (const reference of fields.values())
    if (reference.parent?.relationship.toLowerCase() === relationship.toLowerCase())
      return { reference, relationship: reference.parent.relationship, by }
  return undefined
}

/** The one field that the rows are told apart by. */
export function keyFieldOf(changes: readonly Change[]): string {
  const names = [...new Set(changes.flatMap(({ key }) => Object.keys(key)))]
  const [name] = names
  if (names.length !== 1 || name === undefined)
    throw new DestinationError('stop', {
      message: `expected one external id field in match, found ${names.join(', ')}`,
    })
  if (name.toLowerCase() === 'id')
    throw new DestinationError('stop', {
      message: 'expected an external id field in match, found Id: Salesforce gives record ids itself',
    })
  return apiName(name, 'an external id field')
}

/** Names stand in paths and queries. */
function apiName(name: string, what: string): string {
  if (/^[A-Za-z]\w*$/.test(name)) return name
  throw new DestinationError('stop', {
    message: `expected the API name of ${what} of Salesforce, such as My_Name__c, found "${name}"`,
  })
}

async function describe(api: SalesforceApi, name: string): Promise<SalesforceFields> {
  const { json } = await api.send({ method: 'GET', path: `/sobjects/${name}/describe` })
  const { fields } = objectIn(json)
  if (!Array.isArray(fields)) throw broken('the fields of the object')
  return new Map(
    objectsIn(fields).flatMap((field): [string, SalesforceField][] => {
      const fieldName = textIn(field.name)
      return fieldName === undefined ? [] : [[fieldName.toLowerCase(), fieldOf(fieldName, field)]]
    }),
  )
}

function fieldOf(name: string, field: Readonly<Record<string, unknown>>): SalesforceField {
  return {
    name,
    writable: field.createable === true || field.updateable === true,
    type: String(field.type),
    isText: field.soapType === 'xsd:string' || field.soapType === 'tns:ID',
    isCaseSensitive: field.caseSensitive === true,
    isLookedUpBy: field.externalId === true || field.idLookup === true,
    ...parentIn(field),
  }
}

/** A reference that may be to records of several objects is left out: its parents have no one object to look in. */
function parentIn({
  relationshipName,
  referenceTo,
}: Readonly<Record<string, unknown>>): Pick<SalesforceField, 'parent'> {
  const relationship = textIn(relationshipName)
  const [object, ...others] = Array.isArray(referenceTo) ? referenceTo : []
  if (relationship === undefined || typeof object !== 'string' || others.length > 0) return {}
  return { parent: { relationship, object } }
}
