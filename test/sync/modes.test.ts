import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import { forEachEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { type Lab, openLab } from '../support/sync-lab.ts'
import { type Fields, Oracle, type Person, type Rules } from './modes-oracle.ts'

const DAY_MS = 86_400_000

function project(url: string, sync: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 7}}
syncs:
  - name: out
    source: people
    to: hook.rows
    match: {email: email}
    guard: {max_rejected: 100%, max_remove: 100%}
    ${sync}
`
}

function yamlOf({ map, nulls, onRemove, resyncMs, tolerance }: Rules): string {
  return [
    `map: {${map.map((name) => `${name}: ${name}`).join(', ')}}`,
    `nulls: ${nulls}`,
    `on_remove: ${onRemove}`,
    ...(tolerance === undefined ? [] : [`tolerance: ${JSON.stringify(tolerance)}`]),
    ...(resyncMs === undefined ? [] : [`resync: ${resyncMs / DAY_MS} days`]),
  ].join('\n    ')
}

const TABLE =
  'create table people (id integer, email varchar(100), city varchar(100), score double precision, visits integer)'

/** The real time, moved by as much as a test says. */
class MovedClock implements Clock {
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
        return { ...fields, score: random.chance(20) ? null : Number(score) + (random.below(5) - 2) / 10 }
      // Adds only what the last digits of a float hold: no change.
      default:
        return { ...fields, score: typeof score === 'number' ? score + 1e-15 : (score ?? null) }
    }
  }
}

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

function figuresOf({ add, change, remove, left, unchanged, resync = 0, withinTolerance = 0 }: SyncResult) {
  return { add, change, remove, left, unchanged, resync, withinTolerance }
}

const sorted = <T>(entries: Iterable<readonly [string, T]>) =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1))

const ALL = ['city', 'score', 'visits']
const PLAIN: Rules = { map: ALL, nulls: 'clear', onRemove: 'nothing', resyncMs: undefined }

/** By seed, the rules that a random history runs under, one after the other. */
const HISTORIES: readonly (readonly Rules[])[] = [
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
]

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  for (const [seed, rulesInTurn] of HISTORIES.entries())
    test(name(`random history ${seed} is planned, sent and counted as plain code says`), async (t) => {
      const receiver = await startReceiver(t)
      const random = new Random(seed + 1)
      const [oracle, world, clock] = [new Oracle(), new World(random), new MovedClock()]
      const lab = await openLab(t, engine, open, project(receiver.url, 'map: {city: city}'))
      await lab.sql(TABLE)
      for (let step = 0; step < 14; step += 1) {
        const rules = rulesInTurn[Math.floor(step / 4) % rulesInTurn.length] ?? PLAIN
        lab.use(project(receiver.url, yamlOf(rules)))
        if (!random.chance(20)) world.move()
        clock.move(random.below(12) * DAY_MS + 3_600_000)
        await world.write(lab)
        const people = world.people()
        const nowMs = clock.nowMs()
        const planned = oracle.plan(people, rules, nowMs)
        // Every second time at most, so that a rejected row is tried again before it has to wait.
        const rejected = new Set(
          step % 2 === 1 && random.chance(60) ? people.map(({ email }) => email).slice(0, 3) : [],
        )
        receiver.clear()
        receiver.reply = answering(receiver, rejected)
        const result = await lab.sync('out', { clock })
        const told = `step ${step}`
        assert.equal(result.error, undefined, told)
        assert.deepEqual(figuresOf(result), planned.figures, told)
        const sent = receiver.changes.map(
          ({ op, key, fields }) => [key.email ?? '', { op, fields }] as [string, unknown],
        )
        assert.deepEqual(sorted(sent), sorted(planned.rows), told)
        oracle.commit(people, rules, nowMs, rejected, planned)
      }
    })

  test(name('rows that were sent long ago are sent again, and no guard counts them'), async (t) => {
    const receiver = await startReceiver(t)
    const clock = new MovedClock()
    const sync = 'map: {city: city}\n    resync: 30 days'
    const yaml = project(receiver.url, sync).replace('guard: {', 'guard: {max_change: 1, ')
    const lab = await openLab(t, engine, open, yaml)
    await lab.sql(
      TABLE,
      "insert into people values (1, 'a@x', 'A', 1, 1), (2, 'b@x', 'B', 1, 1), (3, 'c@x', 'C', 1, 1)",
    )
    assert.equal((await lab.sync('out', { clock })).add, 3)
    clock.move(29 * DAY_MS)
    await lab.sql("update people set city = 'AA' where id = 1")
    const second = await lab.sync('out', { clock })
    assert.deepEqual([second.change, second.resync, second.unchanged, second.applied], [1, 0, 2, 1])
    clock.move(2 * DAY_MS)
    const third = await lab.sync('out', { clock })
    assert.deepEqual([third.error, third.change, third.resync, third.unchanged], [undefined, 2, 2, 1])
    const fourth = await lab.sync('out', { clock })
    assert.deepEqual([fourth.change, fourth.resync, fourth.unchanged], [0, 0, 3])
    assert.deepEqual(
      await lab.rows(
        'select change_rows, resync from (select changes as change_rows, resync from sluice.sync_runs) as s order by 1, 2',
      ),
      [
        { change_rows: 0, resync: 0 },
        { change_rows: 0, resync: 0 },
        { change_rows: 1, resync: 0 },
        { change_rows: 2, resync: 2 },
      ],
    )
  })
})
