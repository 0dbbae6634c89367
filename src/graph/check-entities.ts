import type { Located } from '../base/position.ts'
import type { BlockedRecord, IdentifierValue, Identity, SqlText } from '../spec/project.ts'
import { checkCandidates } from './check-candidates.ts'
import { type RowChecks, sourcePart } from './check-rows.ts'
import { checkRowSql } from './check-sql.ts'
import type { Scope } from './scope.ts'

/** Identity, sources and profile fields of every entity. */
export function checkEntities(scope: Scope, rows: RowChecks): void {
  for (const entity of scope.project.entities.values()) {
    if (entity.source !== undefined) scope.resolve('source', entity.source, scope.project.sources)
    if (entity.identity !== undefined) checkIdentity(scope, entity.identity)
    for (const column of entity.profile.flatMap((field) => field.from))
      rows.reach(sourcePart(column), entity, null)
  }
}

function checkIdentity(scope: Scope, identity: Identity): void {
  const seen = new Set<string>()
  for (const { source, ids, facts } of identity.from) {
    scope.resolve('source', source, scope.project.sources)
    if (seen.has(source.value)) tellTwice(scope, source)
    seen.add(source.value)
    for (const sql of [...ids, ...facts].flatMap((one) => sqlsOf(one.value))) checkRowSql(scope, sql)
  }
  for (const record of identity.block.flat()) if (!seen.has(record.source)) tellStranger(scope, record, seen)
  checkCandidates(scope, identity)
}

function tellStranger(scope: Scope, { source, at }: BlockedRecord, known: ReadonlySet<string>): void {
  scope.report.error('SLU2024', {
    message: `expected records of the sources in "from", found one of ${source}`,
    at,
    hint: scope.hint(source, known),
  })
}

function sqlsOf(value: IdentifierValue): readonly SqlText[] {
  if (value.kind === 'sql') return [value.sql]
  return value.kind === 'any' ? value.values.flatMap(sqlsOf) : []
}

function tellTwice(scope: Scope, { value, at }: Located<string>): void {
  scope.report.error('SLU2023', {
    message: `expected each source once in "from", found ${value} again`,
    at,
    hint: 'put all its ids into one entry; several values of one type are {any: [a, b]}',
  })
}
