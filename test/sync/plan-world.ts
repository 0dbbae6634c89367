import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { Batch, ConnectorEntry, Receipt } from '../../src/connector/types.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { makeCrm } from '../support/crm.ts'
import type { Random } from '../support/random.ts'
import { FAST, type LabEngine, labOn } from '../support/sync-lab.ts'
import { EDGE_STEPS, EXACT, type Step } from './plan-edges.ts'

/**
 * Three syncs that share the contacts of one destination, over people who share keys, have none, withdraw one consent or
 * both, come back, and are refused now and then; in batches of few rows and bytes. What each run told and sent, in order.
 */
export async function playPlans(
  warehouse: Warehouse,
  engine: LabEngine,
  random: Random,
  over: () => void,
): Promise<readonly string[]> {
  const world = await openWorld(warehouse, engine, over)
  let people: People = new Map()
  for (let step = 0; step < STEPS; step += 1) {
    people = step === FEW_LEFT ? new Map([...people].slice(0, 6)) : changed(random, people)
    const refused = EMAILS.filter(() => random.chance(step % 3 === 0 ? 0 : 25))
    // As long as it takes until a refused row has to wait, and on.
    if (step < STEPS - 2) refused.push(...STUBBORN)
    await world.move({ hours: HOURS[step] ?? 0, people: [...people.values()], refused })
    const limit = random.chance(25) || step === FEW_LEFT ? { limit: 3 } : {}
    for (const sync of THREE) await world.deliver(sync, limit)
  }
  return world.told
}

/** The same of what chance does not meet, with a fourth sync. */
export async function playPlanEdges(
  warehouse: Warehouse,
  engine: LabEngine,
  over: () => void,
): Promise<readonly string[]> {
  const world = await openWorld(warehouse, engine, over)
  for (const step of EDGE_STEPS) {
    await world.move(step)
    for (const sync of [...THREE, 'exact']) await world.deliver(sync)
  }
  return world.told
}

async function openWorld(warehouse: Warehouse, engine: LabEngine, over: () => void) {
  const { connectors, refused, sent } = strictCrm()
  const lab = await labOn(warehouse, engine, YAML, { connectors })
  await lab.sql(TABLE)
  let movedMs = 0
  // The times of runs are in what is planned; the machine's own clock would make other plans every time.
  const clock: Clock = { ...systemClock, nowMs: () => START_MS + movedMs }
  const told: string[] = []
  return {
    told,
    async move(step: Step): Promise<void> {
      movedMs += step.hours * 3_600_000
      await lab.sql('delete from people', `insert into people values ${step.people.join(', ')}`)
      refused.clear()
      for (const email of step.refused) refused.add(email)
    },
    async deliver(sync: string, limit: { readonly limit?: number } = {}): Promise<void> {
      const result = await lab.sync(sync, { clock, delivery: { ...FAST, window: 1 }, ...limit })
      const { status, add, change, remove, left, unchanged, held, heldBy, rejected, error } = result
      told.push(JSON.stringify([movedMs, sync, status, add, change, remove, left, unchanged, held, heldBy]))
      told.push(JSON.stringify([rejected, error?.code, sent.splice(0).sort()]))
      over()
    },
  }
}

const THREE = ['all', 'few', 'near']
const STEPS = 9
/** Before each step: a row that is refused again and again has to wait after the fourth, and may go at the seventh. */
const HOURS = [3, 30, 3, 3, 3, 3, 18, 3, 400]
const PEOPLE = 20
/** More leave than a run may remove. */
const FEW_LEFT = 5
const START_MS = Date.parse('2026-01-01T00:00:00.000Z')

const TABLE =
  'create table people (id integer, person integer, email varchar(100), city varchar(400), score double precision, ok boolean, news boolean)'

const YAML = `sources:
  - {name: people, table: people, primary_key: id}
entities:
  - name: person
    source: people
    key: person
    profile:
      email: {from: [people.email], pick: most_recent}
      city: {from: [people.city], pick: most_recent}
      score: {from: [people.score], pick: max}
      ok: {from: [people.ok], pick: most_recent}
      news: {from: [people.news], pick: most_recent}
segments:
  - {name: locals, entity: person, where: {trait: score, gt: 2}}
destinations:
  - {name: crm, connector: crm, consent: {require: {trait: ok, eq: true}}}
syncs:
  - {name: all, entity: person, to: crm.contacts, match: {email: email}, map: {city: city}, consent: {require: {trait: news, eq: true}}, guard: {max_remove: 100%, max_rejected: 100%}}
  - {name: few, segment: locals, to: crm.contacts, mode: mirror, match: {email: email}, map: {score: score}, guard: {max_remove: 100%, max_rejected: 100%}}
  - {name: near, entity: person, to: crm.contacts, mode: mirror, match: {email: email}, map: {score: score, city: city}, fields: changed, tolerance: {score: 0.5}, guard: {max_remove: 100%, max_rejected: 100%}}
${EXACT}`

const EMAILS = Array.from({ length: 16 }, (_, at) => `p${at}@x.example`)

/** Of people who do not change and are refused again and again. */
const STUBBORN = ['s1@x.example', 's2@x.example']

/** Some rows are larger than half of what a batch takes, some are as large as that, and some a byte larger. */
const LENGTHS = [1, 1, 12, 40, 150, 181, 182, 183, 184, 185, 330]

/** Around every edge of how a number is rounded and written. */
const SCORES = [
  ...['0', '1', '2', '2.5', '3', '4', '5', '-4', '0.001', '0.00099', '0.0000025', '1e-7', '1e-20'],
  ...[
    '3',
    '3.0000000000000004',
    '2.9999999999999996',
    '0.3',
    '0.30000000000000004',
    '3.33333333333',
    '3.333333333333',
  ],
  ...['3.3333333333335', '3.33333333333351', '2.00000000000500', '2.00000000000501', '7.77777777777777'],
  ...[
    '99999999999999',
    '100000000000000',
    '123456789012345',
    '999999999999.5',
    '99999999999.95',
    '1e20',
    '1e21',
    '2e22',
  ],
]

/** By id, as they stand in a list of values. */
type People = ReadonlyMap<number, string>

function changed(random: Random, people: People): People {
  const next = new Map(people)
  for (let id = 1; id <= PEOPLE; id += 1) {
    const stubborn = STUBBORN[id - 1]
    if (stubborn !== undefined) next.set(id, `(${id}, ${id}, '${stubborn}', 'x', 3, true, true)`)
    else if (next.has(id) && random.chance(10)) next.delete(id)
    else if (!next.has(id) || random.chance(30)) next.set(id, person(random, id))
  }
  return next
}

function person(random: Random, id: number): string {
  const email = random.chance(8) ? random.pick(['null', "' '"]) : `'${random.pick(EMAILS)}'`
  const flag = () => (random.chance(75) ? 'true' : random.pick(['false', 'null']))
  const city = random.chance(20) ? 'null' : `'${'x'.repeat(random.pick(LENGTHS))}'`
  return `(${id}, ${id}, ${email}, ${city}, ${random.pick(SCORES)}, ${flag()}, ${flag()})`
}

/** A destination that refuses some keys and takes few rows and bytes at once. */
function strictCrm(): {
  readonly connectors: ReadonlyMap<string, ConnectorEntry>
  readonly refused: Set<string>
  readonly sent: string[]
} {
  const refused = new Set<string>()
  const sent: string[] = []
  const crm = makeCrm({ batch: { maxItems: 4, maxBytes: 600 } })
  const [entry] = crm.connectors.values()
  if (entry === undefined) return { connectors: crm.connectors, refused, sent }
  const write = async (batch: Batch): Promise<readonly Receipt[]> =>
    batch.changes().map(({ op, key, fields }) => {
      sent.push(JSON.stringify([batch.changes().length, op, key, fields]))
      return refused.has(String(key.email)) ? { status: 'rejected', error: 'no' } : { status: 'applied' }
    })
  const load = async () => ({
    manifest: entry.manifest,
    connect: () => ({ account: async () => 'portal 1', write }),
  })
  return { connectors: new Map([['crm', { ...entry, load }]]), refused, sent }
}
