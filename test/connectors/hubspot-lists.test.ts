import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, answer, asked, errorOf, portal, remove, statuses } from '../support/hubspot.ts'

const LIST = { list: 'VIPs / spring', create_list: true }
const emails = (names: readonly string[]) => names.map((name) => ({ email: `${name}@example.com` }))
const [ada, grace, linus] = emails(['ada', 'grace', 'linus']) as [
  { email: string },
  { email: string },
  { email: string },
]

test('the account names the portal and the list, which is made once, when it is not there and the sync says so', async (context) => {
  const { connect, server } = await portal(context)
  const careful = connect('list_members', { list: LIST.list })
  assert.match(
    (await errorOf(careful.connection.account())).message,
    /found none: make it, or set create_list/,
  )
  const plan = connect('list_members', LIST, { looksOnly: true })
  assert.equal(await plan.connection.account(), '4242, no list yet')
  assert.equal(await connect('list_members', LIST).connection.account(), '4242, list 3')
  assert.deepEqual(JSON.parse(server.requests.at(-1)?.body ?? ''), {
    name: 'VIPs / spring',
    objectTypeId: '0-1',
    processingType: 'MANUAL',
  })
  const again = { list: 'vips / SPRING' }
  assert.equal(await connect('list_members', again).connection.account(), '4242, list 3')
  assert.equal(await connect('list_members', { list: '3' }).connection.account(), '4242, list 3')
  assert.equal(server.requests.filter(({ method }) => method === 'POST').length, 1)
})

test('members are put in by their record ids, those that are no contacts yet are made first, and twice is once', async (context) => {
  const { connect, server, fake } = await portal(context)
  await connect('contacts').write([add(ada, { city: 'London' })])
  const { write, held } = connect('list_members', LIST)
  const before = server.requests.length
  assert.deepEqual(statuses(await write([add(ada), add(grace)])), ['applied', 'applied'])
  assert.deepEqual(asked(server).slice(before), [
    'VIPs%20%2F%20spring',
    'lists',
    'read',
    'upsert',
    'add-and-remove',
  ])
  assert.deepEqual(JSON.parse(server.requests.at(-1)?.body ?? ''), {
    recordIdsToAdd: ['101', '102'],
    recordIdsToRemove: [],
  })
  const members = [ada, grace].map((key) => ({ key, fields: {} }))
  assert.deepEqual(held(), members)
  assert.deepEqual(statuses(await write([add(ada), add(grace)])), ['applied', 'applied'])
  assert.deepEqual(held(), members)
  assert.deepEqual(
    fake.held('', 'contacts').map(({ key, fields }) => [key.email, fields]),
    [
      [ada.email, { city: 'London' }],
      [grace.email, {}],
    ],
  )
})

test('one that leaves stays a contact, and one that is none is in no list', async (context) => {
  const { connect, server, fake } = await portal(context)
  const { write, held } = connect('list_members', LIST)
  await write([add(ada), add(grace)])
  const receipts = await write([remove(ada), remove({ email: 'nobody@example.com' }), add(linus)])
  assert.deepEqual(statuses(receipts), ['applied', 'applied', 'applied'])
  assert.deepEqual(JSON.parse(server.requests.at(-1)?.body ?? ''), {
    recordIdsToAdd: ['103'],
    recordIdsToRemove: ['101'],
  })
  assert.deepEqual(
    held().map(({ key }) => key),
    [grace, linus],
  )
  assert.equal(fake.held('', 'contacts').length, 3)
  const before = server.requests.length
  assert.deepEqual(statuses(await write([remove({ email: 'nobody@example.com' })])), ['applied'])
  assert.deepEqual(asked(server).slice(before), ['read'])
})

test('an address that is none is rejected, and one of a merged contact too; the others are put in', async (context) => {
  const { connect } = await portal(context)
  await connect('contacts').write([add(ada, { hs_additional_emails: 'second@example.com' })])
  const { write, held } = connect('list_members', LIST)
  const receipts = await write([add({ email: 'second@example.com' }), add({ email: 'canary' }), add(grace)])
  assert.deepEqual(statuses(receipts), ['rejected', 'rejected', 'applied'])
  assert.match(JSON.stringify(receipts[0]), /under another main e-mail address/)
  assert.ok(!JSON.stringify(receipts).includes('canary'))
  assert.deepEqual(
    held().map(({ key }) => key),
    [grace],
  )
})

test('a contact that went while it was put in is read and made again', async (context) => {
  const { connect, server } = await portal(context)
  const { write, held } = connect('list_members', LIST)
  await write([add(ada)])
  server.script(answer(200, { results: [{ id: '999', properties: { email: grace.email } }] }), {
    kind: 'none',
  })
  const [receipt] = await write([add(grace)])
  assert.deepEqual(receipt, {
    status: 'retry',
    error: 'HubSpot: the contact went while it was put into the list',
  })
  assert.deepEqual(statuses(await write([add(grace)])), ['applied'])
  server.script(answer(200, { results: [{ id: '999', properties: { email: ada.email } }] }))
  assert.deepEqual(statuses(await write([remove(ada)])), ['applied'])
  assert.equal(held().length, 2)
})

test('an answer that does not say who is missing takes nobody as put in or taken out', async (context) => {
  const { connect, server } = await portal(context)
  const { write } = connect('list_members', LIST)
  await write([add(ada)])
  const strange = [
    {},
    [],
    { recordIdsMissing: {} },
    { recordIdsMissing: [null] },
    { recordsIdsAdded: ['101'] },
  ]
  for (const body of strange)
    for (const change of [add(ada), remove(ada)]) {
      server.script({ kind: 'none' }, answer(200, body))
      const [receipt] = await write([change])
      assert.ok(receipt?.status === 'retry' && receipt.ambiguous === true, JSON.stringify(body))
    }
})

test('a contact that was made without an answer that names it is found by the next attempt', async (context) => {
  const { connect, server } = await portal(context)
  const { write, held } = connect('list_members', LIST)
  await write([add(ada)])
  server.script({ kind: 'none' }, { ...answer(200, { results: [{}] }), applied: true })
  assert.deepEqual(statuses(await write([add(grace)])), ['retry'])
  assert.deepEqual(statuses(await write([add(grace)])), ['applied'])
  assert.equal(held().length, 2)
})

test('a list that is filled by HubSpot, is of other records, or is not there by its id, stops the sync', async (context) => {
  const { connect, server } = await portal(context)
  const cases = {
    Everybody: /found that HubSpot fills list 1 by its filters \(DYNAMIC\)/,
    '1': /found that HubSpot fills list 1 by its filters \(DYNAMIC\)/,
    '2': /expected a list of contacts, found that list 2 is of other records \(0-2\)/,
    '99': /expected a list with the id 99, found none/,
    // Names are unique among lists of all records.
    Customers: /expected to make a list of this name in HubSpot, found it refused: A list with this name/,
  }
  for (const [list, says] of Object.entries(cases)) {
    const { connection, write } = connect('list_members', { list, create_list: true })
    for (const work of [() => connection.account(), () => write([add(ada)])]) {
      const error = await errorOf(work())
      assert.equal(error.action, 'stop', list)
      assert.match(error.message, says)
    }
  }
  assert.ok(!asked(server).some((path) => ['read', 'upsert', 'add-and-remove'].includes(path)))
  server.script(answer(200, { list: {} }))
  assert.match((await errorOf(connect('list_members', LIST).write([add(ada)]))).message, /without listId/)
})

test('a list that was made meanwhile is the one, and a look-up that failed is asked again', async (context) => {
  const { connect, server } = await portal(context)
  assert.equal(await connect('list_members', LIST).connection.account(), '4242, list 3')
  // Not there when it is looked for; refused, since it is there when it is made.
  server.script({ kind: 'none' }, answer(404, {}))
  const { connection } = connect('list_members', LIST)
  assert.equal(await connection.account(), '4242, list 3')
  const other = connect('list_members', LIST)
  server.script(answer(500, {}))
  assert.equal((await errorOf(other.write([add(ada)]))).action, 'retry')
  assert.deepEqual(statuses(await other.write([add(ada)])), ['applied'])
})
