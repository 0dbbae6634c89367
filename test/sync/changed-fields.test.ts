import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { type Lab, openLab } from '../support/sync-lab.ts'

function project(url: string, sync: string, map = 'city: city, spend: spend, note: note'): string {
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true}}
syncs:
  - name: out
    source: people
    to: hook.rows
    match: {id: id}
    map: {${map}}
    ${sync}
`
}

async function table(lab: Lab): Promise<void> {
  await lab.sql(
    'create table people (id varchar(10), city varchar(20), spend double precision, note varchar(20))',
  )
  await lab.sql("insert into people values ('a', 'Rome', 0.5, null), ('b', 'Oslo', 2, 'x,y')")
}

const set = (lab: Lab, what: string, id = 'a') => lab.sql(`update people set ${what} where id = '${id}'`)

/** What one run sends, by key. */
async function sent(lab: Lab, receiver: Receiver, options = {}) {
  receiver.clear()
  const result = await lab.sync('out', options)
  assert.equal(result.error, undefined)
  return Object.fromEntries(receiver.changes.map(({ key, fields }) => [key.id, fields]))
}

const A = { city: 'Rome', spend: 0.5, note: null }
const B = { city: 'Oslo', spend: 2, note: 'x,y' }

forEachEngine((engine, open) => {
  const name = (sentence: string) => `${engine}: ${sentence}`

  test(
    name('a changed row carries the fields that differ from what was sent last, a new one all'),
    async (t) => {
      const receiver = await startReceiver(t)
      const lab = await openLab(t, engine, open, project(receiver.url, 'fields: changed'))
      await table(lab)
      assert.deepEqual(await sent(lab, receiver), { a: A, b: B })
      await set(lab, "city = 'Bonn', note = 'n'")
      await set(lab, 'spend = 3', 'b')
      assert.deepEqual(await sent(lab, receiver), { a: { city: 'Bonn', note: 'n' }, b: { spend: 3 } })
      await set(lab, 'note = null, spend = 0.5 + 1e-15')
      assert.deepEqual(await sent(lab, receiver), { a: { note: null } })
      assert.deepEqual(await sent(lab, receiver), {})
      assert.deepEqual(receiver.rows.get('a'), { ...A, city: 'Bonn' })
    },
  )

  test(name('where it is not known what was sent, all fields are'), async (t) => {
    const receiver = await startReceiver(t)
    const lab = await openLab(t, engine, open, project(receiver.url, ''))
    await table(lab)
    await sent(lab, receiver)
    // Sent by a sync that did not remember each field.
    lab.use(project(receiver.url, 'fields: changed'))
    assert.deepEqual(await sent(lab, receiver), {})
    await set(lab, "city = 'Bonn'")
    assert.deepEqual(await sent(lab, receiver), { a: { ...A, city: 'Bonn' } })
    await set(lab, "city = 'Pisa'")
    assert.deepEqual(await sent(lab, receiver), { a: { city: 'Pisa' } })
    assert.deepEqual(Object.keys(await sent(lab, receiver, { fullResync: true })), ['a', 'b'])
    assert.deepEqual(receiver.changes[0]?.fields, { ...A, city: 'Pisa' })
    // Turned off, a field goes and comes back as it was known before.
    lab.use(project(receiver.url, ''))
    await set(lab, "city = 'Rome'")
    assert.deepEqual(await sent(lab, receiver), { a: A })
    lab.use(project(receiver.url, 'fields: changed'))
    await set(lab, "city = 'Pisa'")
    assert.deepEqual(await sent(lab, receiver), { a: { ...A, city: 'Pisa' } })
  })

  test(name('with another map each row is sent whole once'), async (t) => {
    const receiver = await startReceiver(t)
    const lab = await openLab(t, engine, open, project(receiver.url, 'fields: changed'))
    await table(lab)
    await sent(lab, receiver)
    lab.use(project(receiver.url, 'fields: changed', 'spend: spend, town: city'))
    assert.deepEqual(await sent(lab, receiver), {
      a: { spend: 0.5, town: 'Rome' },
      b: { spend: 2, town: 'Oslo' },
    })
    await set(lab, "city = 'Bonn', spend = 9")
    await set(lab, "note = 'not sent'", 'b')
    assert.deepEqual(await sent(lab, receiver), { a: { spend: 9, town: 'Bonn' } })
    await set(lab, 'spend = 10')
    assert.deepEqual(await sent(lab, receiver), { a: { spend: 10 } })
  })

  test(name('nulls that are skipped are in no change, and no change is empty'), async (t) => {
    const receiver = await startReceiver(t)
    const lab = await openLab(t, engine, open, project(receiver.url, 'fields: changed\n    nulls: skip'))
    await table(lab)
    const { note: _, ...present } = A
    assert.deepEqual(await sent(lab, receiver), { a: present, b: B })
    await set(lab, "note = null, city = 'Bonn'", 'b')
    assert.deepEqual(await sent(lab, receiver), { b: { city: 'Bonn' } })
    await set(lab, 'spend = null', 'b')
    assert.deepEqual(await sent(lab, receiver), { b: { city: 'Bonn' } })
    await set(lab, 'spend = 2', 'b')
    assert.deepEqual(await sent(lab, receiver), { b: { spend: 2 } })
    // The destination was never told of these nulls.
    lab.use(project(receiver.url, 'fields: changed'))
    assert.deepEqual(await sent(lab, receiver), { a: A, b: { ...B, city: 'Bonn', note: null } })
  })

  test(
    name('an adopted row is known field by field, and one that a number moves in sends that number'),
    async (t) => {
      const receiver = await startReceiver(t)
      const rest = 'fields: changed\n    tolerance: {spend: 1}'
      const lab = await openLab(t, engine, open, project(receiver.url, rest))
      await table(lab)
      assert.deepEqual(await sent(lab, receiver, { adopt: true }), {})
      await set(lab, "city = 'Bonn'")
      assert.deepEqual(await sent(lab, receiver), { a: { city: 'Bonn' } })
      await set(lab, 'spend = 1.5')
      assert.deepEqual(await sent(lab, receiver), {})
      // It is another than the one that was sent last, so it goes along.
      await set(lab, "city = 'Pisa'")
      assert.deepEqual(await sent(lab, receiver), { a: { city: 'Pisa', spend: 1.5 } })
      await set(lab, 'spend = 2.6')
      assert.deepEqual(await sent(lab, receiver), { a: { spend: 2.6 } })
    },
  )

  test(name('a row that was rejected differs from what was taken before'), async (t) => {
    const receiver = await startReceiver(t)
    const rest = 'fields: changed\n    guard: {max_rejected: 100%}'
    const lab = await openLab(t, engine, open, project(receiver.url, rest))
    await table(lab)
    await sent(lab, receiver)
    await set(lab, "city = 'Bonn'")
    receiver.reply = () => ({ status: 200, body: { results: [{ status: 'rejected', error: 'no' }] } })
    assert.equal((await lab.sync('out')).rejected, 1)
    await set(lab, 'spend = 7')
    assert.deepEqual(await sent(lab, receiver), { a: { city: 'Bonn', spend: 7 } })
  })
})
