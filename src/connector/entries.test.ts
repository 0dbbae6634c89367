import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entriesOf, receiptsOf, SHA256, UUID } from './entries.ts'
import { identifiersOf } from './members.ts'
import { APPLIED, type Row, rowsOf } from './rows.ts'
import type { Receipt } from './types.ts'

const FORMS = { email: SHA256, mobile_id: UUID }
const HASH = 'ab'.repeat(32)
const DEVICE = '38400000-8cf0-11bd-b23e-10b96e40000d'
const REJECTED: Receipt = { status: 'rejected', error: 'no' }
const RETRY: Receipt = { status: 'retry', error: 'later' }

function people(...identifiers: readonly string[]): readonly Row[] {
  return rowsOf(
    identifiers.map((text, index) => ({ op: 'add', key: { id: index }, fields: {}, identifiers: text })),
  )
}

test('every value of every person is an entry, in order', () => {
  const [ada, bob] = people(`email:${HASH} mobile_id:${DEVICE}`, `email:${HASH}`)
  assert.ok(ada !== undefined && bob !== undefined)
  const { entries, malformed } = entriesOf([ada, bob], identifiersOf, FORMS)
  assert.deepEqual(entries, [
    { row: ada, kind: 'email', value: HASH },
    { row: ada, kind: 'mobile_id', value: DEVICE },
    { row: bob, kind: 'email', value: HASH },
  ])
  assert.equal(malformed.size, 0)
})

test('a person with a value of another form is rejected as a whole, and the reason does not name the value', () => {
  const rows = people(`email:${HASH} mobile_id:nope`, `email:${HASH.toUpperCase()}`, `phone:${HASH}`)
  const { entries, malformed } = entriesOf(rows, identifiersOf, FORMS)
  assert.deepEqual(entries, [])
  assert.deepEqual(
    [...malformed.values()].map((receipt) => ('error' in receipt ? receipt.error : '')),
    [
      'expected mobile_id to be an advertising id, which is a UUID, found something else',
      'expected email to be a SHA-256 hash in lower-case hex, found something else',
      'expected identifiers of email, mobile_id, found phone',
    ],
  )
})

test('a person is applied when all values are, and what is open comes before what is rejected', () => {
  const rows = people('email:a email:b', 'email:c email:d', 'email:e email:f', 'email:g')
  const entries = rows.flatMap((row) =>
    identifiersOf(row.change).map(({ kind, parts: [value = ''] }) => ({ row, kind, value })),
  )
  const told = [APPLIED, APPLIED, REJECTED, APPLIED, RETRY, REJECTED, undefined]
  const receipts = receiptsOf(entries.map((entry, index) => [entry, told[index]]))
  assert.deepEqual(
    rows.map((row) => receipts.get(row)?.status),
    ['applied', 'rejected', 'retry', 'retry'],
  )
  const last = [...receipts.values()].at(-1)
  assert.ok(last?.status === 'retry' && last.ambiguous === true)
})
