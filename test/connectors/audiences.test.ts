import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { defaultsOf } from '../../src/connector/defaults.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Connection, ConnectorFake } from '../../src/connector/types.ts'
import { batchOf } from '../support/batches.ts'
import { fakeOf, sampleChanges } from './rig.ts'
import { checkSent } from './specs.ts'
import { SUBJECTS, type Subject } from './subjects.ts'

/** Samples of the suite are of an audience that is there; here is what it takes to make one. */
const AUDIENCES = SUBJECTS.filter(({ definition, isBulk }) => definition.audience !== undefined && !isBulk)

/** No fake has one of this name. */
const MISSING = 'Made by the suite'

test('there are audiences to hold to this', () => {
  assert.ok(AUDIENCES.length > 3)
})

for (const subject of AUDIENCES)
  test(`${subject.name}: one that is missing is made for the first people, and never by a plan`, async (context) => {
    const fake = await fakeOf(context, subject)
    const clock = new HastyClock()
    const open = (looksOnly: boolean) => connect(context, subject, { fake, clock, looksOnly })
    const planning = await open(true)
    const planned = await planning.account()
    assert.equal(await planning.account(), planned, 'it is made by a plan')
    const writing = await open(false)
    const made = await writing.account()
    assert.ok(made.startsWith(planned.split(',')[0] ?? ''), `${planned} and then ${made}`)
    if (!subject.asJobs) {
      const people = batchOf(subject.object, sampleChanges(subject, fake, 2, 0))
      assert.deepEqual(await write(writing, people, clock), ['applied', 'applied'])
    }
    for (const later of [await open(true), await open(false)]) assert.equal(await later.account(), made)
    const requests = fake.server?.requests ?? []
    const problems = checkSent(subject.entry.manifest.name, requests).flatMap(({ name, problems }) =>
      problems.map((problem) => `${name}: ${problem}`),
    )
    assert.deepEqual(problems, [])
  })

/** Whoever is told to wait has waited. */
class HastyClock implements Clock {
  #aheadMs = 0
  readonly sleep = systemClock.sleep

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#aheadMs
  }

  move(ms: number): void {
    this.#aheadMs += ms
  }
}

async function connect(
  context: TestContext,
  { entry, object, definition }: Subject,
  parts: { readonly fake: ConnectorFake; readonly clock: Clock; readonly looksOnly: boolean },
): Promise<Connection> {
  const { fake, clock, looksOnly } = parts
  const tools = createHttpTools({ clock })
  context.after(() => tools.close())
  const settings = { ...defaultsOf(entry.manifest.settings), ...fake.settings }
  const ofSync = { ...defaultsOf(definition.settings), ...fake.useOf?.(object), audience: MISSING }
  return (await entry.load()).connect(settings, tools, { object, settings: ofSync, looksOnly })
}

/** As the engine does it: what is not ready yet is sent again. */
async function write(connection: Connection, batch: Batch, clock: HastyClock): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return (await connection.write(batch)).map(({ status }) => status)
    } catch (error) {
      if (!(error instanceof DestinationError) || error.action !== 'retry' || attempt === MOST_ATTEMPTS)
        throw error
      clock.move(error.afterMs ?? 0)
    }
}

const MOST_ATTEMPTS = 5
