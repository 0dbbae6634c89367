import { type Fragment, join, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { hashColumn, identifierRows, nodeRows, sourceRows, united, valueHash } from './record-steps.ts'
import { ignoredColumn, recordsQuery, slotColumn } from './records-query.ts'
import { fileStep, type IdentityScope, identityStep, textLiteral } from './scope.ts'
import { hasIgnored, type IdentityRecords, identityOf, type Slot, typeNumbers } from './slots.ts'

/** Which records share a value. Type by type, because values of two types are never one. */
export function starsStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
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
    templates.fill(path, { type: sql`${type}`, identifiers: identifierRows(scope, all, type) }),
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

export function edgesStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
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
      identifiers: identifierRows(scope, all),
      stars: scope.temporary('stars'),
      max_records: maxRecords(scope),
    },
  )
}

/** Where some value is held by too many records. */
export function unattachedStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
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
      stars: scope.temporary('stars'),
      max_records: maxRecords(scope),
    },
  )
}

/** `<entity>_refused`: the values that link nothing, and why. `anyOver`: some are held by too many records. */
export function refusedStep(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  salt: number,
  anyOver: boolean,
): Step {
  const { fn } = scope.context.dialect
  const found = [
    ...(anyOver ? [overLimit(scope, all, salt)] : []),
    ...all.flatMap((records) => ignored(scope, records)),
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

/**
 * The value stands in the row of the star's least record, in the one column whose hashes they are. Should that row be
 * another one by now, the value is not there any more and stays empty.
 */
function overLimit(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): Fragment {
  const stars = tableOf(scope.temporary('stars'))
  const types = new Map(all.flatMap(({ slots }) => slots.map(({ type, rule }) => [type, rule.type] as const)))
  const cases = [...types].map(([type, name]) => sql`when ${type} then ${textLiteral(scope.context, name)}`)
  const values = all.flatMap((records) => {
    const rows = records.isEvent
      ? tableOf(nodeRows(scope, records))
      : sql`(${recordsQuery(scope, records, salt, sql`select s.low from ${stars} as s where s.records > ${maxRecords(scope)}`)}) as ids`
    return records.slots.map((slot) => valueRows(scope, records, slot, rows, salt))
  })
  return sql`select case s.t ${join(cases, ' ')} end as identifier, min(v.value) as value, ${textLiteral(scope.context, 'max_records')} as reason, min(s.records) as records
  from ${stars} as s
  left join ${united(values)} as v on v.x = s.x and v.y = s.y
  where s.records > ${maxRecords(scope)}
  group by s.t, s.x, s.y`
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
  return sql`(select ${empty} as identifier, ${empty} as value, ${empty} as reason, 0 as records where 1 = 0)`
}
