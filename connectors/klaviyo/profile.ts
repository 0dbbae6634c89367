import { DestinationError } from '../../src/connector/errors.ts'
import type { Change, JsonValue } from '../../src/connector/types.ts'

export type Attributes = Readonly<Record<string, unknown>>

/** What a change says of a profile, apart by how it is sent. */
export interface Profile {
  /** Its identifiers, its attributes and its custom properties, none of them null. */
  readonly item: Attributes
  /** Attributes that are to be null, which an import leaves as they are. */
  readonly cleared: readonly string[]
}

const IDENTIFIERS: readonly string[] = ['email', 'phone_number', 'external_id']

const ATTRIBUTES: ReadonlySet<string> = new Set([
  ...IDENTIFIERS,
  ...['first_name', 'last_name', 'organization', 'locale', 'title', 'image'],
])

/** Without the `location.` that stands before them in a `map`. */
const PLACES: readonly string[] = [
  ...['address1', 'address2', 'city', 'country', 'region', 'zip', 'timezone', 'ip'],
  ...['latitude', 'longitude'],
]

const LOCATION = 'location.'

/** The one identifier that names a profile in look-ups: the first that the key has. */
export function identifierOf(key: Change['key']): { readonly name: string; readonly text: string } {
  const name = IDENTIFIERS.find((one) => key[one] !== undefined && key[one] !== null)
  if (name !== undefined) return { name, text: textOf(key[name] ?? null) }
  throw new DestinationError('stop', {
    message: `expected a key of ${IDENTIFIERS.join(', ')}, found ${Object.keys(key).join(', ')}`,
  })
}

/** Klaviyo compares addresses without regard to case. */
export function sameIdentifier(name: string, text: string): string {
  return name === 'email' ? text.toLowerCase() : text
}

/** Throws a DestinationError `stop` for a part of the location that there is none of. */
export function profileOf({ key, fields }: Change): Profile {
  const entries = Object.entries({ ...fields, ...key })
  for (const [name] of entries) checkPlace(name)
  const given = entries.filter(([, value]) => value !== null)
  const missing = entries.filter(([, value]) => value === null).map(([name]) => name)
  const unset = missing.filter((name) => !isAttribute(name))
  return {
    item: {
      type: 'profile',
      attributes: {
        ...attributesOf(given.filter(([name]) => isAttribute(name))),
        ...nonEmpty('properties', Object.fromEntries(given.filter(([name]) => !isAttribute(name)))),
      },
      ...(unset.length === 0 ? {} : { meta: { patch_properties: { unset } } }),
    },
    cleared: missing.filter(isAttribute),
  }
}

/** `location.city` stands in an object of its own. */
export function attributesOf(entries: readonly (readonly [string, JsonValue])[]): Attributes {
  const own = entries.filter(([name]) => !name.startsWith(LOCATION))
  const places = entries.filter(([name]) => name.startsWith(LOCATION))
  const named = places.map(([name, value]) => [name.slice(LOCATION.length), textOrNull(value)])
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, textOrNull(value)])),
    ...nonEmpty('location', Object.fromEntries(named)),
  }
}

/** What a profile holds under the name that a `map` uses. */
export function heldUnder(name: string, attributes: Attributes): unknown {
  if (!name.startsWith(LOCATION)) return attributes[name]
  const { location } = attributes
  return typeof location === 'object' && location !== null
    ? (location as Attributes)[name.slice(LOCATION.length)]
    : undefined
}

function isAttribute(name: string): boolean {
  return ATTRIBUTES.has(name) || name.startsWith(LOCATION)
}

function checkPlace(name: string): void {
  if (!name.startsWith(LOCATION) || PLACES.includes(name.slice(LOCATION.length))) return
  const known = PLACES.map((place) => `${LOCATION}${place}`).join(', ')
  throw new DestinationError('stop', {
    message: `expected one of ${known}, found the field "${name}" in the map`,
  })
}

function nonEmpty(name: string, object: Attributes): Attributes {
  return Object.keys(object).length === 0 ? {} : { [name]: object }
}

function textOrNull(value: JsonValue): string | null {
  return value === null ? null : textOf(value)
}

/** Attributes are texts. */
function textOf(value: JsonValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
