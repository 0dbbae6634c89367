/** What a plan must say and send, in plain TypeScript (design section 2, "What a sync means"). */
export interface Person {
  readonly email: string
  readonly fields: Fields
}

export type Fields = Readonly<Record<string, string | number | null>>

export interface Rules {
  /** The mapped fields, in any order. */
  readonly map: readonly string[]
  readonly nulls: 'clear' | 'skip'
  readonly onRemove: 'nothing' | 'delete'
  readonly resyncMs: number | undefined
  /** By field, the greatest move that is none; of at most `DIGITS` digits after the point. */
  readonly tolerance?: Readonly<Record<string, number>>
  readonly fields?: 'changed'
}

/** What is known of one key at the destination. */
interface Sent {
  /** As the row was when it was applied last, with the rules that it was sent under. */
  readonly fields: Fields
  readonly shape: string
  readonly sentAtMs: number
  readonly nulls: Rules['nulls']
  /** What each field was is known, not only that they were something else. */
  byField: boolean
  gone: boolean
}

export interface Planned {
  readonly op: 'add' | 'change' | 'remove'
  readonly fields: Fields
}

interface Figures {
  add: number
  change: number
  remove: number
  left: number
  unchanged: number
  resync: number
  withinTolerance: number
}

export class Oracle {
  readonly #sent = new Map<string, Sent>()
  /** The fields of which it is known for each, where it is. */
  #fieldNames: string | undefined

  plan(
    people: readonly Person[],
    rules: Rules,
    nowMs: number,
  ): { readonly rows: ReadonlyMap<string, Planned>; readonly figures: Figures } {
    const rows = new Map<string, Planned>()
    const figures: Figures = {
      add: 0,
      change: 0,
      remove: 0,
      left: 0,
      unchanged: 0,
      resync: 0,
      withinTolerance: 0,
    }
    for (const person of people) this.#planOne(person, rules, nowMs, { rows, figures })
    const present = new Set(people.map(({ email }) => email))
    for (const [email, { gone }] of this.#sent) {
      if (present.has(email)) continue
      if (rules.onRemove === 'delete') {
        figures.remove += 1
        rows.set(email, { op: 'remove', fields: {} })
      } else if (!gone) figures.left += 1
    }
    return { rows, figures }
  }

  /** Of what was planned, all but `rejected` was applied. */
  commit(
    people: readonly Person[],
    rules: Rules,
    nowMs: number,
    rejected: ReadonlySet<string>,
    { rows }: { readonly rows: ReadonlyMap<string, Planned> },
  ): void {
    const present = new Map(people.map((person) => [person.email, person]))
    this.#useFieldsOf(rules)
    for (const [email, { op }] of rows) {
      if (rejected.has(email)) continue
      if (op === 'remove') this.#sent.delete(email)
      else
        this.#sent.set(email, {
          fields: mapped(present.get(email)?.fields ?? {}, rules),
          shape: shapeOf(rules),
          sentAtMs: nowMs,
          nulls: rules.nulls,
          byField: rules.fields === 'changed',
          gone: false,
        })
    }
    // One that was to be removed, and is still there, is to be removed again.
    for (const [email, sent] of this.#sent)
      if (!present.has(email)) sent.gone ||= !rows.has(email)
      else if (!rows.has(email)) sent.gone = false
  }

  #planOne(
    { email, fields }: Person,
    rules: Rules,
    nowMs: number,
    { rows, figures }: { readonly rows: Map<string, Planned>; readonly figures: Figures },
  ): void {
    const now = mapped(fields, rules)
    const sent = this.#sent.get(email)
    const op = sent === undefined ? 'add' : differs(sent, now, rules) ? 'change' : 'unchanged'
    const isStale =
      op === 'unchanged' && rules.resyncMs !== undefined && (sent?.sentAtMs ?? 0) < nowMs - rules.resyncMs
    if (op === 'unchanged' && !isStale) {
      figures.unchanged += 1
      if (sent !== undefined && movesSince(sent, now, rules).some((move) => move !== 0n))
        figures.withinTolerance += 1
      return
    }
    if (isStale) figures.resync += 1
    figures[op === 'add' ? 'add' : 'change'] += 1
    const changed = sent === undefined || isStale ? {} : this.#changed(sent, now, rules)
    const told = Object.keys(changed).length > 0 ? changed : printed(now, rules)
    rows.set(email, { op: op === 'add' ? 'add' : 'change', fields: told })
  }

  /** Of `fields: changed`; nothing where what was sent is not known. */
  #changed(sent: Sent, now: Fields, rules: Rules): Fields {
    if (rules.fields !== 'changed' || !sent.byField || this.#fieldNames !== namesOf(rules)) return {}
    const moved = Object.entries(now).filter(
      ([name, value]) => sent.nulls !== rules.nulls || sent.fields[name] !== value,
    )
    return printed(Object.fromEntries(moved), rules)
  }

  /** Once others are sent, or no field by itself is remembered, what was known of each is of no use. */
  #useFieldsOf(rules: Rules): void {
    const names = rules.fields === 'changed' ? namesOf(rules) : undefined
    if (names !== this.#fieldNames) for (const sent of this.#sent.values()) sent.byField = false
    this.#fieldNames = names
  }
}

function namesOf({ map }: Rules): string {
  return [...map].sort().join()
}

function differs(sent: Sent, now: Fields, rules: Rules): boolean {
  const { tolerance = {} } = rules
  if (sent.shape !== shapeOf(rules)) return true
  if (rules.map.some((name) => !(name in tolerance) && sent.fields[name] !== now[name])) return true
  const most = Object.keys(tolerance).map((name) => exact(tolerance[name] ?? 0))
  return movesSince(sent, now, rules).some((move, at) => move === 'appeared' || move > (most[at] ?? 0n))
}

/** How far each number with a tolerance is from the one that was sent last, or that it came or went. */
function movesSince(
  { fields }: Sent,
  now: Fields,
  { tolerance = {} }: Rules,
): readonly (bigint | 'appeared')[] {
  return Object.keys(tolerance).map((name) => {
    const [before, after] = [fields[name] ?? null, now[name] ?? null]
    if (typeof before !== 'number' || typeof after !== 'number') return before === after ? 0n : 'appeared'
    const move = exact(after) - exact(before)
    return move < 0n ? -move : move
  })
}

const DIGITS = 6

/** Whole numbers, so that 0.8 - 0.7 is 0.1. */
function exact(value: number): bigint {
  const [whole = '0', part = ''] = Math.abs(value).toFixed(DIGITS).split('.')
  return (value < 0 ? -1n : 1n) * BigInt(whole + part)
}

/** What makes every row a change when it is another: the mapped fields, what missing ones mean, what has a tolerance. */
function shapeOf({ map, nulls, tolerance = {} }: Rules): string {
  return [[...map].sort(), nulls, Object.keys(tolerance).sort()].join(';')
}

/** Floats count to 12 digits. */
function mapped(fields: Fields, { map }: Rules): Fields {
  const value = (name: string) => {
    const found = fields[name] ?? null
    return typeof found === 'number' ? Number(found.toPrecision(12)) : found
  }
  return Object.fromEntries(map.map((name) => [name, value(name)]))
}

function printed(fields: Fields, { nulls }: Rules): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => nulls === 'clear' || value !== null))
}

/** What a destination must hold of a person, however it came there: the model's values, but for what is tolerated. */
export function holds(
  held: Readonly<Record<string, unknown>> | undefined,
  { fields }: Person,
  rules: Rules,
): boolean {
  const wanted = mapped(fields, rules)
  return rules.map.every((name) => {
    const [value = null, there = null] = [wanted[name], held?.[name]]
    if (value === null && rules.nulls === 'skip') return held !== undefined
    if (value === there) return held !== undefined
    const most = rules.tolerance?.[name]
    if (most === undefined || typeof value !== 'number' || typeof there !== 'number') return false
    const move = exact(value) - exact(there)
    return (move < 0n ? -move : move) <= exact(most)
  })
}
