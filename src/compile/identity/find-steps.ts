import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, sql } from '../../dialect/fragment.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { recordSteps, type SomeRows } from './record-steps.ts'
import { hashedRows } from './records-query.ts'
import { fileStep, type IdentityScope, identityStep, textLiteral } from './scope.ts'
import type { IdentityRecords } from './slots.ts'

/** How one source is compared with the state. */
export interface SourceComparison {
  readonly records: IdentityRecords
  /** Every row of the source as two hashes, `k` and `c`. */
  readonly seen: Step & { readonly creates: TableName }
  /** The rows that are not as they were. */
  readonly found: Step
  /** A question: `found`, `fresh_rows`, `fresh`, `changed`, `gone`, `keyless`, `stored`. */
  readonly check: Step
}

export function comparison(scope: IdentityScope, records: IdentityRecords, salt: number): SourceComparison {
  const { name } = records.source
  const seen = scope.temporary(`seen_${records.number}`)
  const source = textLiteral(scope.context, name)
  const state = scope.published(records.isEvent ? 'node_rows' : 'nodes')
  return {
    records,
    seen: {
      ...identityStep(
        scope,
        {
          name: `seen_${name}`,
          summary: `Reads ${name} as hashes`,
          grain: `one row a row of ${name}`,
          creates: seen,
        },
        sql`select row_hash as k, content_hash as c\nfrom (${hashedRows(scope.context, records, salt)}) as ids`,
      ),
      creates: seen,
    },
    found: fileStep(
      scope,
      {
        name: `found_${name}`,
        summary: `What is new, changed or gone in ${name}`,
        grain: 'one row a row that is not as it was',
        creates: foundTable(scope, records),
      },
      records.isEvent ? 'incremental/found_events' : 'incremental/found_records',
      { seen, source, [records.isEvent ? 'rows' : 'nodes']: state },
    ),
    check: fileStep(
      scope,
      {
        name: `check_${name}`,
        summary: `How much is new, changed and gone in ${name}`,
        grain: 'one row',
        creates: undefined,
      },
      'incremental/check_found',
      { found: foundTable(scope, records), state, source },
    ),
  }
}

/** Reads what was found again, with all that its identifiers are. */
export function rereadSteps(
  scope: IdentityScope,
  all: readonly IdentityRecords[],
  salt: number,
): readonly Step[] {
  return recordSteps(scope, all, salt, (records): SomeRows => {
    const found = tableOf(foundTable(scope, records))
    if (!records.isEvent) return { only: sql`select k from ${found} where stands` }
    return {
      only: sql`select k from ${found} where not was`,
      // Of a key that stands twice only the row that is new.
      kept: sql`exists (select 1 from ${found} as f where f.k = one.row_hash and f.c = one.content_hash and not f.was)`,
    }
  })
}

/** `(k, c, r, was, stands)`. */
export function foundTable(scope: IdentityScope, records: IdentityRecords): TableName {
  return scope.temporary(`found_${records.number}`)
}

/**
 * Events that are gone: `row_hash`, `content_hash`, `r`. Where a source does not say `detect_removals`, only those whose
 * key is there with something else.
 */
export function goneRowsStep(scope: IdentityScope, events: readonly IdentityRecords[], none: Fragment): Step {
  const selects = events.map((records) => {
    const found = tableOf(foundTable(scope, records))
    const replaced = records.source.detectRemovals
      ? sql``
      : sql` and f.k in (select k from ${found} where not was)`
    return sql`select f.k as row_hash, f.c as content_hash, f.r from ${found} as f where f.was${replaced}`
  })
  return identityStep(
    scope,
    {
      name: 'gone_rows',
      summary: 'Events that are gone',
      grain: 'one row an event',
      creates: scope.temporary('gone_rows'),
    },
    selects.length === 0 ? none : selects.reduce((all, one) => sql`${all}\nunion all\n${one}`),
  )
}
