import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, answer, asked, errorOf, portal, remove, statuses } from '../support/hubspot.ts'

test('companies, deals and records of a type of your own are found by a unique property', async (context) => {
  const { connect, server } = await portal(context)
  const kinds = [
    ['companies', 'company_key', 'name'],
    ['deals', 'deal_key', 'dealname'],
    ['p_cars', 'vin', 'make'],
    ['2-1234567', 'vin', 'make'],
    ['tickets', 'ticket_key', 'subject'],
  ] as const
  for (const [object, key, field] of kinds) {
    const { write, held } = connect(object)
    const row = add({ [key]: `${object} 1` }, { [field]: 'A' })
    assert.deepEqual(statuses(await write([row, add({ [key]: `${object} 2` }, { [field]: 'A' })])), [
      'applied',
      'applied',
    ])
    const [input] = JSON.parse(server.requests.at(-1)?.body ?? '').inputs
    assert.deepEqual([input.id, input.idProperty], [`${object} 1`, key])
    assert.match(server.requests.at(-1)?.path ?? '', new RegExp(`^/crm/v3/objects/${object}/batch/upsert$`))
    await write([{ ...row, op: 'change', fields: { [field]: 'B' } }], 'update')
    await write([remove({ [key]: `${object} 2` }), remove({ [key]: 'never there' })])
    assert.deepEqual(
      held().filter((one) => one.key[key] !== undefined && String(one.key[key]).startsWith(object)),
      [{ key: { [key]: `${object} 1` }, fields: { [field]: 'B' } }],
    )
  }
})

test('a contact is found by any unique property, and a second one with its address is rejected', async (context) => {
  const { connect } = await portal(context)
  const { write, held } = connect('contacts')
  await write([add({ customer_id: 'c-1' }, { email: 'ada@example.com', city: 'London' })])
  await write([add({ email: 'Ada@example.com' }, { city: 'Paris' })])
  assert.deepEqual(held(), [
    { key: { customer_id: 'c-1' }, fields: { email: 'ada@example.com', city: 'Paris' } },
  ])
  const receipts = await write([add({ customer_id: 'c-2' }, { email: 'ada@example.com' })])
  assert.deepEqual(receipts, [
    { status: 'rejected', error: 'HubSpot: Record already exists. Existing ID: 101' },
  ])
})

test('values of a key that differ by case are two records', async (context) => {
  const { connect } = await portal(context)
  const { write, held } = connect('companies')
  await write([add({ company_key: 'a1' }, { name: 'lower' }), add({ company_key: 'A1' }, { name: 'upper' })])
  assert.deepEqual(statuses(await write([remove({ company_key: 'A1' })])), ['applied'])
  assert.deepEqual(held(), [{ key: { company_key: 'a1' }, fields: { name: 'lower' } }])
  assert.deepEqual(statuses(await write([remove({ company_key: 'A1' })])), ['applied'])
  assert.equal(held().length, 1)
})

test('a key that is not unique, an unknown type and an unknown property stop the sync and reject nobody', async (context) => {
  const { connect, server } = await portal(context)
  const byDomain = await errorOf(connect('companies').write([add({ domain: 'example.com' })]))
  assert.deepEqual([byDomain.action, byDomain.status], ['stop', 400])
  assert.match(byDomain.message, /non-unique 0-2 property domain/)
  const cars = await errorOf(connect('cars').write([add({ vin: '1' })]))
  assert.equal(cars.action, 'stop')
  assert.match(cars.message, /Unable to infer object type from: cars/)
  const unknown = 'Property values were not valid: [{"isValid":false,"error":"PROPERTY_DOESNT_EXIST"}]'
  for (const body of [{ message: unknown }, { message: 'no', errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] }]) {
    server.script(answer(400, body))
    assert.equal((await errorOf(connect('contacts').write([add({ email: 'a@b.c' })]))).action, 'stop')
  }
  server.script(answer(400, { message: 'Invalid "non-unique" \\"error\\":\\"PROPERTY_DOESNT_EXIST\\"' }))
  assert.equal((await errorOf(connect('contacts').write([add({ email: 'a@b.c' })]))).action, 'split')
})

test('a key of two fields is refused before anything is sent', async (context) => {
  const { connect, server } = await portal(context)
  const error = await errorOf(connect('companies').write([add({ company_key: '1', country: 'FR' })]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /expected one unique property of companies in "match", found 2/)
  assert.equal(server.requests.length, 0)
})

test('a value that a property does not take rejects its row alone, and is not quoted', async (context) => {
  const { connect } = await portal(context)
  const { write, held } = connect('companies')
  const receipts = await write([
    add({ company_key: '1' }, { numberofemployees: 12 }),
    add({ company_key: '2' }, { numberofemployees: 'twelve canaries' }),
    add({ company_key: '3' }, { hs_object_id: '7' }),
  ])
  assert.deepEqual(statuses(receipts), ['applied', 'rejected', 'rejected'])
  assert.deepEqual(receipts[1], {
    status: 'rejected',
    error: 'HubSpot: [value] was not a valid number for numberofemployees',
  })
  assert.deepEqual(held(), [{ key: { company_key: '1' }, fields: { numberofemployees: '12' } }])
})

test('an update of what was read but is gone, and one that is answered for another record, are told apart', async (context) => {
  const { connect, server } = await portal(context)
  const { write } = connect('companies')
  const rows = ['1', '2'].map((key) => add({ company_key: key }, { name: 'B' }))
  await write(rows)
  const record = (id: string, key: string) => ({ id, properties: { company_key: key } })
  server.script(
    answer(200, { results: [record('101', '1'), record('102', '2')] }),
    answer(207, {
      results: [{ id: '999' }],
      errors: [{ category: 'OBJECT_NOT_FOUND', message: 'gone', context: { ids: ['102'] } }],
    }),
  )
  assert.deepEqual(await write(rows, 'update'), [
    { status: 'retry', error: 'expected an answer for every row, found none for this one', ambiguous: true },
    { status: 'rejected', error: 'HubSpot: gone' },
  ])
  server.script(
    answer(200, { results: [record('101', '1'), record('102', '2')] }),
    answer(200, { results: [{ id: '102' }, { id: '101' }] }),
  )
  assert.deepEqual(statuses(await write(rows, 'update')), ['applied', 'applied'])
})

test('a read that did not tell updates nothing and rejects nobody', async (context) => {
  const { connect, server } = await portal(context)
  const { write } = connect('contacts')
  const strange = [
    {},
    { results: [3] },
    { results: [{ id: '1' }] },
    { results: [], errors: [{ category: 'INTERNAL_ERROR' }] },
  ]
  for (const body of strange) {
    server.script(answer(200, body))
    assert.deepEqual(statuses(await write([add({ email: 'a@example.com' })], 'update')), ['retry'])
  }
  assert.deepEqual(new Set(asked(server)), new Set(['read']))
})

test('a contact that was merged is rejected by its second address, in update and in removal', async (context) => {
  const { connect } = await portal(context)
  const { write, held } = connect('contacts')
  await write([add({ email: 'main@example.com' }, { hs_additional_emails: 'second@example.com' })])
  const second = { email: 'second@example.com' }
  for (const receipts of [await write([add(second)], 'update'), await write([remove(second)])]) {
    assert.deepEqual(statuses(receipts), ['rejected'])
    assert.match(JSON.stringify(receipts), /under another main e-mail address/)
  }
  assert.equal(held().length, 1)
})
