import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startReceiver } from '../support/receiver.ts'
import { openRedshiftLike } from '../support/redshift-like.ts'
import { openLab } from '../support/sync-lab.ts'

const project = (url: string) => `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true}}
syncs:
  - {name: out, source: people, to: hook.rows, mode: mirror, match: {id: id}, map: {letter: letter}}
`

test('redshift: rows of which few fill the 65,535 bytes of a text are sent by the batch all the same', async (context) => {
  const receiver = await startReceiver(context)
  const lab = await openLab(context, 'redshift', openRedshiftLike, project(receiver.url))
  await lab.sql(
    'create table people (id varchar(40), letter varchar(65535))',
    `insert into people with recursive r(i) as (select 1 union all select i + 1 from r where i < 4)
      select 'p' || cast(i as varchar(20)), repeat(case when mod(i, 2) = 0 then 'é' else 'ab' end, 20000) from r`,
  )
  const { status, applied, error } = await lab.sync('out')
  assert.deepEqual([status, applied, error], ['done', 4, undefined])
  const held = [...receiver.rows.values()].map(({ letter }) => Buffer.byteLength(String(letter)))
  assert.deepEqual([held.length, new Set(held)], [4, new Set([40_000])])
  assert.ok(receiver.requests.length < 4, 'a batch has more rows than one')
})
