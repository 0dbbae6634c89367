import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, join, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { identifiersStep, nodeRows, sourceRows, valueHash } from './record-steps.ts'
import { ignoredColumn, slotColumn } from './records-query.ts'
import { fileStep, type IdentityScope, textLiteral } from './scope.ts'
import { hasIgnored, type IdentityRecords, identityOf, typeNumbers } from './slots.ts'

/** From identifier values to edges between records. */
export function starSteps(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  salt: number,
): readonly Step[] {
  return [
    identifiersStep(scope, all, salt),
    fileStep(
      scope,
      {
        name: 'stars',
        summary: 'Which records share a value',
        grain: 'one row an identifier value that two records or more hold',
        creates: scope.temporary('stars'),
      },
      'stars',
      { identifiers: scope.temporary('identifiers') },
    ),
  ]
}

/** `collisions`: 0 unless two different values share a hash. */
export function checkIdentifiersStep(scope: IdentityScope): Step {
  return fileStep(
    scope,
    {
      name: 'check_identifiers',
      summary: 'Whether two different values share a hash',
      grain: 'one row',
      creates: undefined,
    },
    'check_identifiers',
    { stars: scope.temporary('stars') },
  )
}

export function edgesStep(scope: IdentityScope): Step {
  return fileStep(
    scope,
    {
      name: 'edges',
      summary: 'Identifiers become edges between records',
      grain: 'one row a pair of records that are joined',
      creates: scope.temporary('edges_0'),
    },
    'edges',
    {
      identifiers: scope.temporary('identifiers'),
      stars: scope.temporary('stars'),
      max_records: maxRecords(scope),
    },
  )
}

/** Each record's component, once the rounds are over. */
export function componentSteps(scope: IdentityScope, labels: TableName): readonly Step[] {
  return [
    fileStep(
      scope,
      {
        name: 'unattached',
        summary: 'Events whose every identifier links nothing',
        grain: 'one row an event record',
        creates: scope.temporary('unattached'),
      },
      'unattached',
      {
        identifiers: scope.temporary('identifiers'),
        nodes: scope.temporary('nodes'),
        stars: scope.temporary('stars'),
        max_records: maxRecords(scope),
      },
    ),
    fileStep(
      scope,
      {
        name: 'components',
        summary: 'Which records belong together',
        grain: 'one row a record',
        creates: scope.temporary('components'),
      },
      'components',
      { nodes: scope.temporary('nodes'), labels, unattached: scope.temporary('unattached') },
    ),
  ]
}

/** `<entity>_refused`: the values that link nothing, and why. */
export function refusedStep(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): Step {
  const { fn } = scope.context.dialect
  return fileStep(
    scope,
    {
      name: 'refused',
      summary: 'Values that link nothing, and why',
      grain: 'one row an identifier value and reason',
      creates: scope.output('refused'),
    },
    'refused',
    {
      value_hash: fn.sha256Hex(sql`value`),
      records: fn.asInteger(sql`sum(records)`),
      found: join(
        all.flatMap((records) => [...overLimit(scope, records, salt), ...ignored(scope, records)]),
        '\nunion all\n',
      ),
    },
  )
}

/** `max_records` of the type in `s.t`. */
function maxRecords(scope: IdentityScope): Fragment {
  const identity = identityOf(scope.entity)
  const limits = [...typeNumbers(identity)].map(([type, number]) => ({
    number,
    limit: identity.identifiers.get(type)?.maxRecords ?? 0,
  }))
  const [first] = limits
  if (first !== undefined && limits.every(({ limit }) => limit === first.limit)) return sql`${first.limit}`
  const cases = limits.map(({ number, limit }) => sql`when ${number} then ${limit}`)
  return sql`case s.t ${join(cases, ' ')} end`
}

/** The value stands in the row of the star's least record, in the one column whose hash it is. */
function overLimit(scope: IdentityScope, records: IdentityRecords, salt: number): readonly Fragment[] {
  return records.slots.map(
    (
      slot,
    ) => sql`select ${textLiteral(scope.context, slot.rule.type)} as identifier, k.${slotColumn(slot)} as value, ${textLiteral(scope.context, 'max_records')} as reason, s.records
  from ${tableOf(scope.temporary('stars'))} as s
  join ${tableOf(nodeRows(scope, records))} as k on k.r = s.low
  where s.t = ${slot.type} and s.records > ${slot.rule.maxRecords} and ${valueHash(scope, slot, salt)} = s.x`,
  )
}

function ignored(scope: IdentityScope, records: IdentityRecords): readonly Fragment[] {
  return records.slots
    .filter((slot) => hasIgnored(slot.rule))
    .map(
      (
        slot,
      ) => sql`select ${textLiteral(scope.context, slot.rule.type)} as identifier, ${ignoredColumn(slot)} as value, ${textLiteral(scope.context, 'ignore')} as reason, count(*) as records
  from ${tableOf(sourceRows(scope, records))}
  where ${ignoredColumn(slot)} is not null
  group by ${ignoredColumn(slot)}`,
    )
}
