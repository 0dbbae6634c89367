import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { Position } from '../base/position.ts'
import { isMapping } from './mapping.ts'
import { isReservedField, reservedReason } from './reserved.ts'
import { KINDS, NAME } from './vocabulary.ts'
import type { Places } from './yaml/places.ts'

type Raw = Readonly<Record<string, unknown>>

/**
 * What only all files together show, judged on the raw values so that an error elsewhere hides nothing: names that
 * are taken or reserved, and identifier rules for types that no record carries.
 */
export function crossErrors(roots: readonly Raw[], places: Places): readonly SluiceError[] {
  return [
    ...KINDS.flatMap((kind) => nameErrors(kind, definitionsOf(roots, kind), places)),
    ...profileNameErrors(roots, places),
    ...definitionsOf(roots, 'entities').flatMap((entity) => ruleErrors(entity, places)),
  ]
}

function definitionsOf(roots: readonly Raw[], kind: string): readonly Raw[] {
  return roots.flatMap((root) => {
    const list = root[kind]
    return Array.isArray(list) ? list.filter(isMapping) : []
  })
}

/** `entities` -> `entity`. */
const SINGULAR = {
  sources: 'source',
  entities: 'entity',
  traits: 'trait',
  segments: 'segment',
  destinations: 'destination',
  syncs: 'sync',
}

function nameErrors(
  kind: (typeof KINDS)[number],
  definitions: readonly Raw[],
  places: Places,
): readonly SluiceError[] {
  const taken = new Names()
  return definitions.flatMap((definition) => {
    const name = nameOf(definition)
    if (name === undefined) return []
    const at = places.value(definition, 'name')
    const reason = reservedReason(kind, name)
    if (reason !== undefined)
      return [
        new SluiceError('SLU1006', {
          message: `expected another name for the ${SINGULAR[kind]}, found "${name}", ${reason}`,
          at,
        }),
      ]
    // Traits are told apart by their entity, and share their names with its fields.
    if (kind === 'traits') return []
    return taken.take(name, `${SINGULAR[kind]} "${name}"`, at)
  })
}

function profileNameErrors(roots: readonly Raw[], places: Places): readonly SluiceError[] {
  const taken = new Names()
  const fields = definitionsOf(roots, 'entities').flatMap((entity) => {
    const { name, profile } = entity
    if (typeof name !== 'string' || !isMapping(profile)) return []
    return Object.keys(profile).flatMap((field) =>
      taken.take(`${name}.${field}`, `field or trait "${field}" of ${name}`, places.key(profile, field)),
    )
  })
  const traits = definitionsOf(roots, 'traits').flatMap((trait) => {
    const name = nameOf(trait)
    const { entity } = trait
    if (name === undefined || typeof entity !== 'string' || isReservedField(entity, name)) return []
    return taken.take(
      `${entity}.${name}`,
      `field or trait "${name}" of ${entity}`,
      places.value(trait, 'name'),
    )
  })
  return [...fields, ...traits]
}

/** Who has a name, for the error that names both places. */
class Names {
  readonly #first = new Map<string, Position>()

  take(key: string, what: string, at: Position): readonly SluiceError[] {
    const first = this.#first.get(key)
    if (first === undefined) {
      this.#first.set(key, at)
      return []
    }
    return [
      new SluiceError('SLU1004', {
        message: `expected one ${what}, found a second; the first is at ${first.file}:${first.line}:${first.column}`,
        at,
        hint: 'rename one of them, or take it out',
      }),
    ]
  }
}

function ruleErrors(entity: Raw, places: Places): readonly SluiceError[] {
  const { identity } = entity
  if (!isMapping(identity)) return []
  const { identifiers, from } = identity
  const readable =
    Array.isArray(from) && from.every((records) => isMapping(records) && isMapping(records.ids))
  // What the records carry is not known while one of them is wrong.
  if (!isMapping(identifiers) || !readable) return []
  const carried = new Set(
    from.flatMap((records) => (isMapping(records) && isMapping(records.ids) ? Object.keys(records.ids) : [])),
  )
  return Object.keys(identifiers)
    .filter((type) => NAME.test(type) && !carried.has(type))
    .map(
      (type) =>
        new SluiceError('SLU1021', {
          message: `expected an identifier type that some record carries, found "${type}"`,
          at: places.key(identifiers, type),
          hint: nearestHint(type, carried),
        }),
    )
}

function nameOf(definition: Raw): string | undefined {
  const { name } = definition
  return typeof name === 'string' && NAME.test(name) ? name : undefined
}
