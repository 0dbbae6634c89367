import type { BelongsTo, Source } from '../spec/project.ts'
import { cyclesOf, type Edge, pathText } from './cycles.ts'
import { referencesOf } from './references.ts'
import type { Scope } from './scope.ts'

/** Parents and their keys, references of queries, and that neither leads back to its start. */
export function checkSources(scope: Scope): void {
  for (const source of scope.project.sources.values()) {
    for (const belongsTo of source.belongsTo) checkParent(scope, belongsTo)
    checkRelation(scope, source)
    tellTests(scope, source)
  }
  const names = [...scope.project.sources.keys()]
  for (const { path, at } of cyclesOf(names, (name) => parentEdges(scope, name)))
    scope.report.error('SLU2005', {
      message: `expected sources that do not belong to each other, found ${pathText(path)}`,
      at,
      hint: 'a row belongs to rows of another source; take one of the steps out',
    })
  for (const { path, at } of cyclesOf(names, (name) => queryEdges(scope, name)))
    scope.report.error('SLU2005', {
      message: `expected queries that do not need each other, found ${pathText(path)}`,
      at,
      hint: 'one of them must read its tables itself',
    })
}

/** The sources that a source's query reads. */
export function sourcesInQuery({ relation }: Source): readonly string[] {
  if (relation.kind !== 'query') return []
  return [...new Set(referencesOf(relation.query).map((reference) => reference.name))]
}

function checkParent(scope: Scope, { parent, columns }: BelongsTo): void {
  const found = scope.resolve('source', parent, scope.project.sources)
  if (found === undefined || found.primaryKey.length === columns.length) return
  const key = found.primaryKey.map((column) => column.value)
  scope.report.error('SLU2006', {
    message: `expected ${countOf(key.length)} for the primary key of ${found.name} (${key.join(', ')}), found ${columns.length}`,
    at: columns[0]?.at ?? parent.at,
    hint: 'name the columns of this source that hold it, part by part',
  })
}

function countOf(count: number): string {
  return count === 1 ? '1 column' : `${count} columns`
}

function checkRelation(scope: Scope, { name, relation }: Source): void {
  if (relation.kind !== 'query') return
  const { sources } = scope.project
  const others = [...sources.keys()].filter((other) => other !== name)
  for (const reference of referencesOf(relation.query)) {
    if (sources.has(reference.name)) continue
    if (scope.disabled.source.has(reference.name)) {
      scope.resolve('source', { value: reference.name, at: scope.placeOf(reference) }, sources)
      continue
    }
    scope.report.error('SLU2011', {
      message: `expected another source or as_of in braces, found "{${reference.name}}"`,
      at: scope.placeOf(reference),
      hint: scope.hint(reference.name, others) ?? 'a brace that is no reference is written twice: {{',
    })
  }
}

/** A test that was not run must not look like one that was passed. */
function tellTests(scope: Scope, { name, at, tests }: Source): void {
  if (tests.length === 0) return
  scope.report.warn({
    code: 'SLU2102',
    message: `the tests of source "${name}" are not run: this version has no tests yet`,
    at: scope.places.inDefinition(at, ['tests'], 'key'),
  })
}

function parentEdges(scope: Scope, name: string): readonly Edge[] {
  const { sources } = scope.project
  return (sources.get(name)?.belongsTo ?? [])
    .filter(({ parent }) => sources.has(parent.value))
    .map(({ parent }) => ({ to: parent.value, at: () => parent.at }))
}

function queryEdges(scope: Scope, name: string): readonly Edge[] {
  const { sources } = scope.project
  const relation = sources.get(name)?.relation
  if (relation?.kind !== 'query') return []
  return referencesOf(relation.query)
    .filter((reference) => sources.has(reference.name))
    .map((reference) => ({ to: reference.name, at: () => scope.placeOf(reference) }))
}
