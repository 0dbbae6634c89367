import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { playPlanEdges, playPlans } from './plan-world.ts'

test('plans of shared keys, consents, refusals, limits and small batches are the same on PostgreSQL as on DuckDB', async (context) => {
  for (const seed of [1, 2]) {
    const duckdb = await playPlans(await openEngine('duckdb', context), 'duckdb', new Random(seed), () => {})
    const postgres = await playPlans(
      await openEngine('postgres', context),
      'postgres',
      new Random(seed),
      () => {},
    )
    for (const reason of ['consent', 'duplicate_key', 'no_key', 'retry_later', 'limit', 'remove'])
      assert.ok(duckdb.join(' ').includes(reason), `${reason} is met`)
    assert.deepEqual(postgres, duckdb)
  }
})

test('plans of moves by as much as is tolerated, of rows as large as fit, and of waits that end now are the same, too', async (context) => {
  const duckdb = await playPlanEdges(await openEngine('duckdb', context), 'duckdb', () => {})
  const postgres = await playPlanEdges(await openEngine('postgres', context), 'postgres', () => {})
  const sentBy = (sync: string) =>
    duckdb.flatMap((line, at) => (line.includes(`"${sync}"`) ? (duckdb[at + 1] ?? []) : []))
  assert.ok(sentBy('few')[1]?.includes('m1@x.example') && !sentBy('near')[1]?.includes('m1@x.example'))
  assert.ok(!duckdb.join(' ').includes('nobody@x.example'))
  assert.ok(duckdb.at(-1)?.includes('w1@x.example'), 'what waited for a day is sent when it is over')
  assert.deepEqual(postgres, duckdb)
})
