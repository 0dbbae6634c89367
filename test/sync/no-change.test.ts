import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counted } from '../support/counted-warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { labOn } from '../support/sync-lab.ts'

function project(url: string, sync = ''): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
entities:
  - name: person
    source: people
    key: id
    profile:
      email: {from: [people.email], pick: most_recent}
      city: {from: [people.city], pick: most_recent}
      ok: {from: [people.ok], pick: most_recent}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 10}}
syncs:
  - name: out
    entity: person
    to: hook.rows
    match: {email: email}
    map: {city: city}
    ${sync}
`
}

const TABLE = 'create table people (id integer, email varchar(100), city varchar(100), ok boolean)'
const ROWS = `insert into people values (1, 'ada@x.example', 'Paris', true), (2, 'bob@x.example', 'Rome', true),
  (3, null, 'Oslo', true), (4, 'dup@x.example', 'Nice', true), (5, 'dup@x.example', 'Nice', true),
  (6, 'eve@x.example', 'Lyon', false)`

/** What the run asked of the warehouse for this sync, by step. */
async function stepsOf(steps: string[], run: () => Promise<unknown>): Promise<readonly string[]> {
  steps.length = 0
  await run()
  return steps.filter((step) => step !== 'begin' && step !== 'commit')
}

function refusing(email: string): Receiver['reply'] {
  return ({ changes }) => {
    const results = changes.map(({ key }) =>
      key.email === email ? { status: 'rejected', error: 'no' } : { status: 'applied' },
    )
    return { status: 200, body: { results } }
  }
}

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('a model that is as it was committed is neither compared nor written, and told in full'),
    async (t) => {
      const receiver = await startReceiver(t)
      const { warehouse, steps } = counted(await open(t))
      const lab = await labOn(
        warehouse,
        engine,
        project(receiver.url, 'consent: {require: {trait: ok, eq: true}}'),
      )
      await lab.sql(TABLE, ROWS)
      const first = await lab.sync('out')
      const heldBy = { consent: 1, duplicate_key: 2, no_key: 1 }
      assert.deepEqual([first.error, first.add, first.held, first.heldBy], [undefined, 2, 4, heldBy])
      receiver.clear()
      const asked = await stepsOf(steps, async () => {
        const second = await lab.sync('out')
        assert.deepEqual(
          [second.status, second.unchanged, second.held, second.heldBy],
          ['done', 2, 4, heldBy],
        )
        assert.equal(second.planId, undefined)
      })
      assert.ok(asked.includes('sync.out.model_digest'))
      assert.deepEqual(
        asked.filter((step) => /compare|decide|number|freeze|commit_|plan_state/.test(step)),
        [],
      )
      const planned = await stepsOf(steps, async () => {
        const plan = await lab.plan('out')
        assert.deepEqual([plan.unchanged, plan.held, plan.heldBy, plan.apiCalls], [2, 4, heldBy, 0])
      })
      assert.deepEqual(
        planned.filter((step) => /^sync[.]/.test(step)),
        ['sync.out.model', 'sync.out.model_digest'],
      )
      assert.equal(receiver.requests.length, 0)
    },
  )

  test(name('whatever may change what is sent is compared again'), async (t) => {
    const receiver = await startReceiver(t)
    const { warehouse, steps } = counted(await open(t))
    const withConsent = 'consent: {require: {trait: ok, eq: true}}'
    const lab = await labOn(warehouse, engine, project(receiver.url, withConsent))
    await lab.sql(TABLE, ROWS)
    await lab.sync('out')
    const compares = async (statement: string, expected: readonly [number, number, number, number]) => {
      await lab.sql(statement)
      const asked = await stepsOf(steps, async () => {
        const { error, add, change, remove, unchanged } = await lab.sync('out')
        assert.deepEqual([error, add, change, remove, unchanged], [undefined, ...expected], statement)
      })
      assert.ok(asked.includes('sync.out.compare'), statement)
      const again = await stepsOf(steps, () => lab.sync('out'))
      assert.ok(!again.includes('sync.out.compare'), `${statement}: and then not again`)
    }
    await compares("update people set city = 'Bonn' where id = 1", [0, 1, 0, 1])
    await compares("update people set email = 'cy@x.example' where id = 3", [1, 0, 0, 2])
    await compares('update people set ok = true where id = 6', [1, 0, 0, 3])
    await compares('update people set ok = false where id = 1', [0, 0, 1, 3])
    // Two rows that swap what they say: each column holds the same values as before.
    await compares(
      "update people set city = case when id = 3 then 'Lyon' else 'Oslo' end where id in (3, 6)",
      [0, 2, 0, 1],
    )
    await compares('delete from people where id = 6', [0, 0, 0, 2])
    lab.use(project(receiver.url, `nulls: skip\n    ${withConsent}`))
    await compares('update people set ok = ok', [0, 2, 0, 0])
  })

  test(name('a row that waits, or what is asked for by name, is never skipped'), async (t) => {
    const receiver = await startReceiver(t)
    const { warehouse, steps } = counted(await open(t))
    const lab = await labOn(warehouse, engine, project(receiver.url, 'guard: {max_rejected: 100%}'))
    await lab.sql(TABLE, ROWS)
    const compared = async (run: () => Promise<unknown>) =>
      (await stepsOf(steps, run)).includes('sync.out.compare')
    receiver.reply = refusing('bob@x.example')
    assert.equal((await lab.sync('out')).rejected, 1)
    assert.ok(await compared(() => lab.sync('out')), 'rejected rows are due')
    receiver.reply = () => undefined
    await lab.sql("update people set city = 'Bern' where id = 1")
    const cut = await lab.sync('out', { limit: 1 })
    assert.deepEqual([cut.applied, cut.heldBy.limit], [1, 1])
    assert.ok(await compared(() => lab.sync('out')), 'a row was cut')
    assert.ok(!(await compared(() => lab.sync('out'))), 'now nothing waits')
    assert.ok(await compared(() => lab.sync('out', { limit: 5 })))
    assert.ok(await compared(() => lab.sync('out', { adopt: true })))
    const whole = await lab.sync('out', { fullResync: true })
    assert.deepEqual([whole.change, whole.applied], [3, 3])
    assert.ok(!(await compared(() => lab.sync('out'))))
  })

  test(name('a guard that stops even a model that did not change still does'), async (t) => {
    const receiver = await startReceiver(t)
    const lab = await labOn(await open(t), engine, project(receiver.url, 'guard: {min_rows: 9}'))
    await lab.sql(TABLE, ROWS)
    assert.equal((await lab.sync('out')).status, 'done')
    const second = await lab.sync('out')
    assert.deepEqual([second.status, second.guard?.name, second.guard?.value], ['guarded', 'min_rows', 6])
  })
})
