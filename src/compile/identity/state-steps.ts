import { type Fragment, join, lit, sql, timestamp } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import type { IdRun } from './id-steps.ts'
import { hashColumn, nodeRows, sourceRows, valueHash } from './record-steps.ts'
import { ignoredColumn } from './records-query.ts'
import { fileStep, type IdentityScope, identityStep, nullHash, textLiteral } from './scope.ts'
import { hasIgnored, type IdentityRecords, identityOf, typeNumbers } from './slots.ts'

/** What an incremental stitch must know of the last one, beside its nodes (docs/tables.md). */
export function stateSteps(
  scope: IdentityScope,
  run: IdRun,
  all: readonly IdentityRecords[],
  salt: number,
): readonly Step[] {
  const links = all.flatMap((records) => [
    ...nodeLinks(scope, records),
    ...ignoredLinks(scope, records, salt),
  ])
  return [
    identityStep(
      scope,
      {
        name: 'node_ids',
        summary: 'Which values each node holds, as hashes',
        grain: 'one row a node and value',
        creates: scope.output('node_ids'),
      },
      join(links, '\nunion all\n'),
    ),
    identityStep(
      scope,
      {
        name: 'node_rows',
        summary: 'Which node each event is part of',
        grain: 'one row a row of an event source',
        creates: scope.output('node_rows'),
      },
      eventRows(scope, all),
    ),
    stitchStep(scope, run, all, salt),
  ]
}

/**
 * The values of nodes: `r`, `t` (number of the type), `x`, `y`, a select a slot.
 */
export function nodeLinks(scope: IdentityScope, records: IdentityRecords): readonly Fragment[] {
  return records.slots.map(
    (slot) =>
      sql`select r, ${slot.type} as t, ${hashColumn(slot, 'x')} as x, ${hashColumn(slot, 'y')} as y from ${tableOf(nodeRows(scope, records))} where ${hashColumn(slot, 'x')} is not null`,
  )
}

/**
 * The values that a rule ignores, the same but with `-t`. No part of an event's node, so there `r` is the hash of the
 * row.
 */
export function ignoredLinks(
  scope: IdentityScope,
  records: IdentityRecords,
  salt: number,
): readonly Fragment[] {
  const holder = records.isEvent ? sql`row_hash as r` : sql`r`
  return records.slots
    .filter((slot) => hasIgnored(slot.rule))
    .map((slot) => {
      const ignored = ignoredColumn(slot)
      const hash = (which: 'x' | 'y') => valueHash(scope, slot, salt, which, ignored)
      return sql`select ${holder}, ${-slot.type} as t, ${hash('x')} as x, ${hash('y')} as y from ${tableOf(sourceRows(scope, records))} where ${ignored} is not null`
    })
}

/** What must be as it was for the state to be of use. */
export interface Stamp {
  readonly form: number
  readonly engine: string
  readonly rules: string
}

export function stampOf(scope: IdentityScope, run: IdRun): Stamp {
  // Numbers of types stand in the state, and fingerprints do not depend on their order.
  const types = [...typeNumbers(identityOf(scope.entity)).keys()].join(',')
  return { form: FORM, engine: run.engine, rules: `${run.fingerprint} ${types}` }
}

/**
 * Of the state and of the hashes in it. Raise it whenever a column, a hash or a normaliser changes: the next build then
 * stitches in full.
 */
const FORM = 3

function eventRows(scope: IdentityScope, all: readonly IdentityRecords[]): Fragment {
  const events = all.filter(({ isEvent }) => isEvent)
  const none = nullHash(scope.context)
  if (events.length === 0)
    return sql`select ${textLiteral(scope.context, '')} as source, ${none} as row_hash, ${none} as content_hash, ${none} as node_hash from (select 1 as one) as one where 1 = 0`
  return join(
    events.map(
      (records) =>
        sql`select ${textLiteral(scope.context, records.source.name)} as source, row_hash, content_hash, r as node_hash from ${tableOf(sourceRows(scope, records))}`,
    ),
    '\nunion all\n',
  )
}

function stitchStep(scope: IdentityScope, run: IdRun, all: readonly IdentityRecords[], salt: number): Step {
  const { context } = scope
  const { form, engine, rules } = stampOf(scope, run)
  const repeated = sql`(select count(*) from (
  select row_hash from ${tableOf(scope.output('node_rows'))}
  where node_hash is not null
  group by row_hash
  having min(node_hash) <> max(node_hash)
) as twice)`
  return fileStep(
    scope,
    {
      name: 'stitch',
      summary: 'How the state was made',
      grain: 'one row',
      creates: scope.output('stitch'),
    },
    'stitch',
    {
      form: sql`${form}`,
      engine: textLiteral(context, engine),
      rules: textLiteral(context, rules),
      salt: sql`${salt}`,
      as_of: timestamp(context.asOf),
      records: sql`(select count(*) from ${tableOf(scope.output('identity'))})`,
      entities: sql`(select count(*) from ${tableOf(scope.temporary('anchors'))})`,
      repeated_keys: all.some(({ isEvent }) => isEvent) ? repeated : lit(0),
    },
  )
}
