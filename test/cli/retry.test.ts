import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cliShop, PEOPLE, twoSyncs } from '../support/cli-shop.ts'
import { ENGINES } from '../support/engines.ts'
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts'

/** One answer a row: rejected where `reason` gives one. */
function rejecting(reason: (id: string, sync: string) => string | undefined) {
  return ({ changes, sync }: Received) => ({
    status: 200,
    body: {
      results: changes.map(({ key }) => {
        const error = reason(key.id ?? '', sync)
        return error === undefined ? { status: 'applied' } : { status: 'rejected', error }
      }),
    },
  })
}

function sentTo(receiver: Receiver): readonly string[] {
  return receiver.requests
    .flatMap(({ sync, changes }) => changes.map(({ key }) => `${sync} ${key.id}`))
    .sort()
}

const LATER =
  "update sluice.receipts set attempts = 9, next_try_at = timestamp '2999-01-01 00:00:00' where status = 'rejected'"

for (const engine of ENGINES) {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('rows that wait for their next try are sent at once, by exactly the syncs that have some'),
    async (context) => {
      const receiver = await startReceiver(context)
      const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
      await shop.sql(...PEOPLE)
      receiver.reply = rejecting((id, sync) =>
        sync === 'cities' && id > 'c' ? 'quota of 5 used up' : undefined,
      )
      assert.equal((await shop.run('sync')).code, 0)
      await shop.sql(LATER)
      receiver.clear()
      await shop.answer('sync')
      assert.deepEqual(sentTo(receiver), [], 'they wait')

      const dry = await shop.answer('retry', '--dry-run')
      assert.deepEqual(dry, { run_id: null, retried: [{ name: 'cities', rows: 2, waited: 2 }], syncs: [] })
      assert.deepEqual(sentTo(receiver), [])

      const retried = await shop.answer('retry')
      assert.deepEqual(retried.retried, [{ name: 'cities', rows: 2, waited: 2 }])
      const syncs = retried.syncs as Readonly<Record<string, unknown>>[]
      assert.deepEqual(
        syncs.map((one) => [one.name, one.status, one.applied, one.rejected]),
        [['cities', 'done', 2, 0]],
      )
      assert.deepEqual(sentTo(receiver), ['cities c@x.example', 'cities d@x.example'])
      const [run] = await shop.sql(
        `select command, status from sluice.runs where run_id = '${retried.run_id}'`,
      )
      assert.deepEqual(run, { command: 'retry', status: 'done' })
      assert.deepEqual(await shop.sql("select * from sluice.receipts where status = 'rejected'"), [])
    },
  )

  test(name('attempts stay counted, and a row that is rejected again waits again'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
    await shop.sql(...PEOPLE)
    receiver.reply = rejecting((id) => (id.startsWith('a') ? 'bad' : undefined))
    assert.equal((await shop.run('sync', '-s', 'cities')).code, 0)
    await shop.sql(LATER)
    const [one] = (await shop.answer('retry', '-s', 'cities')).syncs as Readonly<Record<string, unknown>>[]
    assert.deepEqual([one?.status, one?.rejected], ['partial', 1])
    const rows = await shop.sql(
      "select attempts, next_try_at is not null as waits, next_try_at < timestamp '2999-01-01 00:00:00' as earlier from sluice.receipts",
    )
    assert.deepEqual(rows, [{ attempts: 10, waits: true, earlier: true }])
  })

  test(name('only the rows of some keys, or of a reason, are made due'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
    await shop.sql(...PEOPLE)
    receiver.reply = rejecting((id) => (id < 'c' ? 'Quota of 5 used up' : 'no such city'))
    assert.equal((await shop.run('sync')).code, 0)
    await shop.sql(LATER)
    receiver.clear()
    const byReason = await shop.answer('retry', '--reason', 'quota OF', '-x', 'towns')
    assert.deepEqual(byReason.retried, [{ name: 'cities', rows: 2, waited: 2 }])
    assert.deepEqual(sentTo(receiver), ['cities a@x.example', 'cities b@x.example'])
    receiver.clear()
    const byKey = await shop.answer('retry', 'd@x.example', 'a@x.example')
    assert.deepEqual(byKey.retried, [
      { name: 'cities', rows: 1, waited: 1 },
      { name: 'towns', rows: 2, waited: 2 },
    ])
    assert.deepEqual(sentTo(receiver), ['cities d@x.example', 'towns a@x.example', 'towns d@x.example'])
    const waiting = await shop.sql(
      "select sync, key from sluice.receipts where status = 'rejected' order by sync, key",
    )
    assert.deepEqual(
      waiting.map(({ sync, key }) => `${sync} ${key}`),
      ['cities c@x.example', 'towns b@x.example', 'towns c@x.example'],
    )
  })

  test(
    name('a key that was not rejected is an error that says what is known of it, and nothing is sent'),
    async (context) => {
      const receiver = await startReceiver(context)
      const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
      await shop.sql(...PEOPLE, "insert into people values ('a@x.example', 'twice')")
      receiver.reply = rejecting((id, sync) => (sync === 'towns' && id.startsWith('b') ? 'bad' : undefined))
      assert.equal((await shop.run('sync')).code, 0)
      const sent = receiver.requests.length
      const hints = [
        [['nobody@x.example'], /1\. key is in no receipt/],
        [['b@x.example', 'a@x.example'], /2\. key was not rejected: held by cities, duplicate_key/],
        [['b@x.example', '-s', 'cities'], /1\. key was rejected by towns: bad/],
        [[' B@x.example'], /lower case/],
        [['b@x.example', '--reason', 'other'], /was rejected by towns: bad/],
      ] as const
      for (const [args, hint] of hints) {
        const result = await shop.run('retry', ...args, '-o', 'json')
        const error = result.json().error as { code: string; message: string; hint: string }
        assert.deepEqual([result.code, error.code], [64, 'SLU5120'], args.join(' '))
        assert.match(error.hint, hint)
        assert.doesNotMatch(error.message + error.hint, /@/, 'an error shows no address')
      }
      assert.equal(receiver.requests.length, sent)
    },
  )

  test(name('nothing to retry is said, ends with 0 and is no run'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
    await shop.sql(...PEOPLE)
    assert.deepEqual(await shop.answer('retry'), { run_id: null, retried: [], syncs: [] })
    const text = await shop.run('retry', '-s', 'cities')
    assert.deepEqual([text.code, text.stdout], [0, 'Nothing to retry: no rejected row in 1 sync.\n'])
    assert.deepEqual((await shop.answer('runs', 'ls')).runs, [])
  })

  test(
    name('a row rejected after a try that may have arrived is removed when it leaves'),
    async (context) => {
      const receiver = await startReceiver(context)
      const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
      await shop.sql(...PEOPLE)
      let tries = 0
      receiver.reply = (request) => {
        const alone = request.changes.length === 1
        if (!request.changes.some(({ key }) => key.id === 'b@x.example')) return undefined
        if (!alone) return { status: 422 }
        tries += 1
        // It took the row, but its answer says otherwise; the next one refuses.
        if (tries > 1) return { status: 422 }
        receiver.take(request.changes)
        return { status: 503 }
      }
      assert.equal((await shop.run('sync', '-s', 'cities')).code, 0)
      assert.ok(receiver.rows.has('b@x.example'))
      assert.deepEqual(await shop.sql("select hash from sluice.snapshot_cities where key = 'b@x.example'"), [
        { hash: null },
      ])
      await shop.sql("delete from people where id = 'b@x.example'")
      receiver.clear()
      const [one] = (await shop.answer('sync', '-s', 'cities')).syncs as Readonly<Record<string, unknown>>[]
      assert.deepEqual([one?.remove, one?.applied], [1, 1])
      assert.deepEqual([...receiver.rows.keys()].sort(), ['a@x.example', 'c@x.example', 'd@x.example'])
    },
  )
}
