import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsedChanges } from './parsed-changes.ts'

/** The value of a field whose JSON this is, beside a short number: the way of each is the other's too. */
function parsed(json: string): unknown {
  const [change] = parsedChanges(`[{"op":"add","key":{"id":"1"},"fields":{"v":${json},"w":1.5}}]`)
  assert.equal(change?.fields.w, 1.5)
  return change?.fields.v
}

test('a number that JavaScript holds is a number', () => {
  for (const number of [
    '0',
    '-0.5',
    '1e3',
    '1.50',
    '9007199254740992',
    '0.1234567890123456',
    '1.5e+300',
    '-0',
  ])
    assert.equal(parsed(number), Number(number), number)
})

test('a number that would lose a digit stays a text', () => {
  for (const number of [
    '0.1234567890123456789',
    '9007199254740993',
    '-9007199254740991.25',
    '1234567890123456789012345678901234567890',
    '1e400',
    '-1e400',
    '1e-400',
    '1.00000000000000000001',
  ])
    assert.equal(parsed(number), number)
})

test('texts, lists and objects are what JSON.parse makes of them, digits in them too', () => {
  const values = ['1234567890123456789', '1e400', '"', ['0.12345678901234567'], { '1e400': null, b: true }]
  for (const value of values) assert.deepEqual(parsed(JSON.stringify(value)), value)
  assert.deepEqual(parsed('[1,{"a":12345678901234567890}]'), [1, { a: '12345678901234567890' }])
})

test('any double comes back as it was written', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
      Object.is(parsed(JSON.stringify(value)), value + 0),
    ),
    { seed: 1 },
  )
})
