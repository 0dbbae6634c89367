import { type Fragment, id, join, lit, sql } from '../../dialect/fragment.ts'
import type { CompileContext } from '../context.ts'
import { existsAsOf } from '../reach/reach-steps.ts'
import { columnOf, primaryKeyText, relationOf, tableOf } from '../sources/relation.ts'
import { identifierExpression } from './expressions.ts'
import { type Normalizer, normalized, normalizerOf } from './normalizers.ts'
import { type IdentityScope, textLiteral } from './scope.ts'
import { hasIgnored, type IdentityRecords, type Slot } from './slots.ts'

/**
 * The rows of one source as records: `record_id`, `r` (64-bit hash of the record; for an event source of its
 * identifiers, null when it has none), `row_hash` and `content_hash` (of hashedRows), `id_1`, ... (normalised; null is
 * absent; several values of one type in order and each once), `ignored_1`, ... (where a rule ignores values: the value
 * that was ignored).
 *
 * Events at or after `as_of` are not there. `only`: the rows whose `row_hash` is among these. Grain: one row a row of
 * the source.
 */
export function recordsQuery(
  scope: IdentityScope,
  records: IdentityRecords,
  salt: number,
  only?: Fragment,
): Fragment {
  const layers = [...normalizedLayers(scope, records), ...orderedLayers(scope.context, records)]
  const raw = hashedRows(scope.context, records, salt, only)
  // Each stage prints its column several times.
  const { fence } = scope.context.dialect
  const rows = layers.reduce((from, layer) => layer(sql`${from}${fence}`), raw)
  const ignored = records.slots.filter((slot) => hasIgnored(slot.rule)).map(ignoredColumn)
  return sql`select record_id,
  ${nodeHash(scope.context, records, salt)} as r,
  row_hash, content_hash,
  ${join([...records.slots.map(slotColumn), ...ignored], ', ')}
from (${rows}${fence}) as ids`
}

/**
 * The rows of one source as they are, with what tells whether a row is new or changed: `row_hash` (of its key; for a
 * record it is `r`, null without a key) and `content_hash` (of its key and all that its identifiers are made of).
 * `only`: those whose `row_hash` is among these; of others nothing but the key is looked at.
 */
export function hashedRows(
  context: CompileContext,
  records: IdentityRecords,
  salt: number,
  only?: Fragment,
): Fragment {
  const { fence, fn } = context.dialect
  const content = fn.rowHash([id('record_id'), ...records.slots.flatMap(atomsOf)])
  const row = records.isEvent
    ? sql`case when record_id is null then ${content} else ${eventRowHash(context, records, salt, id('record_id'))} end`
    : recordHash(context, records, salt)
  const all = sql`${rawLayer(context, records)}${fence}`
  const some =
    only === undefined ? all : sql`select *\n  from (${all}) as ids\n  where ${row} in (${only})${fence}`
  return sql`select *, ${content} as content_hash, ${row} as row_hash
  from (${some}) as ids`
}

/** What tells the rows of an event source apart; `recordId` is their key. */
export function eventRowHash(
  context: CompileContext,
  { source }: IdentityRecords,
  salt: number,
  recordId: Fragment,
): Fragment {
  return saltedHash(context, `${salt}|${source.name}, row|`, recordId)
}

/** `id_2`. */
export function slotColumn(slot: Slot): Fragment {
  return id(`id_${slot.number}`)
}

/** `ignored_2`. */
export function ignoredColumn(slot: Slot): Fragment {
  return id(`ignored_${slot.number}`)
}

/** The values of the project that identify nobody, normalised: `t` (type), `value`. Undefined when there are none. */
export function ignoredQuery(
  context: CompileContext,
  rules: ReadonlyMap<number, Slot['rule']>,
): Fragment | undefined {
  const rows = [...rules].flatMap(([type, rule]) => {
    const normalizer = normalizerOf(rule, context.dialect.fn)
    return rule.ignore.map(
      (value) => sql`select ${type} as t, ${normalized(normalizer, textLiteral(context, value))} as value`,
    )
  })
  return rows.length === 0 ? undefined : join(rows, '\nunion all\n')
}

type Layer = (from: Fragment) => Fragment

function rawLayer(context: CompileContext, records: IdentityRecords): Fragment {
  const { source } = records
  const atoms = records.slots.flatMap((slot) =>
    atomValues(context, slot).map((value, index) => sql`${value} as ${atomColumn(slot, index)}`),
  )
  const key = primaryKeyText(context, source, id('x'))
  return sql`select ${key} as record_id,
  ${join(atoms, ',\n  ')}
from ${relationOf(context, source)} as x
where ${existsAsOf(context, source, id('x'))}`
}

/** The texts that a value is made of, as the source has them: several for a composite. */
function atomValues(context: CompileContext, slot: Slot): readonly Fragment[] {
  const { fn } = context.dialect
  const { value } = slot
  switch (value.kind) {
    case 'column':
      return [fn.asText(sql`x.${columnOf(value.column.value)}`)]
    case 'composite':
      return value.columns.map((column) => fn.asText(sql`x.${columnOf(column.value)}`))
    case 'sql':
      return [fn.asText(identifierExpression(context, value.sql))]
  }
}

function atomColumn(slot: Slot, index: number): Fragment {
  return id(`a_${slot.number}_${index + 1}`)
}

function atomsOf(slot: Slot): readonly Fragment[] {
  const count = slot.value.kind === 'composite' ? slot.value.columns.length : 1
  return Array.from({ length: count }, (_, index) => atomColumn(slot, index))
}

/** Each stage of each normaliser, then composites joined, then ignored values taken out. */
function normalizedLayers(scope: IdentityScope, records: IdentityRecords): readonly Layer[] {
  const { fn } = scope.context.dialect
  const normalizers = new Map(records.slots.map((slot) => [slot, normalizerOf(slot.rule, fn)]))
  const stages = Math.max(...[...normalizers.values()].map((normalizer) => normalizer.length))
  const layers: Layer[] = []
  for (let stage = 0; stage < stages; stage += 1) layers.push(stageLayer(normalizers, stage))
  layers.push(layerOf(records.slots.map((slot) => sql`${joined(slot)} as ${slotColumn(slot)}`)))
  if (records.slots.some((slot) => hasIgnored(slot.rule))) layers.push(ignoringLayer(scope, records))
  return layers
}

function stageLayer(normalizers: ReadonlyMap<Slot, Normalizer>, stage: number): Layer {
  return layerOf(
    [...normalizers].flatMap(([slot, normalizer]) =>
      atomsOf(slot).map((atom) => sql`${normalizer[stage]?.(atom) ?? atom} as ${atom}`),
    ),
  )
}

/** Absent when a part is absent. */
function joined(slot: Slot): Fragment {
  const atoms = atomsOf(slot)
  if (atoms.length === 1 && atoms[0] !== undefined) return atoms[0]
  return atoms.map(escaped).reduce((all, atom) => sql`${all} || '|' || ${atom}`)
}

function ignoringLayer(scope: IdentityScope, records: IdentityRecords): Layer {
  const ignoring = records.slots.filter((slot) => hasIgnored(slot.rule))
  return layerOf([
    ...records.slots.map((slot) =>
      hasIgnored(slot.rule)
        ? sql`case when ${isIgnored(scope, slot)} then null else ${slotColumn(slot)} end as ${slotColumn(slot)}`
        : slotColumn(slot),
    ),
    ...ignoring.map(
      (slot) =>
        sql`case when ${isIgnored(scope, slot)} then ${slotColumn(slot)} end as ${ignoredColumn(slot)}`,
    ),
  ])
}

function isIgnored(scope: IdentityScope, slot: Slot): Fragment {
  const { fn } = scope.context.dialect
  const column = slotColumn(slot)
  const listed = sql`${column} in (select value from ${scope.ignored ?? tableOf(scope.temporary('ignored'))} where t = ${slot.type} and value is not null)`
  const patterns = slot.rule.ignorePatterns.map((pattern) => fn.matches(column, lit(pattern)))
  return join([...(slot.rule.ignore.length > 0 ? [listed] : []), ...patterns], ' or ')
}

/**
 * Several values of one type: each once and in order, so that rows with the same values are the same, in whatever
 * columns they stand. Absent values are empty text here; they come first.
 */
function orderedLayers(context: CompileContext, records: IdentityRecords): readonly Layer[] {
  const groups = [...new Set(records.slots.map((slot) => slot.type))]
    .map((type) => records.slots.filter((slot) => slot.type === type))
    .filter((slots) => slots.length > 1)
  if (groups.length === 0) return []
  const several = new Set(groups.flat())
  const kept = [
    ...records.slots.filter((slot) => !several.has(slot)).map(slotColumn),
    ...records.slots.filter((slot) => hasIgnored(slot.rule)).map(ignoredColumn),
  ]
  const longest = Math.max(...groups.map((slots) => slots.length))
  const layers = [layerOf([...kept, ...groups.flatMap(eachOnce)])]
  // Odd-even transposition: as many rounds as there are values put any order right.
  for (let round = 0; round < (longest === 2 ? 1 : longest); round += 1)
    layers.push(layerOf([...kept, ...groups.flatMap((slots) => transposed(context, slots, round % 2))]))
  const absent = [...several].map((slot) => sql`nullif(${slotColumn(slot)}, '') as ${slotColumn(slot)}`)
  return [...layers, layerOf([...kept, ...absent])]
}

function eachOnce(slots: readonly Slot[]): readonly Fragment[] {
  return slots.map((slot, index) => {
    const before = slots.slice(0, index).map(slotColumn)
    const column = slotColumn(slot)
    if (before.length === 0) return sql`coalesce(${column}, '') as ${column}`
    return sql`case when ${column} is null or ${column} in (${join(before, ', ')}) then '' else ${column} end as ${column}`
  })
}

function transposed(context: CompileContext, slots: readonly Slot[], start: number): readonly Fragment[] {
  const { fn } = context.dialect
  return slots.map((slot, index) => {
    const isLower = (index - start) % 2 === 0
    const other = slots[isLower ? index + 1 : index - 1]
    const column = slotColumn(slot)
    if (other === undefined || index < start) return column
    // Not `least`: the result would keep the collation by bytes, and engines refuse to compare two collations.
    const inOrder = sql`${fn.byBytes(column)} ${isLower ? sql`<=` : sql`>=`} ${fn.byBytes(slotColumn(other))}`
    return sql`case when ${inOrder} then ${column} else ${slotColumn(other)} end as ${column}`
  })
}

/**
 * The salt stands in the text that is hashed: beside it, engines would combine two hashes, and values that collide
 * under one salt would collide under all.
 */
export function saltedHash(context: CompileContext, salt: string, text: Fragment): Fragment {
  return context.dialect.fn.hash64(sql`${lit(salt)} || ${text}`)
}

/** Of a record its source and key, of an event its source and identifiers. */
function nodeHash(context: CompileContext, records: IdentityRecords, salt: number): Fragment {
  if (!records.isEvent) return id('row_hash')
  const hash = saltedHash(context, `${salt}|${records.source.name}|`, identifiersText(records))
  return sql`case when coalesce(${join(records.slots.map(slotColumn), ', ')}) is not null then ${hash} end`
}

/** Engines hash what is null, each in its own way. */
function recordHash(context: CompileContext, { source }: IdentityRecords, salt: number): Fragment {
  const hash = saltedHash(context, `${salt}|${source.name}|`, id('record_id'))
  return sql`case when record_id is not null then ${hash} end`
}

/**
 * The key of an event's node: a hash of its identifiers, so that it outlives an identifier type that is added and
 * that the event does not carry.
 */
export function eventKey(context: CompileContext, records: IdentityRecords): Fragment {
  return context.dialect.fn.md5Hex(identifiersText(records))
}

/** `email=a@example.com|phone=+33612345678|`, in the order of the types; what is absent is not there. */
function identifiersText(records: IdentityRecords): Fragment {
  const parts = records.slots.map(
    (slot) =>
      sql`case when ${slotColumn(slot)} is null then '' else ${lit(`${slot.rule.type}=`)} || ${escaped(slotColumn(slot))} || '|' end`,
  )
  return join(parts, ' || ')
}

export function escaped(text: Fragment): Fragment {
  return sql`replace(replace(${text}, ${lit('\\')}, ${lit('\\\\')}), ${lit('|')}, ${lit('\\|')})`
}

function layerOf(columns: readonly Fragment[]): Layer {
  return (from) => sql`select record_id, row_hash, content_hash, ${join(columns, ', ')}
  from (${from}) as ids`
}
