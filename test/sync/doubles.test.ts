import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'
import { openLab } from '../support/sync-lab.ts'

/** Each of 1,000 people has 3,000 of them: parallel sums of so many differ in their last bits from build to build. */
const PAYMENTS = 3_000_000
const PEOPLE = 1_000

/** Four workers, also for tables that are small to the planner. */
const FOUR_THREADS = {
  duckdb: ['set threads = 4'],
  postgres: [
    'set max_parallel_workers_per_gather = 4',
    'set parallel_setup_cost = 0',
    'set parallel_tuple_cost = 0',
    'set min_parallel_table_scan_size = 0',
  ],
}

forEachEngine((engine, open) => {
  test(`${engine}: a sum over three million doubles, built again by four threads, is no change`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(
      context,
      engine,
      open,
      `sources:
  - {name: people, table: people, primary_key: id}
  - {name: payments, table: payments, primary_key: id, belongs_to: {people: person}}
entities:
  - {name: person, source: people, key: id}
traits:
  - {name: paid, entity: person, sum: payments.amount}
  - {name: usual, entity: person, avg: payments.amount}
destinations:
  - {name: hook, connector: http, settings: {url: "${receiver.url}", allow_private_network: true}}
syncs:
  - {name: out, entity: person, to: hook.rows, match: {id: person_id}, map: {paid: paid, usual: usual}}
`,
    )
    const numbers = { duckdb: 'range(0, $) as n(i)', postgres: 'generate_series(0, $ - 1) as n(i)' }[engine]
    await lab.sql(
      ...FOUR_THREADS[engine],
      `create table people as select i as id from ${numbers.replace('$', String(PEOPLE))}`,
      `create table payments as select i as id, i % ${PEOPLE} as person,
        (cast(i as bigint) * 7919 % 1000003) / 7.0::double precision * case when i % 3 = 0 then 1e9 else 1e-6 end as amount
      from ${numbers.replace('$', String(PAYMENTS))}`,
    )
    const first = await lab.sync('out')
    assert.deepEqual([first.error, first.applied], [undefined, PEOPLE])
    const second = await lab.sync('out')
    assert.deepEqual([second.error, second.change, second.unchanged], [undefined, 0, PEOPLE])
  })
})
