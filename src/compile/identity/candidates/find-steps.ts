import { EMPTY, type Fragment, join, lit, sql } from '../../../dialect/fragment.ts'
import { tableOf } from '../../sources/relation.ts'
import type { Step } from '../../step.ts'
import { united } from '../record-steps.ts'
import { escaped, recordsQuery, slotColumn } from '../records-query.ts'
import { fileStep, type IdentityScope, identityStep, textLiteral } from '../scope.ts'
import { identityOf, type Slot } from '../slots.ts'
import { type ComparedRule, type ComparedSource, isCompared } from './compared.ts'
import { scoreOf } from './similarity.ts'

/** From the sources to the pairs of each rule. */
export function findSteps(
  scope: IdentityScope,
  sources: readonly ComparedSource[],
  rules: readonly ComparedRule[],
  salt: number,
): readonly Step[] {
  return [
    ...sources.map((source) => factsStep(scope, source, salt)),
    ...apartSteps(scope),
    ...rules.flatMap((rule) => [
      rowsStep(scope, sources, rule),
      blocksStep(scope, rule),
      pairsStep(scope, rule),
    ]),
  ]
}

/** `(a, b, a_r, b_r, score, block_records)`: `a` and `b` are places, `contacts:17`. */
export function pairsTable(scope: IdentityScope, { number }: ComparedRule) {
  return scope.temporary(`alike_pairs_${number}`)
}

/** `(block, records)`: also blocks that are too large to be compared. */
export function blocksTable(scope: IdentityScope, { number }: ComparedRule) {
  return scope.temporary(`alike_blocks_${number}`)
}

/** As people write a record: sources have no colon in their names, so it is one text a record. */
export function placeOf(source: Fragment, recordId: Fragment): Fragment {
  return sql`${source} || ':' || ${recordId}`
}

function factsStep(scope: IdentityScope, { records }: ComparedSource, salt: number): Step {
  const { context } = scope
  const place = placeOf(lit(records.source.name), sql`record_id`)
  return identityStep(
    scope,
    {
      name: `alike_facts_${records.source.name}`,
      summary: `Reads of ${records.source.name} what is compared`,
      grain: `one row a row of ${records.source.name}`,
      creates: factsTable(scope, records.number),
    },
    sql`select ${place} as place, r, ${join(records.slots.map(slotColumn), ', ')}
from (${recordsQuery(scope, records, salt)}${context.dialect.fence}) as ids`,
  )
}

function factsTable(scope: IdentityScope, source: number) {
  return scope.temporary(`alike_facts_${source}`)
}

/** Records that the project keeps apart; no step when it names none. */
function apartSteps(scope: IdentityScope): readonly Step[] {
  const { block } = identityOf(scope.entity)
  if (block.length === 0) return []
  const rows = block.flatMap((list, number) =>
    list.map(
      ({ source, recordId }) =>
        sql`select ${number + 1} as list, ${textLiteral(scope.context, `${source}:${recordId}`)} as place`,
    ),
  )
  const parts = {
    name: 'alike_apart',
    summary: 'Records that are never one entity',
    grain: 'one row a list and record',
    creates: scope.temporary('alike_apart'),
  }
  return [identityStep(scope, parts, join(rows, '\nunion all\n'))]
}

/** Without what is compared, or a part of the block, a record is like nobody. */
function rowsStep(scope: IdentityScope, sources: readonly ComparedSource[], rule: ComparedRule): Step {
  const { rule: of, number } = rule
  const selects = sources
    .filter((source) => isCompared(source, of))
    .flatMap((source) => rowsOf(scope, source, rule))
  return identityStep(
    scope,
    {
      name: `alike_${of.name.value}_rows`,
      summary: `What the rule ${of.name.value} compares, and within which block`,
      grain: 'one row a record, block and value',
      creates: scope.temporary(`alike_rows_${number}`),
    },
    sql`select distinct place, r, block, value
from ${united(selects)} as carried
where block is not null and value is not null`,
  )
}

/** Each choice among several values of one identifier type. */
function rowsOf(scope: IdentityScope, source: ComparedSource, { rule }: ComparedRule): readonly Fragment[] {
  const names = [...new Set([rule.compare.value, ...rule.blockBy.map(({ of }) => of.value)])]
  return choices(names, source.values).map((choice) => {
    const column = (name: string) => {
      const slot = choice.get(name)
      return slot === undefined ? lit(null) : slotColumn(slot)
    }
    const keys = rule.blockBy.map(({ of, prefix }) =>
      escaped(prefix === undefined ? column(of.value) : sql`substring(${column(of.value)}, 1, ${prefix})`),
    )
    const block = keys.reduce((all, key) => sql`${all} || '|' || ${key}`)
    return sql`select place, r, ${block} as block, ${column(rule.compare.value)} as value from ${tableOf(factsTable(scope, source.records.number))}`
  })
}

function choices(
  names: readonly string[],
  values: ReadonlyMap<string, readonly Slot[]>,
): readonly ReadonlyMap<string, Slot>[] {
  return names.reduce<readonly ReadonlyMap<string, Slot>[]>(
    (all, name) =>
      all.flatMap((chosen) => (values.get(name) ?? []).map((slot) => new Map([...chosen, [name, slot]]))),
    [new Map()],
  )
}

function blocksStep(scope: IdentityScope, rule: ComparedRule): Step {
  const name = rule.rule.name.value
  return fileStep(
    scope,
    {
      name: `alike_${name}_blocks`,
      summary: `How many records the rule ${name} has to compare with each other`,
      grain: 'one row a block of two records or more',
      creates: blocksTable(scope, rule),
    },
    'candidates/blocks',
    { rows: scope.temporary(`alike_rows_${rule.number}`) },
  )
}

function pairsStep(scope: IdentityScope, rule: ComparedRule): Step {
  const { rule: of, number } = rule
  const { fn } = scope.context.dialect
  const isShare = of.similarity.kind === 'jaro_winkler'
  const threshold = fn.asFloat(sql`${of.similarity.threshold}`)
  return fileStep(
    scope,
    {
      name: `alike_${of.name.value}_pairs`,
      summary: `Records that the rule ${of.name.value} finds alike`,
      grain: 'one row a pair of records',
      creates: pairsTable(scope, rule),
    },
    'candidates/pairs',
    {
      blocks: blocksTable(scope, rule),
      rows: scope.temporary(`alike_rows_${number}`),
      max_block: sql`${of.maxBlock}`,
      low: fn.byBytes(sql`l.place`),
      high: fn.byBytes(sql`h.place`),
      best: isShare ? sql`max` : sql`min`,
      score: score(scope, of.similarity),
      alike: isShare ? sql`score >= ${threshold}` : sql`score <= ${threshold}`,
      apart: identityOf(scope.entity).block.length === 0 ? EMPTY : notKeptApart(scope),
    },
  )
}

/** Engines may give another figure for the same two the other way round. */
function score({ context }: IdentityScope, similarity: ComparedRule['rule']['similarity']): Fragment {
  const { dialect } = context
  const [low, high] = [sql`l.value`, sql`h.value`]
  return sql`case when ${dialect.fn.byBytes(low)} <= ${dialect.fn.byBytes(high)} then ${scoreOf(dialect, similarity, low, high)} else ${scoreOf(dialect, similarity, high, low)} end`
}

function notKeptApart(scope: IdentityScope): Fragment {
  const apart = tableOf(scope.temporary('alike_apart'))
  return sql`
  and not exists (
    select 1 from ${apart} as s join ${apart} as t on t.list = s.list where s.place = a and t.place = b
  )`
}
