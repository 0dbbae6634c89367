import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerSecret } from '../../base/redact.ts'
import { plain, plainLines } from './plain.ts'
import { unstyled } from './style.ts'
import { count, facts, plural, table } from './table.ts'

test('columns are aligned, numbers to the right, wide characters counted as two', () => {
  const text = table(
    [{ title: 'NAME' }, { title: 'ROWS', align: 'right' }],
    [
      ['customer', '12,345'],
      ['東京', '7'],
    ],
    unstyled,
  )
  assert.equal(text, 'NAME        ROWS\ncustomer  12,345\n東京           7')
})

test('a value cannot break out of its cell', () => {
  const text = table([{ title: 'A' }], [['x\ny\u001b[31mz\u202e']], unstyled)
  assert.equal(text, 'A\nx yz')
})

test('a secret that the process knows is never printed', () => {
  registerSecret('correct-horse-battery')
  assert.equal(plain('token correct-horse-battery!'), 'token [redacted]!')
})

test('lines stay lines where several are meant', () => {
  assert.equal(plainLines('select 1\nfrom\tx\u0000'), 'select 1\nfrom x ')
})

test('counts have thousands separators and their word its plural', () => {
  assert.equal(count(1234567), '1,234,567')
  assert.equal(plural(1, 'entity', 'entities'), '1 entity')
  assert.equal(plural(0, 'add'), '0 adds')
})

test('facts stand in two columns', () => {
  assert.equal(
    facts([
      ['a', '1'],
      ['long', '2'],
    ]),
    'a     1\nlong  2',
  )
})
