import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'
import { type Lab, openLab } from '../support/sync-lab.ts'

function project(url: string, sync: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true}}
syncs:
  - name: out
    source: people
    to: hook.rows
    match: {id: id}
    map: {city: city, spend: spend, visits: visits}
    ${sync}
`
}

const TOLERANCE = 'tolerance: {spend: 0.1, visits: 2}'

async function table(lab: Lab, type = 'double precision'): Promise<void> {
  await lab.sql(`create table people (id varchar(10), city varchar(20), spend ${type}, visits integer)`)
  await lab.sql("insert into people values ('a', 'Rome', 0.7, 10), ('b', 'Oslo', null, 0)")
}

const set = (lab: Lab, what: string, id = 'a') => lab.sql(`update people set ${what} where id = '${id}'`)

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('small moves are no change until they add up, and then the number as it is now is sent'),
    async (t) => {
      const receiver = await startReceiver(t)
      const lab = await openLab(t, engine, open, project(receiver.url, TOLERANCE))
      await table(lab)
      assert.equal((await lab.sync('out')).add, 2)
      // 0.8 - 0.7 is more than 0.1 to a machine.
      await set(lab, 'spend = 0.8, visits = 8')
      const plan = await lab.plan('out')
      assert.deepEqual([plan.change, plan.unchanged, plan.withinTolerance], [0, 2, 1])
      const near = await lab.sync('out')
      assert.deepEqual([near.change, near.unchanged, near.withinTolerance], [0, 2, 1])
      // The very same model is not compared again, and tells the same.
      const rests = await lab.sync('out')
      assert.deepEqual([rests.change, rests.unchanged, rests.withinTolerance], [0, 2, 1])
      receiver.clear()
      await set(lab, 'visits = 7')
      const beyond = await lab.sync('out')
      assert.deepEqual([beyond.change, beyond.unchanged, beyond.withinTolerance], [1, 1, 0])
      assert.deepEqual(
        receiver.changes.map(({ fields }) => fields),
        [{ city: 'Rome', spend: 0.8, visits: 7 }],
      )
      // From what was sent now.
      await set(lab, 'spend = 0.9, visits = 9')
      assert.equal((await lab.sync('out')).withinTolerance, 1)
      await set(lab, 'spend = 0.91')
      assert.equal((await lab.sync('out')).change, 1)
      const [row] = await lab.rows(
        'select sum(within_tolerance) as near from sluice.sync_runs where within_tolerance > 0',
      )
      assert.equal(Number(row?.near), 3)
    },
  )

  test(
    name('a number that appears or goes is a change, and a change of another field sends all'),
    async (t) => {
      const receiver = await startReceiver(t)
      const lab = await openLab(t, engine, open, project(receiver.url, TOLERANCE))
      await table(lab)
      await lab.sync('out')
      receiver.clear()
      await set(lab, 'spend = 0', 'b')
      assert.equal((await lab.sync('out')).change, 1)
      await set(lab, 'spend = null', 'b')
      assert.equal((await lab.sync('out')).change, 1)
      await set(lab, "city = 'Bonn', spend = 0.65, visits = 11")
      assert.equal((await lab.sync('out')).change, 1)
      assert.deepEqual(
        receiver.changes.map(({ fields }) => fields),
        [
          { city: 'Oslo', spend: 0, visits: 0 },
          { city: 'Oslo', spend: null, visits: 0 },
          { city: 'Bonn', spend: 0.65, visits: 11 },
        ],
      )
      // The number that was sent with it counts from here.
      await set(lab, 'spend = 0.75')
      assert.equal((await lab.sync('out')).change, 0)
      await set(lab, 'spend = 0.76')
      assert.equal((await lab.sync('out')).change, 1)
    },
  )

  test(
    name(
      'a tolerance that is widened or narrowed is judged against what was sent; sending nothing by itself',
    ),
    async (t) => {
      const receiver = await startReceiver(t)
      const lab = await openLab(t, engine, open, project(receiver.url, 'tolerance: {spend: 1}'))
      await table(lab)
      await lab.sync('out')
      await set(lab, 'spend = 1.5')
      assert.equal((await lab.sync('out')).withinTolerance, 1)
      lab.use(project(receiver.url, 'tolerance: {spend: 5}'))
      const widened = await lab.sync('out')
      assert.deepEqual([widened.change, widened.withinTolerance], [0, 1])
      lab.use(project(receiver.url, 'tolerance: {spend: 0.5}'))
      const narrowed = await lab.sync('out')
      assert.deepEqual([narrowed.change, narrowed.withinTolerance], [1, 0])
      // Taken out, the rows are judged by all they hold: as with any other mapping, each is sent once.
      lab.use(project(receiver.url, ''))
      assert.equal((await lab.plan('out')).change, 2)
      assert.equal((await lab.sync('out')).change, 2)
      assert.equal((await lab.sync('out')).change, 0)
      lab.use(project(receiver.url, 'tolerance: {spend: 1}'))
      assert.equal((await lab.sync('out')).change, 2)
      await set(lab, 'spend = 2.5')
      assert.equal((await lab.sync('out')).withinTolerance, 1)
    },
  )

  test(name('a field that holds no numbers is told with its place before anything is sent'), async (t) => {
    const receiver = await startReceiver(t)
    const lab = await openLab(t, engine, open, project(receiver.url, 'tolerance: {city: 1}'))
    await table(lab)
    const plan = await lab.plan('out')
    assert.deepEqual([plan.error?.code, plan.error?.at?.line], ['SLU4311', 15])
    assert.match(String(plan.error?.message), /"city".* text/)
    const result = await lab.sync('out')
    assert.deepEqual([result.error?.code, receiver.requests.length], ['SLU4311', 0])
  })

  test(name('decimals and numbers at the ends of their range are compared without an error'), async (t) => {
    const receiver = await startReceiver(t)
    const moves: Readonly<Record<string, readonly (readonly [string, string, boolean])[]>> = {
      'double precision': [
        ['1e-310', '-1e-310', false],
        ['1.7e308', '-1.7e308', true],
        ['-1.7e308', '1.7e308', true],
        ['5e-324', '0', false],
        ['1e15', '1e15 + 1', false],
        ['100000000000', '100000000001', true],
        ['0.3', '0.2', false],
      ],
      'numeric(38,10)': [
        ['1234567890123456789012345678.0000000001', '-1', true],
        ['0.0000000001', '0.1', false],
        ['0.1', '0.2000000001', true],
        ['1.10', '1.1', false],
      ],
      // More digits than a double can be made of: any other text is another number.
      ...(engine === 'postgres' && {
        'numeric(1000)': [
          ['1e299', '1e299 + 1', false],
          ['1e300', '1e300 + 1', true],
          ['1e400', '1e400 + 1', true],
          ['1e299', '1e400', true],
        ],
      }),
    }
    for (const [type, cases] of Object.entries(moves)) {
      const lab = await openLab(t, engine, open, project(receiver.url, TOLERANCE))
      await table(lab, type)
      for (const [from, to, isChange] of cases) {
        await set(lab, `spend = ${from}`)
        assert.equal((await lab.sync('out', { fullResync: true })).error, undefined, from)
        await set(lab, `spend = ${to}`)
        const result = await lab.sync('out')
        assert.deepEqual([result.error, result.change], [undefined, isChange ? 1 : 0], `${from} ${to}`)
      }
    }
  })

  test(name('adopted rows count from what they are then'), async (t) => {
    const receiver = await startReceiver(t)
    const lab = await openLab(t, engine, open, project(receiver.url, TOLERANCE))
    await table(lab)
    await lab.sync('out')
    await set(lab, 'spend = 0.8')
    assert.equal((await lab.sync('out', { adopt: true })).error, undefined)
    await set(lab, 'spend = 0.9')
    const near = await lab.sync('out')
    assert.deepEqual([near.change, near.withinTolerance], [0, 1])
    await set(lab, 'spend = 0.7')
    receiver.clear()
    assert.equal((await lab.sync('out', { fullResync: true })).change, 2)
    await set(lab, 'spend = 0.8')
    assert.equal((await lab.sync('out')).withinTolerance, 1)
  })

  test(name('a rejected row waits for its next try, but not when its number moves'), async (t) => {
    const receiver = await startReceiver(t)
    const lab = await openLab(
      t,
      engine,
      open,
      project(receiver.url, `${TOLERANCE}\n    guard: {max_rejected: 100%}`),
    )
    await table(lab)
    receiver.reply = ({ changes }) => ({
      status: 200,
      body: { results: changes.map(() => ({ status: 'rejected', error: 'too much' })) },
    })
    for (let run = 0; run < 4; run += 1) assert.equal((await lab.sync('out')).rejected, 2)
    assert.deepEqual((await lab.sync('out')).heldBy, { retry_later: 2 })
    await set(lab, 'spend = 0.71')
    const again = await lab.sync('out')
    assert.deepEqual([again.rejected, again.heldBy], [1, { retry_later: 1 }])
    receiver.clear()
    await set(lab, 'spend = 900')
    assert.equal((await lab.sync('out')).applied, 1)
  })

  test(name('a plan that a guard stopped is not accepted when numbers were sent since'), async (t) => {
    const receiver = await startReceiver(t)
    const guarded = project(receiver.url, `${TOLERANCE}\n    guard: {max_change: 0}`)
    const lab = await openLab(t, engine, open, project(receiver.url, TOLERANCE))
    await table(lab)
    await lab.sync('out')
    await set(lab, 'spend = 50')
    lab.use(guarded)
    const stopped = await lab.sync('out')
    assert.deepEqual([stopped.status, stopped.change], ['guarded', 1])
    lab.use(project(receiver.url, TOLERANCE))
    await set(lab, 'spend = 60')
    assert.equal((await lab.sync('out')).applied, 1)
    const accepted = await lab.sync('out', { accept: stopped.planId })
    assert.equal(accepted.error?.code, 'SLU5103')
    assert.deepEqual(receiver.rows.get('a'), { city: 'Rome', spend: 60, visits: 10 })
  })
})
