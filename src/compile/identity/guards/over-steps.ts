import type { TableName } from '../../../dialect/dialect.ts'
import { EMPTY, type Fragment, join, lit, sql } from '../../../dialect/fragment.ts'
import type { Identity } from '../../../spec/project.ts'
import { tableOf } from '../../sources/relation.ts'
import type { Step } from '../../step.ts'
import { identifierRows, sourceRows, united } from '../record-steps.ts'
import { fileStep, textLiteral } from '../scope.ts'
import { identityOf } from '../slots.ts'
import type { GuardParts } from './guard-parts.ts'
import type { LimitedType } from './limits.ts'

/** Which components are over a limit, limit by limit: `(c)`. */
export function overSteps(parts: GuardParts): readonly Step[] {
  const { limits } = parts
  return [
    ...limits.types.map((type) => overValues(parts, type)),
    ...(limits.records === undefined ? [] : [overRecords(parts, limits.records)]),
    ...(limits.blocks === 0 ? [] : [blocked(parts), overBlocks(parts)]),
  ]
}

/** `(c)`: a table a limit. */
export function overTables({ scope, limits }: GuardParts): readonly TableName[] {
  const names = [
    ...limits.types.map(({ number }) => `over_values_${number}`),
    ...(limits.records === undefined ? [] : ['over_records']),
    ...(limits.blocks === 0 ? [] : ['over_blocks']),
  ]
  return names.map((name) => scope.temporary(name))
}

function overValues({ scope, all, labels, trusted }: GuardParts, type: LimitedType): Step {
  const { number, name, most } = type
  // Whether there are two is known without counting.
  const over =
    most === 1
      ? sql`min(x) < max(x) or min(y) < max(y)`
      : sql`count(distinct x) > ${most} or count(distinct y) > ${most}`
  return fileStep(
    scope,
    {
      name: `over_${name}`,
      summary: `Components with more than ${most} values of ${name}`,
      grain: 'one row a component',
      creates: scope.temporary(`over_values_${number}`),
    },
    'over_values',
    {
      identifiers: identifierRows(scope, all, number),
      labels,
      over,
      trusted: trusted === undefined ? EMPTY : sql`\n  where ${trusted}`,
    },
  )
}

function overRecords({ scope, labels }: GuardParts, most: number): Step {
  return fileStep(
    scope,
    {
      // No identifier type is called so.
      name: 'over_entity_size',
      summary: `Components of more than ${most} records`,
      grain: 'one row a component',
      creates: scope.temporary('over_records'),
    },
    'over_records',
    { labels, most: sql`${most}` },
  )
}

function blocked({ scope, all }: GuardParts): Step {
  const { context } = scope
  const { block } = identityOf(scope.entity)
  const rows = block.flatMap((list, number) =>
    list.map(
      ({ source, recordId }, member) =>
        sql`select ${number + 1} as list, ${member + 1} as member, ${textLiteral(context, source)} as source, ${textLiteral(context, recordId)} as record_id`,
    ),
  )
  const named = new Set(block.flatMap((list) => list.map(({ source }) => source)))
  const records = all
    .filter(({ source }) => named.has(source.name))
    .map(
      (one) =>
        sql`select ${textLiteral(context, one.source.name)} as source, record_id, r from ${tableOf(sourceRows(scope, one))} where record_id in (${join(recordIds(block, one.source.name), ', ')})`,
    )
  return fileStep(
    scope,
    {
      name: 'blocked',
      summary: 'The records that are to be kept apart',
      grain: 'one row a list and record',
      creates: scope.temporary('blocked'),
    },
    'blocked',
    { lists: united(rows), records: united(records) },
  )
}

function recordIds(block: Identity['block'], source: string): readonly Fragment[] {
  const ids = block.flat().flatMap((one) => (one.source === source ? [one.recordId] : []))
  return [...new Set(ids)].map((one) => lit(one))
}

function overBlocks({ scope, labels }: GuardParts): Step {
  return fileStep(
    scope,
    {
      name: 'over_block',
      summary: 'Components that hold two records which are to be kept apart',
      grain: 'one row a component',
      creates: scope.temporary('over_blocks'),
    },
    'over_blocks',
    { blocked: scope.temporary('blocked'), labels },
  )
}
