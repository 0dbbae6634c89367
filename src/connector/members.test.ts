import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identifiersOf, leavingOf, membership } from './members.ts'
import { allOf, type Row } from './rows.ts'
import type { Batch, Change } from './types.ts'

const row = (change: Partial<Change>): Change => ({ op: 'add', key: { id: '1' }, fields: {}, ...change })

test('identifiers are read in order, each once, with all their parts', () => {
  const change = row({ identifiers: 'email:aa phone:bb email:aa address:cc|dd|FR|SW1A%201AA' })
  assert.deepEqual(identifiersOf(change), [
    { kind: 'email', parts: ['aa'] },
    { kind: 'phone', parts: ['bb'] },
    { kind: 'address', parts: ['cc', 'dd', 'FR', 'SW1A 1AA'] },
  ])
  assert.deepEqual(leavingOf(change), [])
})

test('what leaves is taken out before what stays is put in, and a row that does neither is applied', async () => {
  const changes = [
    row({ identifiers: 'email:aa' }),
    row({ op: 'change', identifiers: 'email:bb', leaving: 'email:cc' }),
    row({ op: 'remove', leaving: 'email:dd' }),
    row({ op: 'remove' }),
    row({ op: 'change', identifiers: 'email:ee', leaving: 'email:ff' }),
  ]
  const told: string[] = []
  const note = (what: string) => async (rows: readonly Row[]) => {
    told.push(`${what} ${rows.map(({ index }) => index)}`)
    const refused = rows.filter(({ index }) => what === 'out' && index === 4)
    const taken = rows.filter((one) => !refused.includes(one))
    return new Map([
      ...allOf(taken, { status: 'applied' }),
      ...allOf(refused, { status: 'rejected', error: 'no' }),
    ])
  }
  const batch = { changes: () => changes } as unknown as Batch
  const receipts = await membership(batch, { takeOut: note('out'), putIn: note('in') })
  assert.deepEqual(told, ['out 1,2,4', 'in 0,1'])
  assert.deepEqual(
    receipts.map(({ status }) => status),
    ['applied', 'applied', 'applied', 'applied', 'rejected'],
  )
})
