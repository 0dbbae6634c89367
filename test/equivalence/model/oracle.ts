import { Temporal } from 'temporal-polyfill'
import type { Raw } from './raw.ts'
import { type Cell, type Kind, type Record_, SHAPES, type World } from './world.ts'

/**
 * What the language means, in plain TypeScript over rows in memory: written from the design's words, not from the
 * compiler. A value carries its kind, because the engines know the types of their columns.
 */
export interface Typed {
  readonly cell: Cell
  readonly kind: Kind
}

/** A row that reaches a customer, or a store. */
export interface Reached {
  readonly owner: string
  readonly at: number | null
  readonly row: Record_
  readonly key: string
}

export class Oracle {
  readonly #world: World
  readonly #asOf: number
  readonly #reached = new Map<string, readonly Reached[]>()
  /** Traits and fields by customer, filled by whoever tests them. */
  readonly profile = new Map<string, Map<string, Typed>>()
  readonly segments = new Map<string, ReadonlySet<string>>()
  /** The user's own SQL, by its text. */
  readonly sqlMeaning: ReadonlyMap<string, (row: Record_) => boolean>

  constructor(world: World, sqlMeaning: ReadonlyMap<string, (row: Record_) => boolean> = new Map()) {
    this.#world = world
    this.#asOf = Date.parse(world.asOf)
    this.sqlMeaning = sqlMeaning
    for (const customer of world.customers) this.profile.set(customer, new Map())
  }

  /** Rows of a source that reach a customer and exist. */
  reached(source: string): readonly Reached[] {
    const known = this.#reached.get(source)
    if (known !== undefined) return known
    const found = (this.#world.rows[source] ?? []).flatMap((row) => {
      const end = this.#follow(source, row)
      if (end === undefined) return []
      return [{ owner: end.owner, at: end.at, row, key: String(row[SHAPES[source]?.key ?? '']) }]
    })
    this.#reached.set(source, found)
    return found
  }

  of(source: string, customer: string): readonly Reached[] {
    return this.reached(source).filter((one) => one.owner === customer)
  }

  #follow(source: string, row: Record_): { owner: string; at: number | null } | undefined {
    const shape = SHAPES[source]
    const own = shape?.occurredAt === undefined ? null : (row[shape.occurredAt] as number | null)
    if (own !== null && own >= this.#asOf) return undefined
    const customer = this.#world.identity.get(`${source} ${row.id}`)
    if (source === 'people' || source === 'events')
      return customer === undefined ? undefined : { owner: customer, at: own }
    const parent = this.#world.rows.events?.find((event) => String(event.id) === String(row.event_id))
    if (row.event_id === null || parent === undefined) return undefined
    const end = this.#follow('events', parent)
    return end === undefined ? undefined : { owner: end.owner, at: own ?? end.at }
  }

  members(condition: Raw): ReadonlySet<string> {
    return new Set(this.#world.customers.filter((customer) => this.holds(condition, customer)))
  }

  /** A condition of an entity. */
  holds(condition: Raw, customer: string): boolean {
    if (condition.all) return condition.all.every((one) => this.holds(one, customer))
    if (condition.any) return condition.any.some((one) => this.holds(one, customer))
    if (condition.not) return !this.holds(condition.not, customer)
    if (condition.segment !== undefined) return this.segments.get(condition.segment)?.has(customer) === true
    if (condition.trait !== undefined) return this.test(this.value(customer, condition.trait), condition)
    if (condition.sequence) return this.#sequence(condition, customer)
    if (condition.event !== undefined) return this.#event(condition, customer)
    if (condition.top !== undefined || condition.bottom !== undefined) return this.#rank(condition, customer)
    throw new Error(`no meaning for ${JSON.stringify(condition)}`)
  }

  value(customer: string, name: string): Typed {
    return this.profile.get(customer)?.get(name) ?? { cell: null, kind: 'text' }
  }

  /** A condition of a row. */
  rowHolds(condition: Raw, source: string, row: Record_): boolean {
    if (condition.all) return condition.all.every((one) => this.rowHolds(one, source, row))
    if (condition.any) return condition.any.some((one) => this.rowHolds(one, source, row))
    if (condition.not) return !this.rowHolds(condition.not, source, row)
    if (condition.sql !== undefined) return this.sqlMeaning.get(condition.sql)?.(row) === true
    return this.test(typed(source, row, condition.column ?? ''), condition)
  }

  /** The rows that `within`, `between` and `where` leave. */
  filtered(source: string, customer: string, filter: Raw): readonly Reached[] {
    return this.of(source, customer).filter(({ at, row }) => {
      if (filter.within !== undefined && !this.#inWindow(at, filter.within)) return false
      if (filter.between !== undefined) {
        const [from = '', to = ''] = filter.between.map(String)
        if (at === null || at < timeOf(from) || at >= timeOf(to)) return false
      }
      return filter.where === undefined || this.rowHolds(filter.where, source, row)
    })
  }

  #event(condition: Raw, customer: string): boolean {
    const source = condition.event ?? ''
    const rows = this.filtered(source, customer, condition).map((one) => one.row)
    for (const kind of ['sum', 'avg', 'min', 'max', 'count_distinct'] as const) {
      const measure = condition[kind]
      if (measure === undefined) continue
      return this.test(aggregate(kind, source, measure.column ?? '', rows), measure)
    }
    const test = typeof condition.count === 'object' ? condition.count : { gte: 1 }
    return this.test({ cell: rows.length, kind: 'integer' }, test)
  }

  test(value: Typed, test: Raw): boolean {
    if (test.ne !== undefined) return !this.test(value, { eq: test.ne })
    if (test.not_in !== undefined) return !this.test(value, { in: test.not_in })
    if (test.is_null !== undefined) return (value.cell === null) === test.is_null
    if (value.cell === null) return false
    if (test.eq !== undefined) return compare(value, test.eq) === 0
    if (test.gt !== undefined) return compare(value, test.gt) > 0
    if (test.gte !== undefined) return compare(value, test.gte) >= 0
    if (test.lt !== undefined) return compare(value, test.lt) < 0
    if (test.lte !== undefined) return compare(value, test.lte) <= 0
    if (test.in !== undefined) return test.in.some((literal) => compare(value, literal) === 0)
    if (test.between !== undefined) {
      const [low = '', high = ''] = test.between
      const isTimes = isIso(low) && isIso(high) && timeIn(value) !== null
      if (isTimes) return compare(value, low) >= 0 && compare(value, high) < 0
      return compareAs(value, low, isIso(high)) >= 0 && compareAs(value, high, isIso(low)) <= 0
    }
    const text = textOf(value)
    if (test.contains !== undefined) return text.includes(test.contains)
    if (test.starts_with !== undefined) return text.startsWith(test.starts_with)
    if (test.ends_with !== undefined) return text.endsWith(test.ends_with)
    if (test.matches !== undefined) return regexOf(test.matches).test(text)
    if (test.before !== undefined) return Number(value.cell) < timeOf(test.before)
    if (test.after !== undefined) return Number(value.cell) >= timeOf(test.after)
    if (test.within !== undefined) return this.#inWindow(Number(value.cell), test.within)
    throw new Error(`no meaning for ${JSON.stringify(test)}`)
  }

  #inWindow(at: number | null, window: string): boolean {
    if (at === null) return false
    if (window.startsWith('next ')) return at >= this.#asOf && at < this.#step(this.#asOf, window.slice(5), 1)
    return at >= this.#step(this.#asOf, window, -1) && at < this.#asOf
  }

  /** Hours and days are lengths; months and years the calendar's, a local time that repeats being the later. */
  #step(from: number, window: string, direction: number): number {
    const [amount = '', unit = ''] = window.split(' ')
    const count = Number(amount) * direction
    if (unit.startsWith('hour')) return from + count * 3_600_000
    if (unit.startsWith('day')) return from + count * 86_400_000
    const local = Temporal.Instant.fromEpochMilliseconds(from)
      .toZonedDateTimeISO(this.#world.timezone)
      .toPlainDateTime()
    const moved = local.add(unit.startsWith('month') ? { months: count } : { years: count })
    return moved.toZonedDateTime(this.#world.timezone, { disambiguation: 'later' }).epochMilliseconds
  }

  #rank(condition: Raw, customer: string): boolean {
    const name = condition.top ?? condition.bottom ?? ''
    const ranked = this.#world.customers
      .flatMap((id) => {
        const value = this.value(id, name)
        return value.cell === null ? [] : [{ id, value }]
      })
      .sort((a, b) => {
        const order = compareValues(a.value, b.value)
        return (condition.top === undefined ? order : -order) || byBytes(a.id, b.id)
      })
    const size =
      condition.percent === undefined
        ? Number(condition.count)
        : Math.ceil((Math.round(condition.percent * 100) * ranked.length) / 10_000)
    return ranked.slice(0, size).some((one) => one.id === customer)
  }

  /** Tries every choice of rows. */
  #sequence(condition: Raw, customer: string): boolean {
    const steps = condition.sequence ?? []
    const column = condition.same
    const rowsFor = (step: Raw, shared: string | undefined) =>
      this.filtered(
        step.event ?? step.no_event ?? '',
        customer,
        step.where ? { where: step.where } : {},
      ).filter(({ row, at }) => {
        if (at === null && steps.length > 1) return false
        if (column === undefined) return true
        const value = row[column] ?? null
        return value !== null && (shared === undefined || String(value) === shared)
      })
    const search = (
      index: number,
      previous: number | undefined,
      none: readonly Raw[],
      shared: string | undefined,
    ): boolean => {
      const step = steps[index]
      if (step === undefined) return true
      if (step.no_event !== undefined && step.within === undefined)
        return search(index + 1, previous, [...none, step], shared)
      if (step.no_event !== undefined) {
        const start = previous ?? 0
        const end = this.#step(start, step.within ?? '', 1)
        if (end >= this.#asOf) return false
        const broken = rowsFor(step, shared).some(({ at }) => at !== null && at > start && at <= end)
        return !broken && search(index + 1, previous, none, shared)
      }
      return rowsFor(step, shared).some(({ at, row }) => {
        if (previous !== undefined) {
          if (at === null || at <= previous) return false
          if (step.within !== undefined && at > this.#step(previous, step.within, 1)) return false
        }
        const chosen = column === undefined ? undefined : String(row[column])
        const broken = none.some((one) =>
          rowsFor(one, chosen).some(
            (row) => row.at !== null && at !== null && row.at > (previous ?? 0) && row.at < at,
          ),
        )
        return !broken && search(index + 1, at ?? undefined, [], chosen)
      })
    }
    return search(0, undefined, [], undefined)
  }
}

export function typed(source: string, row: Record_, column: string): Typed {
  return { cell: row[column] ?? null, kind: SHAPES[source]?.columns[column] ?? 'text' }
}

export function aggregate(kind: string, source: string, column: string, rows: readonly Record_[]): Typed {
  const values = rows.map((row) => typed(source, row, column)).filter((value) => value.cell !== null)
  const own = values[0]?.kind ?? SHAPES[source]?.columns[column] ?? 'text'
  const numbers = values.map((value) => Number(value.cell))
  const sum =
    own === 'decimal'
      ? numbers.reduce((a, b) => a + Math.round(b * 100), 0) / 100
      : numbers.reduce((a, b) => a + b, 0)
  if (kind === 'count_distinct')
    return {
      cell: new Set(values.map((value) => (value.kind === 'float' ? Number(value.cell) + 0 : value.cell)))
        .size,
      kind: 'integer',
    }
  if (values.length === 0) return { cell: null, kind: own }
  if (kind === 'sum') return { cell: sum, kind: own }
  if (kind === 'avg') return { cell: sum / values.length, kind: 'float' }
  const sorted = [...values].sort(compareValues)
  return (kind === 'min' ? sorted[0] : sorted.at(-1)) ?? { cell: null, kind: own }
}

export function mostFrequent(values: readonly Typed[]): Typed | undefined {
  const counts = new Map<string, { value: Typed; times: number }>()
  for (const value of values) {
    const key = String(value.cell)
    const found = counts.get(key) ?? { value, times: 0 }
    counts.set(key, { value: found.value, times: found.times + 1 })
  }
  return [...counts.values()].sort((a, b) => b.times - a.times || compareValues(a.value, b.value))[0]?.value
}

export function compareValues(a: Typed, b: Typed): number {
  if (typeof a.cell === 'string') return byBytes(a.cell, String(b.cell))
  return Number(a.cell) - Number(b.cell)
}

export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** -1, 0 or 1; NaN, which is in no order, never comes up. */
function compare(value: Typed, literal: string | number | boolean): number {
  return compareAs(value, literal, true)
}

/** The literal says how: numbers and booleans as they are, texts that are times as times where the value is one. */
function compareAs(value: Typed, literal: string | number | boolean, mayBeTime: boolean): number {
  if (typeof literal !== 'string') return Math.sign(Number(value.cell) - Number(literal))
  const time = mayBeTime && isIso(literal) ? timeIn(value) : null
  return time === null ? byBytes(textOf(value), literal) : Math.sign(time - timeOf(literal))
}

function timeIn(value: Typed): number | null {
  if (value.kind === 'timestamp' || value.kind === 'zoned' || value.kind === 'date') return Number(value.cell)
  return typeof value.cell === 'string' && isIso(value.cell) ? timeOf(value.cell) : null
}

function isIso(text: unknown): boolean {
  if (typeof text !== 'string') return false
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?Z?)?$/.test(text)) return false
  return new Date(timeOf(text)).toISOString().startsWith(text.slice(0, 10))
}

function timeOf(text: string): number {
  return Date.parse(text.length > 10 && !text.endsWith('Z') ? `${text}Z` : text)
}

export function textOf({ cell, kind }: Typed): string {
  if (kind === 'decimal') return Number(cell).toFixed(2)
  if (kind === 'date') return new Date(Number(cell)).toISOString().slice(0, 10)
  if (kind === 'timestamp') return shortFraction(cell)
  if (kind === 'zoned') return `${shortFraction(cell)}+00`
  return String(cell)
}

/** `2026-01-01 08:00:00.5`: the fraction without zeros at its end. */
function shortFraction(cell: Cell): string {
  const iso = new Date(Number(cell)).toISOString()
  const fraction = iso.slice(20, 23).replace(/0+$/, '')
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction === '' ? '' : `.${fraction}`}`
}

function regexOf(pattern: string): RegExp {
  return pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'iu') : new RegExp(pattern, 'u')
}
