import { EMPTY, type Fragment, join, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { hasLinkingRules } from './candidates/compared.ts'
import type { Guarded } from './guards/guard-parts.ts'
import { ALONE } from './guards/limits.ts'
import type { Linked } from './id-steps.ts'
import { maxRecords } from './max-records.ts'
import { hashColumn, identifierRows, nodeRows, sourceRows, united, valueHash } from './record-steps.ts'
import { ignoredColumn, recordsQuery, slotColumn } from './records-query.ts'
import { fileStep, type IdentityScope, identityStep, textLiteral } from './scope.ts'
import { hasIgnored, type IdentityRecords, identityOf, type Slot, typeNumbers } from './slots.ts'

/** `r`, `x`, `y` of all values, or of those of one type. To stand after `from`. */
export type Identifiers = (type?: number) => Fragment

/** Which records share a value. Type by type, because values of two types are never one. */
export function starsStep(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  identifiers: Identifiers,
): Step {
  const { templates } = scope.context
  const path = 'identity/stars.sql'
  const types = [...new Set(all.flatMap(({ slots }) => slots.map(({ type }) => type)))].sort((a, b) => a - b)
  const parts = {
    name: 'stars',
    summary: 'Which records share a value',
    grain: 'one row an identifier value that two records or more hold',
    creates: scope.temporary('stars'),
  }
  const queries = types.map((type) =>
    templates.fill(path, { type: sql`${type}`, identifiers: identifiers(type) }),
  )
  return { ...identityStep(scope, parts, join(queries, '\nunion all\n')), file: templates.fileOf(path) }
}

/** `refused`: how many values are held by more than `max_records` records. */
export function checkStarsStep(scope: IdentityScope): Step {
  return fileStep(
    scope,
    {
      name: 'check_stars',
      summary: 'How many values are held by too many records',
      grain: 'one row',
      creates: undefined,
    },
    'check_stars',
    { stars: scope.temporary('stars'), max_records: maxRecords(scope) },
  )
}

export function edgesStep(scope: IdentityScope, identifiers: Identifiers): Step {
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
      identifiers: identifiers(),
      stars: scope.temporary('stars'),
      max_records: maxRecords(scope),
    },
  )
}

/** Where some value is held by too many records. */
export function unattachedStep(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  { anyOver, guarded }: Linked,
): Step {
  const refused = [
    ...(anyOver
      ? [
          sql`select s.x, s.y from ${tableOf(scope.temporary('stars'))} as s where s.records > ${maxRecords(scope)}`,
        ]
      : []),
    ...(guarded === undefined ? [] : [refusedHashes(scope, guarded)]),
  ]
  return fileStep(
    scope,
    {
      name: 'unattached',
      summary: 'Events whose every identifier links nothing',
      grain: 'one row an event record',
      creates: scope.temporary('unattached'),
    },
    'unattached',
    {
      identifiers: identifierRows(
        scope,
        all.filter(({ isEvent }) => isEvent),
      ),
      refused: united(refused),
    },
  )
}

/** A record that is over a limit by itself joins nothing, but its values may join others. */
function refusedHashes(scope: IdentityScope, { refused }: Guarded): Fragment {
  return sql`select distinct x, y from ${tableOf(refused)} where reason <> ${textLiteral(scope.context, ALONE)}`
}

/** `<entity>_refused`: the values that link nothing, and why. `skipped`: blocks in which nothing was compared. */
export function refusedStep(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  { salt, anyOver, guarded }: Linked,
  skipped: readonly Fragment[],
): Step {
  const { fn } = scope.context.dialect
  const found = [
    ...(anyOver ? [overLimit(scope, all, salt)] : []),
    ...(guarded === undefined ? [] : [guardRefused(scope, all, guarded)]),
    ...all.flatMap((records) => ignored(scope, records)),
    ...skipped,
  ]
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
      found: found.length > 0 ? united(found) : nothing(scope),
    },
  )
}

/**
 * The value stands in the row of the star's least record, in the one column whose hashes they are. Should that row be
 * another one by now, the value is not there any more and stays empty.
 */
function overLimit(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): Fragment {
  const stars = tableOf(scope.temporary('stars'))
  const values = all.flatMap((records) => {
    const rows = records.isEvent
      ? tableOf(nodeRows(scope, records))
      : sql`(${recordsQuery(scope, records, salt, sql`select s.low from ${stars} as s where s.records > ${maxRecords(scope)}`)}) as ids`
    return records.slots.map((slot) => valueRows(scope, records, slot, rows, salt))
  })
  return sql`select ${typeName(scope, all, sql`s.t`)} as identifier, min(v.value) as value, ${textLiteral(scope.context, 'max_records')} as reason, min(s.records) as records
  from ${stars} as s
  left join ${united(values)} as v on v.x = s.x and v.y = s.y
  where s.records > ${maxRecords(scope)}
  group by s.t, s.x, s.y`
}

function guardRefused(scope: IdentityScope, all: readonly IdentityRecords[], { refused }: Guarded): Fragment {
  const types = typeNumbers(identityOf(scope.entity)).size
  // Pairs that look alike have higher numbers; they are told in `<entity>_candidates`.
  const only = hasLinkingRules(scope.entity) ? sql` where t <= ${types}` : EMPTY
  return sql`select ${typeName(scope, all, sql`t`)} as identifier, value, reason, records from ${tableOf(refused)}${only}`
}

function typeName(scope: IdentityScope, all: readonly IdentityRecords[], number: Fragment): Fragment {
  const types = new Map(all.flatMap(({ slots }) => slots.map(({ type, rule }) => [type, rule.type] as const)))
  const cases = [...types].map(([type, name]) => sql`when ${type} then ${textLiteral(scope.context, name)}`)
  return sql`case ${number} ${join(cases, ' ')} end`
}

function valueRows(
  scope: IdentityScope,
  records: IdentityRecords,
  slot: Slot,
  rows: Fragment,
  salt: number,
): Fragment {
  const hash = (which: 'x' | 'y') =>
    records.isEvent ? hashColumn(slot, which) : valueHash(scope, slot, salt, which)
  return sql`select ${hash('x')} as x, ${hash('y')} as y, ${slotColumn(slot)} as value from ${rows} where ${slotColumn(slot)} is not null`
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

function nothing(scope: IdentityScope): Fragment {
  const empty = textLiteral(scope.context, '')
  return sql`(select ${empty} as identifier, ${empty} as value, ${empty} as reason, 0 as records from (select 1 as one) as one where 1 = 0)`
}
