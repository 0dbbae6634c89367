import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cliShop, PEOPLE, twoSyncs } from '../support/cli-shop.ts'
import { ENGINES } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'

type Facts = Readonly<Record<string, unknown>>

for (const engine of ENGINES) {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(name('a run shows what left, and its rejected rows by cause over syncs'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
    await shop.sql(...PEOPLE)
    receiver.reply = ({ changes }) => ({
      status: 200,
      body: {
        results: changes.map(({ key }, at) =>
          String(key.id) < 'c'
            ? { status: 'applied' }
            : { status: 'rejected', error: `quota of ${at * 10} used up` },
        ),
      },
    })
    const sync = await shop.answer('sync')
    const shown = await shop.answer('runs', 'show', String(sync.run_id).slice(0, 6))
    assert.deepEqual(shown.causes, [
      {
        cause: 'quota of … used up',
        example: 'quota of 20 used up',
        rows: 4,
        syncs: ['cities', 'towns'],
        ops: { add: 4 },
        attempts: { least: 1, most: 1 },
        due: 4,
        next_try_at: null,
      },
    ])
    const syncs = shown.syncs as readonly Facts[]
    assert.deepEqual(
      syncs.map((one) => [one.name, one.destination, one.sent_rows, one.resent_rows, one.sent_fields]),
      [
        ['cities', 'hook', 4, 0, ['id', 'city']],
        ['towns', 'hook', 4, 0, ['id', 'city']],
      ],
    )
    const bytes = syncs.reduce((sum, one) => sum + Number(one.sent_bytes), 0)
    assert.equal(bytes, receiver.bytes)
    const sent = (sync.syncs as readonly Facts[]).map((one) => [
      one.sent_rows,
      one.resent_rows,
      one.sent_bytes,
    ])
    assert.deepEqual(
      sent,
      syncs.map((one) => [one.sent_rows, one.resent_rows, one.sent_bytes]),
    )
    const text = (await shop.run('runs', 'show', String(sync.run_id))).stdout
    assert.match(text, /^4 rejected: quota of … used up$/m)
    assert.match(text, /^ {2}for example: quota of 20 used up$/m)
    assert.match(text, /^ {2}4 add by cities, towns; 1 attempt; tried on the next run$/m)
    assert.match(text, /^hook +cities +4 +0 +\d+ +id, city$/m)
    assert.doesNotMatch(text, /@/)
  })

  test(name('runs are listed by sync and status, and a killed one is told as such'), async (context) => {
    const receiver = await startReceiver(context)
    const shop = await cliShop(context, engine, { yaml: twoSyncs(receiver.url) })
    await shop.sql(...PEOPLE)
    const both = await shop.answer('sync')
    const one = await shop.answer('sync', '-s', 'towns')
    await shop.sql(
      "insert into sluice.runs (run_id, command, status, as_of, fingerprint, started_at) values ('dead', 'sync', 'running', timestamp '2026-01-01 00:00:00', 'f', timestamp '2026-01-01 00:00:00')",
    )
    const ids = async (...args: readonly string[]) =>
      ((await shop.answer('runs', 'ls', ...args)).runs as readonly Facts[]).map(
        (run) => `${run.run_id} ${run.status}`,
      )
    assert.deepEqual(await ids(), [`${one.run_id} done`, `${both.run_id} done`, 'dead killed'])
    assert.deepEqual(await ids('--sync', 'cities'), [`${both.run_id} done`])
    assert.deepEqual(await ids('--sync', 'towns', '--limit', '1'), [`${one.run_id} done`])
    assert.deepEqual(await ids('--status', 'killed'), ['dead killed'])
    assert.deepEqual(await ids('--sync', 'towns', '--status', 'failed'), [])
    assert.equal((await shop.run('runs', 'ls', '--status', 'failed')).stdout, 'No such run.\n')
    assert.match((await shop.run('runs', 'show', 'dead')).stdout, /finished +never: it was killed/)
    const unknown = await shop.run('runs', 'ls', '--sync', 'town', '-o', 'json')
    assert.equal(unknown.code, 64)
    assert.match(JSON.stringify(unknown.json().error), /did you mean \\"towns\\"/)
    assert.equal((await shop.run('runs', 'ls', '--status', 'broken')).code, 64)
  })
}
