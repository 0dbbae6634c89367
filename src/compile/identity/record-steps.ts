import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { eventKey, ignoredQuery, recordsQuery, saltedHash, slotColumn } from './records-query.ts'
import { fileStep, type IdentityScope, identityStep, textLiteral } from './scope.ts'
import type { IdentityRecords, Slot } from './slots.ts'

/** Reads the sources: their rows with identifiers, then one node a record or group of equal events. */
export function recordSteps(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  salt: number,
): readonly Step[] {
  return [
    ...ignoredStep(scope, all),
    ...all.map((records) => rowsStep(scope, records, salt)),
    ...all.filter((records) => records.isEvent).map((records) => groupsStep(scope, records)),
    nodesStep(scope, all),
  ]
}

/** `nodes`, `hashes`, `keyless`: a record without a key, or two with one, shows here. */
export function checkRecordsStep(scope: IdentityScope): Step {
  return fileStep(
    scope,
    {
      name: 'check_records',
      summary: 'Whether each record has a key and a hash of its own',
      grain: 'one row',
      creates: undefined,
    },
    'check_records',
    { nodes: scope.temporary('nodes') },
  )
}

/** Every identifier value as (record, type, hash, second hash). */
export function identifiersStep(scope: IdentityScope, all: readonly IdentityRecords[], salt: number): Step {
  const selects = all.flatMap((records) =>
    records.slots.map(
      (
        slot,
      ) => sql`select r, ${slot.type} as t, ${valueHash(scope, slot, salt)} as x, ${secondHash(scope, slot, salt)} as y
from ${tableOf(nodeRows(scope, records))}
where ${slotColumn(slot)} is not null`,
    ),
  )
  return identityStep(
    scope,
    {
      name: 'identifiers',
      summary: 'Every identifier value as a hash, beside the record that holds it',
      grain: 'one row a record and identifier value',
      creates: scope.temporary('identifiers'),
    },
    join(selects, '\nunion all\n'),
  )
}

/** The hash that a value is known by within a run; its type is part of it. */
export function valueHash(scope: IdentityScope, slot: Slot, salt: number): Fragment {
  return typedHash(scope, slot, `${salt}`)
}

/** Where the rows with identifiers stand, one a node. */
export function nodeRows(scope: IdentityScope, records: IdentityRecords) {
  return scope.temporary(`${records.isEvent ? 'groups' : 'records'}_${records.number}`)
}

/** Where the rows of the source stand, one a row. */
export function sourceRows(scope: IdentityScope, records: IdentityRecords) {
  return scope.temporary(`records_${records.number}`)
}

function secondHash(scope: IdentityScope, slot: Slot, salt: number): Fragment {
  return typedHash(scope, slot, `${salt}, second`)
}

function typedHash({ context }: IdentityScope, slot: Slot, salt: string): Fragment {
  return saltedHash(context, `${salt}|${slot.rule.type}|`, slotColumn(slot))
}

/** The table that `recordsQuery` asks where a rule ignores values; no step when none does. */
export function ignoredStep(scope: IdentityScope, all: readonly IdentityRecords[]): readonly Step[] {
  const rules = new Map(
    all.flatMap((records) => records.slots.map((slot) => [slot.type, slot.rule] as const)),
  )
  const query = ignoredQuery(scope.context, rules)
  if (query === undefined) return []
  const parts = {
    name: 'ignored',
    summary: 'Values that identify nobody, normalised',
    grain: 'one row a value of the project',
    creates: scope.temporary('ignored'),
  }
  return [identityStep(scope, parts, query)]
}

function rowsStep(scope: IdentityScope, records: IdentityRecords, salt: number): Step {
  return identityStep(
    scope,
    {
      name: `records_${records.source.name}`,
      summary: `Reads ${records.source.name} and normalises its identifiers`,
      grain: `one row a row of ${records.source.name}`,
      creates: sourceRows(scope, records),
    },
    recordsQuery(scope, records, salt),
  )
}

/** Rows with the same identifiers have the same `r`; grouping by all tells two apart whose hash is the same. */
function groupsStep(scope: IdentityScope, records: IdentityRecords): Step {
  const ids = join(records.slots.map(slotColumn), ', ')
  return identityStep(
    scope,
    {
      name: `groups_${records.source.name}`,
      summary: `Rows of ${records.source.name} with the same identifiers count as one record`,
      grain: 'one row a set of identifiers',
      creates: scope.temporary(`groups_${records.number}`),
    },
    sql`select r, ${eventKey(scope.context, records)} as node_key, ${ids}
from ${tableOf(sourceRows(scope, records))}
where r is not null
group by r, ${ids}`,
  )
}

function nodesStep(scope: IdentityScope, all: readonly IdentityRecords[]): Step {
  const selects = all.map((records) => {
    const key = records.isEvent ? id('node_key') : id('record_id')
    return sql`select r, ${textLiteral(scope.context, records.source.name)} as source, ${key} as node_key, ${lit(records.isEvent)} as is_event
from ${tableOf(nodeRows(scope, records))}`
  })
  return identityStep(
    scope,
    {
      name: 'nodes',
      summary: 'All records of all sources',
      grain: 'one row a record; rows of an event source with the same identifiers are one',
      creates: scope.temporary('nodes'),
    },
    join(selects, '\nunion all\n'),
  )
}
