import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import { playPlans } from './plan-world.ts'

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
