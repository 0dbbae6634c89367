import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'
import { openLab } from '../support/sync-lab.ts'

function project(url: string): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true}}
syncs:
  - name: out
    source: people
    to: hook.rows
    mode: mirror
    match: {id: id}
    map: {city: city}
    guard: {max_remove: 100%}
`
}

const LATE = 'insert into sluice.late_rows (sync, token, key, op, noted_at) values'

forEachEngine((engine, open) => {
  test(`${engine}: what an earlier run sent too late is told by plan, sent once more or removed by the next run, and then forgotten`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await lab.sql(
      'create table people (id varchar(10), city varchar(10))',
      "insert into people values ('a', 'Paris'), ('b', 'Rome'), ('c', 'Oslo')",
    )
    assert.equal((await lab.sync('out')).status, 'done')
    // `a` was changed, `b` removed, and `x`, which nobody knows, was added.
    await lab.sql(
      `${LATE} ('out', 1, 'a', 'change', timestamp '2026-01-01'), ('out', 1, 'b', 'remove', timestamp '2026-01-01'),
        ('out', 1, 'x', 'add', timestamp '2026-01-01'), ('another', 1, 'c', 'change', timestamp '2026-01-01')`,
    )
    await lab.plan('out')
    assert.match(
      lab.warnings.splice(0).join(),
      /sync out: 3 rows may have been sent after their run lost the lease/,
    )
    receiver.clear()
    const { status, add, change, remove } = await lab.sync('out')
    assert.deepEqual({ status, add, change, remove }, { status: 'done', add: 0, change: 2, remove: 1 })
    assert.deepEqual(receiver.changes.map(({ op, key, fields }) => [op, key.id, fields.city]).sort(), [
      ['change', 'a', 'Paris'],
      ['change', 'b', 'Rome'],
      ['remove', 'x', undefined],
    ])
    receiver.clear()
    assert.equal((await lab.sync('out')).status, 'done')
    assert.equal(receiver.requests.length, 0)
  })
})
