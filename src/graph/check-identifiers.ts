import type { ObjectDefinition, TakenIdentifiers } from '../connector/types.ts'
import type { Sync, Window } from '../spec/project.ts'
import type { Scope } from './scope.ts'

/** That the object takes these identifiers, and that they can find somebody. */
export function checkIdentifiers(scope: Scope, sync: Sync, object: ObjectDefinition, name: string): void {
  const taken = object.identifiers
  const [first] = sync.identifiers
  if (taken === undefined) {
    if (first !== undefined)
      scope.report.error('SLU2016', {
        message: `expected no "identifiers", which ${name} does not take, found some`,
        at: scope.places.inDefinition(sync.at, ['identifiers'], 'key'),
        hint: 'they are for audiences and events of ad platforms; send the values as fields: map: {...}',
      })
    return
  }
  const known = identifierNames(taken)
  for (const { field, at } of sync.identifiers)
    if (!known.includes(field))
      scope.report.error('SLU2017', {
        message: `expected an identifier that ${name} takes, found "${field}"`,
        at,
        hint: scope.hint(field, known),
      })
  // What is misspelt finds nobody either.
  if (sync.identifiers.every(({ field }) => known.includes(field)))
    checkFindsSomebody(scope, sync, taken, name)
  checkWholes(scope, sync, taken, name)
  checkOneDetail(scope, sync, taken)
}

/** That no older events are sent than the platform takes. */
export function checkEventWindow(scope: Scope, sync: Sync, object: ObjectDefinition, name: string): void {
  const { eventsWithinDays: most } = object
  const { within } = sync
  if (most === undefined || within === undefined || daysOf(within) <= most) return
  scope.report.error('SLU2019', {
    message: `expected "within" of at most ${most} days, because ${name} refuses older events, found ${within.amount} ${within.unit}`,
    at: within.at,
    hint: `write "within: ${most} days", or less`,
  })
}

/** The shortest that it can be: what is refused for it is too long in any month. */
function daysOf({ amount, unit }: Window): number {
  return amount * DAYS[unit]
}

const DAYS: Readonly<Record<Window['unit'], number>> = { hours: 1 / 24, days: 1, months: 28, years: 365 }

/** Those that `map` may name, and must. */
export function checkFields(scope: Scope, sync: Sync, object: ObjectDefinition, name: string): void {
  const { fields } = object
  if (fields === undefined) return
  for (const { field, at } of sync.map)
    if (!Object.hasOwn(fields, field))
      scope.report.error('SLU2017', {
        message: `expected a field that ${name} has, found "${field}"`,
        at,
        hint: scope.hint(field, Object.keys(fields)),
      })
  const mapped = new Set([...sync.match, ...sync.map].map(({ field }) => field))
  for (const [field, { required, description }] of Object.entries(fields))
    if (required === true && !mapped.has(field))
      scope.report.error('SLU2017', {
        message: `expected "${field}" in "map", without which ${name} takes nothing, found none`,
        at: scope.places.inDefinition(sync.at, ['map'], 'key', sync.to.object.at),
        hint: description,
      })
}

/** All names that `identifiers` of a sync may have. */
function identifierNames({ alone, together = {}, details = {} }: TakenIdentifiers): readonly string[] {
  const parts = Object.values(together).flatMap((one) => Object.keys(one))
  return [...new Set([...Object.keys(alone), ...parts, ...Object.keys(details)])]
}

function checkFindsSomebody(scope: Scope, sync: Sync, taken: TakenIdentifiers, name: string): void {
  const given = new Set(sync.identifiers.map(({ field }) => field))
  const { alone, together = {}, orFields = [] } = taken
  const wholes = Object.values(together).map((parts) => Object.keys(parts))
  const mapped = sync.map.some(({ field }) => orFields.includes(field))
  if (
    mapped ||
    Object.keys(alone).some((one) => given.has(one)) ||
    wholes.some((parts) => parts.every((one) => given.has(one)))
  )
    return
  const ways = [...Object.keys(alone), ...wholes.map((parts) => `${parts.join(' + ')} together`)]
  scope.report.error('SLU2016', {
    message: `expected "identifiers" by which ${name} finds people, found ${given.size === 0 ? 'none' : [...given].join(', ')}`,
    at: scope.places.inDefinition(sync.at, ['identifiers'], 'key', sync.to.object.at),
    hint: `it finds them by ${ways.join(', ')}${orFields.length === 0 ? '' : `, or by the fields ${orFields.join(', ')}`}`,
  })
}

/** What finds people together only must be given with all its parts, or its parts say nothing. */
function checkWholes(
  scope: Scope,
  sync: Sync,
  { alone, together = {}, details = {} }: TakenIdentifiers,
  name: string,
): void {
  const given = new Set(sync.identifiers.map(({ field }) => field))
  for (const [whole, parts] of Object.entries(together)) {
    const names = Object.keys(parts)
    const lacking = names.filter((one) => !given.has(one))
    const useless = sync.identifiers.find(
      ({ field }) => names.includes(field) && !Object.hasOwn(alone, field) && !Object.hasOwn(details, field),
    )
    if (lacking.length === 0 || useless === undefined) continue
    scope.report.error('SLU2016', {
      message: `expected all parts of an ${whole}, by which ${name} finds people together only, found no ${lacking.join(', ')}`,
      at: useless.at,
      hint: `give ${names.join(', ')}, or take ${names.filter((one) => given.has(one)).join(', ')} out`,
    })
  }
}

/** What is sent beside has one value; so has each part of what is sent together. */
function checkOneDetail(scope: Scope, sync: Sync, { alone }: TakenIdentifiers): void {
  const seen = new Set<string>()
  for (const { field, value } of sync.identifiers) {
    if (Object.hasOwn(alone, field)) continue
    if (seen.has(field))
      scope.report.error('SLU2016', {
        message: `expected one value for "${field}", which finds nobody by itself, found several`,
        at:
          value.kind === 'name'
            ? value.at
            : scope.places.inDefinition(sync.at, ['identifiers', field], 'key'),
        hint: 'choose one of them; only what finds people by itself may have several',
      })
    seen.add(field)
  }
}
