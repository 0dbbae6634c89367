import { EMPTY, type Fragment, join, lit, sql } from '../../../dialect/fragment.ts'
import { tableOf } from '../../sources/relation.ts'
import type { Step } from '../../step.ts'
import { pairValues } from '../candidates/link-plan.ts'
import { hashColumn, nodeRows, united, valueHash } from '../record-steps.ts'
import { recordsQuery, slotColumn } from '../records-query.ts'
import { fileStep, identityStep } from '../scope.ts'
import { type IdentityRecords, identityOf } from '../slots.ts'
import type { GuardParts } from './guard-parts.ts'
import { mostOf, RECORDS, tiersOf } from './limits.ts'
import { overTables } from './over-steps.ts'

/** What the passes start from: the guarded records, their values in order, and each record as a cluster. */
export function startSteps(parts: GuardParts): readonly Step[] {
  return [
    guardedStep(parts),
    ...parts.all.map((records) => rowsStep(parts, records)),
    valuesStep(parts),
    aloneStep(parts),
    asksStep(parts),
    holdsStep(parts),
    paceStep(parts),
  ]
}

function guardedStep(parts: GuardParts): Step {
  const { scope, labels } = parts
  return fileStep(
    scope,
    {
      name: 'guarded',
      summary: 'The records of the components over a limit',
      grain: 'one row a record',
      creates: scope.temporary('guarded'),
    },
    'guarded',
    { over: united(overTables(parts).map((table) => sql`select c from ${tableOf(table)}`)), labels },
  )
}

/** Their values as texts: a table between steps has only hashes, which are another engine's on another warehouse. */
function rowsStep({ scope, salt }: GuardParts, records: IdentityRecords): Step {
  const guarded = sql`select r from ${tableOf(scope.temporary('guarded'))}`
  const query = records.isEvent
    ? sql`select * from ${tableOf(nodeRows(scope, records))} where r in (${guarded})`
    : recordsQuery(scope, records, salt, guarded)
  return identityStep(
    scope,
    {
      name: `guard_rows_${records.source.name}`,
      summary: `The rows of ${records.source.name} among them, once more`,
      grain: `one row a record of ${records.source.name}`,
      creates: scope.temporary(`guard_rows_${records.number}`),
    },
    query,
  )
}

function valuesStep({ scope, all, salt, trusted, hasPairs }: GuardParts): Step {
  const { fn } = scope.context.dialect
  const tiers = tiersOf(identityOf(scope.entity))
  const values = all.flatMap((records) =>
    records.slots.map((slot) => {
      const column = slotColumn(slot)
      const hash = (which: 'x' | 'y') =>
        records.isEvent ? hashColumn(slot, which) : valueHash(scope, slot, salt, which)
      return sql`select r, ${slot.type} as t, ${tiers.get(slot.rule.type) ?? 0} as tier, ${fn.md5Hex(sql`${lit(`${slot.rule.type}|`)} || ${column}`)} as order_hash, ${column} as value, ${hash('x')} as x, ${hash('y')} as y from ${tableOf(scope.temporary(`guard_rows_${records.number}`))} where ${column} is not null`
    }),
  )
  return fileStep(
    scope,
    {
      name: 'guard_values',
      summary: 'Their identifiers in the order in which they are tried',
      grain: 'one row a record and identifier value',
      creates: scope.temporary('guard_values'),
    },
    'guard_values',
    {
      values: united(hasPairs ? [...values, ...pairValues(scope, salt)] : values),
      guarded: scope.temporary('guarded'),
      order_hash: fn.byBytes(sql`i.order_hash`),
      value: fn.byBytes(sql`i.value`),
      trusted: trusted === undefined ? EMPTY : sql`\nwhere ${trusted}`,
    },
  )
}

function aloneStep({ scope, limits }: GuardParts): Step {
  // A type that nobody has: without a limited type no record is over one.
  const types = limits.types.length === 0 ? [sql`0`] : limits.types.map(({ number }) => sql`${number}`)
  return fileStep(
    scope,
    {
      name: 'guard_alone',
      summary: 'Records that are over a limit by themselves',
      grain: 'one row a record and identifier type',
      creates: scope.temporary('guard_alone'),
    },
    'guard_alone',
    {
      values: scope.temporary('guard_values'),
      types: join(types, ', '),
      most: mostOf(limits, sql`i.t`),
    },
  )
}

function asksStep({ scope }: GuardParts): Step {
  return fileStep(
    scope,
    {
      name: 'guard_asks',
      summary: 'Which identifiers ask to join which records',
      grain: 'one row an identifier and cluster',
      creates: scope.temporary('guard_asks_0'),
    },
    'guard_asks',
    { values: scope.temporary('guard_values'), alone: scope.temporary('guard_alone') },
  )
}

function holdsStep({ scope, limits }: GuardParts): Step {
  const { fn } = scope.context.dialect
  const number = (value: Fragment) => fn.asInteger(value)
  const types = limits.types.map((type) => sql`${type.number}`)
  const held = [
    ...(types.length === 0
      ? []
      : [
          sql`select r as c, ${number(sql`t`)} as t, n as w from ${tableOf(scope.temporary('guard_values'))} where t in (${join(types, ', ')})`,
        ]),
    ...(limits.records === undefined
      ? []
      : [
          sql`select r as c, ${number(sql`${RECORDS}`)} as t, row_number() over (order by r nulls last) as w from ${tableOf(scope.temporary('guarded'))}`,
        ]),
    ...(limits.blocks === 0
      ? []
      : [
          sql`select r as c, ${number(sql`${RECORDS} - list`)} as t, ${number(sql`member`)} as w from ${tableOf(scope.temporary('blocked'))}`,
        ]),
  ]
  return fileStep(
    scope,
    {
      name: 'guard_holds',
      summary: 'What each record holds of what is limited',
      grain: 'one row a record, limit and value',
      creates: scope.temporary('guard_holds_0'),
    },
    'guard_holds',
    { held: united(held), one: number(sql`1`) },
  )
}

function paceStep({ scope }: GuardParts): Step {
  return fileStep(
    scope,
    {
      name: 'guard_pace',
      summary: 'How many identifiers of each component are tried at once',
      grain: 'one row a component',
      creates: scope.temporary('guard_pace_0'),
    },
    'guard_pace',
    { asks: scope.temporary('guard_asks_0') },
  )
}
