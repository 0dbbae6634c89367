import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import {
  eventKey,
  ignoredColumn,
  ignoredQuery,
  recordsQuery,
  saltedHash,
  slotColumn,
} from './records-query.ts'
import { fileStep, type IdentityScope, identityStep } from './scope.ts'
import { hasIgnored, type IdentityRecords, type Slot } from './slots.ts'

/** Some rows of a source: by `row_hash` what is read, by a condition on `row_hash` and `content_hash` what is kept. */
export interface SomeRows {
  readonly only: Fragment
  readonly kept?: Fragment
}

/**
 * Reads the sources: one row a record with its identifiers as hashes; equal events become one group. Of `some` rows the
 * texts are kept too: there are few.
 */
export function recordSteps(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  salt: number,
  some?: (records: IdentityRecords) => SomeRows,
): readonly Step[] {
  return [
    ...ignoredStep(scope, all),
    ...all.flatMap((records) =>
      records.isEvent
        ? [eventRowsStep(scope, records, salt, some?.(records)), groupsStep(scope, records, salt)]
        : [recordsStep(scope, records, salt, some?.(records))],
    ),
  ]
}

/** `nodes`, `hashes`, `keyless`: a record without a key, or two with one, shows here. */
export function checkRecordsStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
  return fileStep(
    scope,
    {
      name: 'check_records',
      summary: 'Whether each record has a key and a hash of its own',
      grain: 'one row',
      creates: undefined,
    },
    'check_records',
    { records: nodeHashes(scope, all) },
  )
}

/** Every record or group of equal events: `r`. To stand after `from`. */
export function nodeHashes(scope: IdentityScope, all: readonly IdentityRecords[]): Fragment {
  return united(all.map((records) => sql`select r from ${tableOf(nodeRows(scope, records))}`))
}

/** Of a record its own key, of a group of equal events a hash of their identifiers. */
export function nodeKey(scope: IdentityScope, records: IdentityRecords): Fragment {
  return records.isEvent ? eventKey(scope.context, records) : id('record_id')
}

/** The identifier values of one type: `r`, and the value's two hashes `x` and `y`. To stand after `from`. */
export function identifierRows(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  type?: number,
): Fragment {
  return united(
    all.flatMap((records) =>
      records.slots
        .filter((slot) => type === undefined || slot.type === type)
        .map(
          (slot) =>
            sql`select r, ${hashColumn(slot, 'x')} as x, ${hashColumn(slot, 'y')} as y from ${tableOf(nodeRows(scope, records))} where ${hashColumn(slot, 'x')} is not null`,
        ),
    ),
  )
}

/** `x_2` and `y_2`: two hashes of one value, which together tell values apart. */
export function hashColumn(slot: Slot, which: 'x' | 'y'): Fragment {
  return id(`${which}_${slot.number}`)
}

/** A hash of the value in `id_2`, by that column's name; of no value it is any number. */
export function valueHash(
  scope: IdentityScope,
  slot: Slot,
  salt: number,
  which: 'x' | 'y',
  value: Fragment = slotColumn(slot),
): Fragment {
  const before = which === 'x' ? `${salt}` : `${salt}, second`
  return saltedHash(scope.context, `${before}|${slot.rule.type}|`, value)
}

/** Where the rows with identifiers stand, one a node. */
export function nodeRows(scope: IdentityScope, records: IdentityRecords) {
  return scope.temporary(`${records.isEvent ? 'groups' : 'records'}_${records.number}`)
}

/** Where the rows of the source stand, one a row. */
export function sourceRows(scope: IdentityScope, records: IdentityRecords) {
  return scope.temporary(`records_${records.number}`)
}

export function united(selects: readonly Fragment[]): Fragment {
  return sql`(
  ${join(selects, '\nunion all\n')}
)`
}

/** The table that `recordsQuery` asks where a rule ignores values; no step when none does. */
export function ignoredStep(scope: IdentityScope, all: readonly IdentityRecords[]): readonly Step[] {
  const query = ignoredValues(scope.context, all)
  if (query === undefined) return []
  const parts = {
    name: 'ignored',
    summary: 'Values that identify nobody, normalised',
    grain: 'one row a value of the project',
    creates: scope.temporary('ignored'),
  }
  return [identityStep(scope, parts, query)]
}

/** As `ignoredQuery` gives them, of all types that the records carry. */
export function ignoredValues(
  context: CompileContext,
  all: readonly IdentityRecords[],
): Fragment | undefined {
  const rules = new Map(
    all.flatMap((records) => records.slots.map((slot) => [slot.type, slot.rule] as const)),
  )
  return ignoredQuery(context, rules)
}

/** Texts of identifiers are left behind: what is written and joined from here on are numbers. */
function recordsStep(scope: IdentityScope, records: IdentityRecords, salt: number, some?: SomeRows): Step {
  const ignored = records.slots.filter((slot) => hasIgnored(slot.rule)).map(ignoredColumn)
  const texts = some === undefined ? [] : records.slots.map(slotColumn)
  return identityStep(
    scope,
    readParts(scope, records),
    sql`select record_id, r, content_hash,
  ${join([...texts, ...hashes(scope, records, salt), ...ignored], ',\n  ')}
from (${recordsQuery(scope, records, salt, some?.only)}${scope.context.dialect.fence}) as ids`,
  )
}

function eventRowsStep(scope: IdentityScope, records: IdentityRecords, salt: number, some?: SomeRows): Step {
  const rows = recordsQuery(scope, records, salt, some?.only)
  const kept = some?.kept === undefined ? rows : sql`select *\nfrom (${rows}) as one\nwhere ${some.kept}`
  return identityStep(scope, readParts(scope, records), kept)
}

function readParts(scope: IdentityScope, records: IdentityRecords) {
  return {
    name: `records_${records.source.name}`,
    summary: `Reads ${records.source.name} and normalises its identifiers`,
    grain: `one row a row of ${records.source.name}`,
    creates: sourceRows(scope, records),
  }
}

/** Rows with the same identifiers have the same `r`; grouping by all tells two apart whose hash is the same. */
function groupsStep(scope: IdentityScope, records: IdentityRecords, salt: number): Step {
  const ids = join(records.slots.map(slotColumn), ', ')
  return identityStep(
    scope,
    {
      name: `groups_${records.source.name}`,
      summary: `Rows of ${records.source.name} with the same identifiers count as one record`,
      grain: 'one row a set of identifiers',
      creates: scope.temporary(`groups_${records.number}`),
    },
    sql`select r, ${ids},
  ${join(hashes(scope, records, salt), ',\n  ')}
from ${tableOf(sourceRows(scope, records))}
where r is not null
group by r, ${ids}`,
  )
}

function hashes(scope: IdentityScope, records: IdentityRecords, salt: number): readonly Fragment[] {
  return records.slots.flatMap((slot) => [
    sql`case when ${slotColumn(slot)} is not null then ${valueHash(scope, slot, salt, 'x')} end as ${hashColumn(slot, 'x')}`,
    sql`${valueHash(scope, slot, salt, 'y')} as ${hashColumn(slot, 'y')}`,
  ])
}
