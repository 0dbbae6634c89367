import { SluiceError } from '../../base/errors.ts'
import type { CaseBranch, Trait, TraitOperator } from '../project.ts'
import type { RawCondition } from '../schema/condition.ts'
import type { RawBranch, RawTrait } from '../schema/trait.ts'
import { COLUMN_OPERATORS } from '../vocabulary.ts'
import type { Places } from '../yaml/places.ts'
import { columnReferenceAt, definitionOf, locatedAt, locatedList, sqlTextAt, windowAt } from './common.ts'
import { conditionOf } from './condition.ts'

export function traitOf(raw: RawTrait, places: Places): Trait {
  return {
    ...definitionOf(raw, places),
    entity: locatedAt(raw.entity, raw, 'entity', places),
    operator: operatorOf(raw, places),
    within: windowAt(raw.within, raw, places),
    where: raw.where === undefined ? undefined : conditionOf(raw.where, places),
    defaultValue: raw.default,
    via: raw.via === undefined ? undefined : locatedList(raw.via, places),
    purposes: raw.purposes,
    pii: raw.pii,
  }
}

function operatorOf(raw: RawTrait, places: Places): TraitOperator {
  if (raw.count !== undefined) return { kind: 'count', source: locatedAt(raw.count, raw, 'count', places) }
  if (raw.case !== undefined) return caseOf(raw.case, places)
  if (raw.sql !== undefined) return { kind: 'sql', sql: sqlTextAt(raw.sql, raw, 'sql', places) }
  for (const kind of COLUMN_OPERATORS) {
    const column = raw[kind]
    if (column !== undefined) return { kind, column: columnReferenceAt(column, raw, kind, places) }
  }
  throw new SluiceError('SLU9001', { message: 'expected the schema to refuse a trait of nothing, found one' })
}

function caseOf(raw: readonly RawBranch[], places: Places): TraitOperator {
  const branches = raw.flatMap((one) => ('when' in one ? [branchOf(one, places)] : []))
  const last = raw.at(-1)
  return { kind: 'case', branches, otherwise: last !== undefined && 'else' in last ? last.else : undefined }
}

function branchOf(raw: Extract<RawBranch, { readonly when: RawCondition }>, places: Places): CaseBranch {
  // biome-ignore lint/suspicious/noThenProperty: it is the word of the project's YAML; nothing awaits a branch
  return { when: conditionOf(raw.when, places), then: raw.then }
}
