import assert from 'node:assert/strict'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import type { Random } from '../support/random.ts'
import type { Receiver } from '../support/receiver.ts'
import { FAST, type Lab } from '../support/sync-lab.ts'
import { type Fields, holds, Oracle, type Person, type Planned, type Rules } from './modes-oracle.ts'

export const DAY_MS = 86_400_000

export function project(url: string, sync: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 3}}
syncs:
  - name: out
    source: people
    to: hook.rows
    match: {email: email}
    guard: {max_rejected: 100%, max_remove: 100%}
    ${sync}
`
}

function yamlOf({ map, nulls, onRemove, resyncMs, tolerance, fields }: Rules): string {
  return [
    `map: {${map.map((name) => `${name}: ${name}`).join(', ')}}`,
    `nulls: ${nulls}`,
    `on_remove: ${onRemove}`,
    'resume_within: 400d',
    ...(fields === undefined ? [] : [`fields: ${fields}`]),
    ...(tolerance === undefined ? [] : [`tolerance: ${JSON.stringify(tolerance)}`]),
    ...(resyncMs === undefined ? [] : [`resync: ${resyncMs / DAY_MS} days`]),
  ].join('\n    ')
}

export const TABLE =
  'create table people (id integer, email varchar(100), city varchar(100), score double precision, visits integer)'

/** The real time, moved by as much as a test says. */
export class MovedClock implements Clock {
  #movedMs = 0
  nowMs = () => systemClock.nowMs() + this.#movedMs
  monotonicMs = () => systemClock.monotonicMs()
  sleep = (ms: number, signal?: AbortSignal) => systemClock.sleep(ms, signal)

  move(ms: number): void {
    this.#movedMs += ms
  }
}

const CITIES = ['Paris', 'Rome', 'Zürich, CH', '', null]

/** A made-up model that moves by small steps, so that most rows stay as they are. */
class World {
  readonly #random: Random
  readonly #people = new Map<string, Fields>()

  constructor(random: Random) {
    this.#random = random
  }

  people(): readonly Person[] {
    return [...this.#people].map(([email, fields]) => ({ email, fields }))
  }

  move(): void {
    const random = this.#random
    for (let id = 1; id <= 12; id += 1) {
      const email = `p${id}@x.example`
      const fields = this.#people.get(email)
      if (random.chance(12)) this.#people.delete(email)
      else if (fields === undefined && random.chance(60)) this.#people.set(email, this.#made())
      else if (fields !== undefined && random.chance(30)) this.#people.set(email, this.#moved(fields))
    }
  }

  async write(lab: Lab): Promise<void> {
    const cell = (value: string | number | null) => (typeof value === 'string' ? `'${value}'` : String(value))
    const rows = this.people().map(
      ({ email, fields }, at) =>
        `(${at}, '${email}', ${['city', 'score', 'visits'].map((name) => cell(fields[name] ?? null)).join(', ')})`,
    )
    await lab.sql('delete from people')
    if (rows.length > 0) await lab.sql(`insert into people values ${rows.join(', ')}`)
  }

  #made(): Fields {
    const random = this.#random
    return { city: random.pick(CITIES), score: random.below(30) / 10, visits: random.below(5) }
  }

  #moved(fields: Fields): Fields {
    const random = this.#random
    const { score, visits } = fields
    switch (random.below(4)) {
      case 0:
        return { ...fields, city: random.pick(CITIES) }
      case 1:
        return { ...fields, visits: random.chance(20) ? null : Number(visits) + random.below(3) - 1 }
      case 2:
        return {
          ...fields,
          score: random.chance(20) ? null : tenths(Number(score) + (random.below(5) - 2) / 10),
        }
      // Another last bit of a float: no change.
      default:
        return { ...fields, score: typeof score === 'number' ? score * (1 + 2 ** -52) : (score ?? null) }
    }
  }
}

const tenths = (value: number) => Math.round(value * 10) / 10

/** Answers for each row; those of `rejected` are refused. */
function answering(receiver: Receiver, rejected: ReadonlySet<string>): Receiver['reply'] {
  return ({ changes }) => {
    const isRefused = (key: Readonly<Record<string, string>>) => rejected.has(key.email ?? '')
    receiver.take(changes.filter(({ key }) => !isRefused(key)))
    const results = changes.map(({ key }) =>
      isRefused(key) ? { status: 'rejected', error: 'no' } : { status: 'applied' },
    )
    return { status: 200, body: { results } }
  }
}

const sorted = <T>(entries: Iterable<readonly [string, T]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1))

/** An earlier run that stopped before its plan was sent. */
interface Pending {
  readonly people: readonly Person[]
  readonly rules: Rules
  readonly planned: ReturnType<Oracle['plan']>
  readonly runId: string
  /** Rows that the destination took. */
  readonly taken: ReadonlySet<string>
}

/** What happened in any history: a test of what never happens proves nothing. */
export const seen = new Set<string>()

/** A sync that is run again and again, beside an oracle that says what each run must do. */
export class History {
  readonly #lab: Lab
  readonly #receiver: Receiver
  readonly #random: Random
  readonly #oracle = new Oracle()
  readonly #world: World
  readonly #clock = new MovedClock()
  #pending: Pending | undefined
  /** Keys that a plan was given up for: the destination may have them or not, so they may be sent once more. */
  readonly #uncertain = new Set<string>()

  constructor(lab: Lab, receiver: Receiver, random: Random) {
    this.#lab = lab
    this.#receiver = receiver
    this.#random = random
    this.#world = new World(random)
  }

  async step(step: number, rules: Rules): Promise<void> {
    const random = this.#random
    this.#lab.use(project(this.#receiver.url, yamlOf(rules)))
    if (!random.chance(20)) this.#world.move()
    this.#clock.move(random.below(12) * DAY_MS + 3_600_000)
    await this.#world.write(this.#lab)
    this.#receiver.clear()
    const settled = this.#settle(rules)
    const people = this.#world.people()
    const planned = this.#oracle.plan(people, rules, this.#clock.nowMs())
    const run = { people, rules, planned, settled, told: `step ${step}` }
    const mayStop = settled === undefined && this.#uncertain.size === 0
    if (mayStop && random.chance(35)) await this.#stopped(run)
    // Every second time at most, so that a rejected row is tried again before it has to wait.
    else await this.#whole(run, step % 2 === 1 && random.chance(60) ? 3 : 0)
  }

  /** What the next run does first with a plan that was not sent to its end, as the oracle is told of it. */
  #settle(rules: Rules): Pending | undefined {
    const pending = this.#pending
    if (pending === undefined) return undefined
    const { people, planned, taken } = pending
    const isResumed = rules === pending.rules
    const lost = [...planned.rows.keys()].filter((email) => !isResumed && !taken.has(email))
    for (const email of lost) this.#uncertain.add(email)
    this.#oracle.commit(people, pending.rules, this.#clock.nowMs(), new Set(lost), planned)
    this.#pending = undefined
    seen.add(isResumed ? 'resumed' : 'dropped')
    return isResumed ? pending : undefined
  }

  /** A run that is stopped after a request or two. */
  async #stopped(run: Run): Promise<void> {
    const [receiver, stop] = [this.#receiver, new AbortController()]
    const requests = 1 + this.#random.below(2)
    receiver.reply = ({ changes }) => {
      receiver.take(changes)
      if (receiver.requests.length >= requests) stop.abort()
      return { status: 200 }
    }
    const delivery = { ...FAST, window: 1 }
    const result = await this.#lab.sync('out', { clock: this.#clock, signal: stop.signal, delivery })
    if (result.error === undefined) return this.#check(run, result, new Set())
    assert.equal(result.error.code, 'SLU7011', run.told)
    const taken = new Set(receiver.changes.map(({ key }) => key.email ?? ''))
    this.#pending = { ...run, taken, runId: receiver.requests[0]?.run_id ?? '' }
  }

  async #whole(run: Run, rejects: number): Promise<void> {
    const rejected = new Set(run.people.map(({ email }) => email).slice(0, rejects))
    this.#receiver.reply = answering(this.#receiver, run.settled === undefined ? rejected : new Set())
    const result = await this.#lab.sync('out', { clock: this.#clock })
    assert.equal(result.error, undefined, run.told)
    if (result.rejected > 0) seen.add('rejected')
    this.#check(run, result, run.settled === undefined ? rejected : new Set())
  }

  #check(run: Run, result: SyncResult, rejected: ReadonlySet<string>): void {
    const { people, rules, planned, settled, told } = run
    if (this.#uncertain.size === 0) assert.deepEqual(figuresOf(result), figuresWith(run), told)
    const own = this.#sentBy((runId) => runId !== settled?.runId)
    assert.deepEqual(this.#certain(own), this.#certain(planned.rows), told)
    for (const email of planned.rows.keys()) assert.ok(own.has(email), `${told}: ${email}`)
    if (settled !== undefined) {
      const earlier = this.#sentBy((runId) => runId === settled.runId)
      for (const [email, row] of settled.planned.rows)
        assert.deepEqual(earlier.get(email) ?? (settled.taken.has(email) ? row : undefined), row, told)
    }
    this.#oracle.commit(people, rules, this.#clock.nowMs(), rejected, { rows: own })
    for (const email of own.keys()) if (!rejected.has(email)) this.#uncertain.delete(email)
    if ((result.withinTolerance ?? 0) > 0) seen.add('near')
    if ([...own.values()].some(({ fields }) => Object.keys(fields).length % rules.map.length > 0))
      seen.add('part')
    if (rejected.size === 0) this.#checkHeld(people, rules, told)
  }

  /** Whatever came before, the destination holds the model now. */
  #checkHeld(people: readonly Person[], rules: Rules, told: string): void {
    const { rows } = this.#receiver
    for (const person of people)
      assert.ok(
        holds(rows.get(person.email), person, rules),
        `${told}: ${JSON.stringify([person, rows.get(person.email)])}`,
      )
    const present = new Set(people.map(({ email }) => email))
    if (rules.onRemove === 'delete')
      for (const email of rows.keys()) assert.ok(present.has(email), `${told}: ${email}`)
  }

  #certain(rows: ReadonlyMap<string, Planned>) {
    return sorted([...rows].filter(([email]) => !this.#uncertain.has(email)))
  }

  #sentBy(isMeant: (runId: string) => boolean): ReadonlyMap<string, Planned> {
    const requests = this.#receiver.requests.filter((request) => isMeant(request.run_id))
    const changes = requests.flatMap((request) => request.changes)
    return new Map(changes.map(({ op, key, fields }) => [key.email ?? '', { op, fields: fields as Fields }]))
  }
}

interface Run {
  readonly people: readonly Person[]
  readonly rules: Rules
  readonly planned: ReturnType<Oracle['plan']>
  /** A plan that this run finishes first. */
  readonly settled: Pending | undefined
  readonly told: string
}

function figuresOf({ add, change, remove, left, unchanged, resync = 0, withinTolerance = 0 }: SyncResult) {
  return { add, change, remove, left, unchanged, resync, withinTolerance }
}

/** What an earlier plan sends counts with what this one does. */
function figuresWith({ planned: { figures }, settled }: Run) {
  const earlier = settled?.planned.figures ?? { add: 0, change: 0, remove: 0, resync: 0 }
  return {
    ...figures,
    add: figures.add + earlier.add,
    change: figures.change + earlier.change,
    remove: figures.remove + earlier.remove,
    resync: figures.resync + earlier.resync,
  }
}

const ALL = ['city', 'score', 'visits']
export const PLAIN: Rules = { map: ALL, nulls: 'clear', onRemove: 'nothing', resyncMs: undefined }

/** By seed, the rules that a random history runs under, one after the other. */
export const HISTORIES: readonly (readonly Rules[])[] = [
  [PLAIN, { ...PLAIN, nulls: 'skip' }, { ...PLAIN, map: ['city', 'score'] }],
  [{ ...PLAIN, resyncMs: 30 * DAY_MS }],
  [
    { ...PLAIN, resyncMs: 10 * DAY_MS, onRemove: 'delete' },
    { ...PLAIN, onRemove: 'delete' },
  ],
  [{ ...PLAIN, tolerance: { score: 0.2, visits: 1 } }],
  // Added, widened, narrowed, taken out, and with all else that may send a row.
  [PLAIN, { ...PLAIN, tolerance: { score: 0.1 } }, { ...PLAIN, tolerance: { score: 0.3 } }, PLAIN],
  [
    { ...PLAIN, tolerance: { visits: 2, score: 0 }, resyncMs: 10 * DAY_MS },
    { ...PLAIN, tolerance: { visits: 1, score: 0.2 }, nulls: 'skip', onRemove: 'delete' },
  ],
  [{ ...PLAIN, fields: 'changed' }],
  // Turned off and on again, with other fields meanwhile, and with other nulls.
  [
    { ...PLAIN, fields: 'changed' },
    PLAIN,
    { ...PLAIN, fields: 'changed', map: ['city', 'visits'] },
    { ...PLAIN, fields: 'changed', nulls: 'skip' },
  ],
  [
    { ...PLAIN, fields: 'changed', tolerance: { score: 0.2, visits: 1 }, resyncMs: 20 * DAY_MS },
    { ...PLAIN, fields: 'changed', tolerance: { score: 0.1 }, onRemove: 'delete' },
    { ...PLAIN, fields: 'changed', tolerance: { score: 0.1 }, nulls: 'skip', onRemove: 'delete' },
  ],
]
