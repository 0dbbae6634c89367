import type { ColumnReference, Project, Sync } from '../spec/project.ts'
import { columnsIn } from './identity-types.ts'
import { rowNameOf } from './map-names.ts'
import { modelOf } from './sync-model.ts'

/**
 * By source, the columns that the project uses as keys or identifiers. In a file they are read as text (design
 * section 2, "Files"), so a use of a column elsewhere changes what the source's rows are.
 */
export function textColumnsOf(project: Project): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new TextColumns()
  for (const source of project.sources.values())
    for (const column of [...source.primaryKey, ...source.belongsTo.flatMap((one) => one.columns)])
      found.add(source.name, column.value)
  for (const { identity, source, key } of project.entities.values()) {
    if (source !== undefined && key !== undefined) found.add(source.value, key.value)
    for (const records of identity?.from ?? [])
      for (const column of [...records.ids, ...records.facts].flatMap((one) => columnsIn(one.value)))
        found.add(records.source.value, column)
  }
  const origins = originsOf(project)
  for (const sync of project.syncs.values()) addMatched(found, project, sync, origins)
  return found.bySource
}

class TextColumns {
  readonly bySource = new Map<string, Set<string>>()

  add(source: string, column: string): void {
    const columns = this.bySource.get(source)
    if (columns === undefined) this.bySource.set(source, new Set([column]))
    else columns.add(column)
  }
}

type Origins = ReadonlyMap<string, readonly ColumnReference[]>

/** The columns that a sync's key and identifiers come from. */
function addMatched(found: TextColumns, project: Project, sync: Sync, origins: Origins): void {
  const { entity, source } = modelOf(project, sync)
  for (const { value } of [...sync.match, ...sync.identifiers]) {
    if (value.kind !== 'name') continue
    const meant = rowNameOf(value.name)
    if (source !== undefined && meant.kind === 'column') found.add(source.name, meant.column)
    for (const one of origins.get(`${entity?.name}.${value.name}`) ?? []) found.add(one.source, one.column)
  }
}

/** Of these the value is one that stands in the column; a sum or a mean is not, and needs numbers. */
const TAKES_A_VALUE: ReadonlySet<string> = new Set(['min', 'max', 'most_frequent'])

/** By `entity.name`, the columns that a profile field or a trait takes its values from. */
function originsOf({ entities, traits }: Project): Origins {
  const fields = [...entities.values()].flatMap(({ name, profile }) =>
    profile.map((field) => [`${name}.${field.name}`, field.from] as const),
  )
  const computed = traits.flatMap(({ entity, name, operator }) =>
    'column' in operator && TAKES_A_VALUE.has(operator.kind)
      ? [[`${entity.value}.${name}`, [operator.column]] as const]
      : [],
  )
  return new Map<string, readonly ColumnReference[]>([...fields, ...computed])
}
