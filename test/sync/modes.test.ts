import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { startReceiver } from '../support/receiver.ts'
import { openLab } from '../support/sync-lab.ts'
import { DAY_MS, HISTORIES, History, MovedClock, PLAIN, project, seen, TABLE } from './modes-history.ts'

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  for (const [seed, rulesInTurn] of HISTORIES.entries())
    test(name(`random history ${seed} is planned, sent and counted as plain code says`), async (t) => {
      const receiver = await startReceiver(t)
      const lab = await openLab(t, engine, open, project(receiver.url, 'map: {city: city}'))
      await lab.sql(TABLE)
      const history = new History(lab, receiver, new Random(seed + 1))
      for (let step = 0; step < 18; step += 1)
        await history.step(step, rulesInTurn[Math.floor(step / 4) % rulesInTurn.length] ?? PLAIN)
    })

  test(name('random histories met all that they are about'), () => {
    const events = [...seen].sort()
    assert.deepEqual(events, ['dropped', 'near', 'part', 'rejected', 'resumed'])
    seen.clear()
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
