import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cliShop, PEOPLE, twoSyncs } from '../support/cli-shop.ts'
import { ENGINES } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'

for (const engine of ENGINES)
  test(`${engine}: a sync forgets what is older than the project's history, and nothing else`, async (context) => {
    const receiver = await startReceiver(context)
    const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
    await shop.sql(...PEOPLE)
    const first = String((await shop.answer('sync', '-s', 'cities')).run_id)
    const second = String((await shop.answer('sync', '-s', 'towns')).run_id)
    const third = String((await shop.answer('sync')).run_id)
    const ago = (days: number, run: string) =>
      `update sluice.runs set started_at = started_at - interval '${days} days' where run_id = '${run}'`
    await shop.sql(ago(100, first), ago(40, second))
    const left = async () => (await shop.sql('select run_id from sluice.runs')).map((row) => row.run_id)
    const fourth = String((await shop.answer('run')).run_id)
    assert.deepEqual((await left()).toSorted(), [second, third, fourth].toSorted(), '90 days without a word')
    shop.edit((yaml) => yaml.replace('targets:', 'history: 30 days\ntargets:'))
    const fifth = String((await shop.answer('sync')).run_id)
    assert.deepEqual((await left()).toSorted(), [third, fourth, fifth].toSorted())
    const syncs = await shop.sql(
      `select run_id from sluice.sync_runs where run_id in ('${first}', '${second}')`,
    )
    assert.deepEqual(syncs, [])
    assert.deepEqual(await shop.sql("select name from sluice.leases where name = 'history'"), [
      { name: 'history' },
    ])
  })
