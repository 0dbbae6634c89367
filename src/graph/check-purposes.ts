import type { Position } from '../base/position.ts'
import type { Destination, Entity, Mapping, Source, Sync, Trait } from '../spec/project.ts'
import { usesOf } from './condition-uses.ts'
import { columnsOfType, type IdentityType, typesSent } from './identity-types.ts'
import { rowNameOf } from './map-names.ts'
import { referencesOf } from './references.ts'
import type { ProfileColumn, Scope } from './scope.ts'
import type { SyncModel } from './sync-model.ts'

/** What a value may be used for; undefined: anything. */
type Purposes = ReadonlySet<string> | undefined

/**
 * That no sync maps a value outside its purposes. A value that has some, in a sync that says none, is outside them:
 * silence is no permission.
 */
export function checkPurposes(
  scope: Scope,
  sync: Sync,
  model: SyncModel,
  destination: Destination | undefined,
): void {
  const stated = [sync.purpose, destination?.purpose].filter((one) => one !== undefined)
  const types = typesSent(scope.project, model, sync.identifiers)
  for (const mapping of [...sync.match, ...sync.map, ...sync.identifiers])
    for (const name of namesOf(mapping)) {
      const purposes = purposesOf(scope, name, model, types.get(mapping))
      if (purposes === undefined) continue
      const at = mapping.value.kind === 'name' ? mapping.value.at : mapping.at
      // One purpose is missing, however many values ask for it.
      if (stated.length === 0) {
        tellNoPurpose(scope, at, name, purposes)
        return
      }
      const wrong = stated.find((purpose) => !purposes.has(purpose))
      if (wrong !== undefined) tellWrong(scope, at, { name, purposes, wrong })
    }
}

function tellNoPurpose(scope: Scope, at: Position, name: string, purposes: ReadonlySet<string>): void {
  scope.report.error('SLU2022', {
    message: `expected a sync with a purpose, found none, but ${allowed(name, purposes)}`,
    at,
    hint: 'give the sync or its destination a "purpose"',
  })
}

function tellWrong(
  scope: Scope,
  at: Position,
  { name, purposes, wrong }: { name: string; purposes: ReadonlySet<string>; wrong: string },
): void {
  scope.report.error('SLU2022', {
    message: `expected values that may be used for ${wrong}, but ${allowed(name, purposes)}`,
    at,
    hint: 'take it out of this sync, or let its owner add the purpose',
  })
}

function allowed(name: string, purposes: ReadonlySet<string>): string {
  const what = purposes.size === 0 ? 'nothing' : `${[...purposes].join(', ')} only`
  return `"${name.replaceAll('"', '')}" may be used for ${what}`
}

function namesOf({ value }: Mapping): readonly string[] {
  if (value.kind === 'name') return [value.name]
  return value.kind === 'sql' ? [...new Set(referencesOf(value.sql).map((one) => one.name))] : []
}

function purposesOf(
  scope: Scope,
  name: string,
  { entity, source }: SyncModel,
  type: IdentityType | undefined,
): Purposes {
  if (type !== undefined)
    return columnsOfType(type)
      .map(([known, column]) => ofColumn(scope.project.sources.get(known), column))
      .reduce(both, undefined)
  if (entity !== undefined) return ofProfile(scope, entity, name, new Set())
  if (source === undefined) return undefined
  const meant = rowNameOf(name)
  if (meant.kind === 'column') return ofColumn(source, meant.column)
  const reached = scope.project.entities.get(meant.entity)
  return reached === undefined ? undefined : ofProfile(scope, reached, meant.name, new Set())
}

/** What a column says itself, else what all that it comes from may be used for. `inside` ends cycles. */
function ofProfile(scope: Scope, entity: Entity, name: string, inside: Set<string>): Purposes {
  const column = scope.columnsOf(entity.name).get(name)
  if (column === undefined || inside.has(name)) return undefined
  inside.add(name)
  const stated = column.kind === 'field' ? column.field.purposes : column.trait.purposes
  if (stated !== undefined) return new Set(stated)
  return originsOf(scope, entity, column, inside).reduce(both, undefined)
}

function originsOf(
  scope: Scope,
  entity: Entity,
  column: ProfileColumn,
  inside: Set<string>,
): readonly Purposes[] {
  const ofSource = (source: string, name: string) => ofColumn(scope.project.sources.get(source), name)
  if (column.kind === 'field') return column.field.from.map((one) => ofSource(one.source, one.column))
  const { operator } = column.trait
  if ('column' in operator) return [ofSource(operator.column.source, operator.column.column)]
  return namesIn(operator).map((name) => ofProfile(scope, entity, name, inside))
}

function namesIn(operator: Trait['operator']): readonly string[] {
  if (operator.kind === 'sql') return referencesOf(operator.sql).map((one) => one.name)
  if (operator.kind !== 'case') return []
  return operator.branches.flatMap(({ when }) => {
    const { values, sqls } = usesOf(when)
    return [...values, ...sqls.flatMap(referencesOf)].map((one) => one.name)
  })
}

/** However the column is written: what is said of `email` holds for `EMAIL` and `"email"` too. */
function ofColumn(source: Source | undefined, column: string): Purposes {
  if (source === undefined || source.columns.size === 0) return undefined
  const key = columnKey(column)
  const stated = [...source.columns].flatMap(([name, { purposes }]) =>
    purposes !== undefined && columnKey(name) === key ? [new Set(purposes)] : [],
  )
  return stated.reduce<Purposes>(both, undefined)
}

function columnKey(written: string): string {
  return written.replaceAll('"', '').toLowerCase()
}

function both(a: Purposes, b: Purposes): Purposes {
  if (a === undefined) return b
  return b === undefined ? a : new Set([...a].filter((one) => b.has(one)))
}
