import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { validate } from 'node-cron'
import { isCron } from './cron.ts'

test('five fields of numbers, names, ranges, steps and lists are a schedule', () => {
  const texts = [
    '* * * * *',
    '*/15 * * * *',
    '0 6 * * 1-5',
    '0,30 8-18/2 1 jan,jul sun',
    '5 4 31 12 7',
    '0 0 * * MON',
  ]
  for (const text of texts) assert.ok(isCron(text), text)
})

test('other fields, and numbers out of range, are none', () => {
  const texts = [
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * 32 * *',
    '* * * 13 *',
  ]
  for (const text of [
    ...texts,
    '* * * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    '1/5 * * * *',
    '@daily',
    'a * * * *',
    '1,,2 * * * *',
  ])
    assert.ok(!isCron(text), text)
})

test('what we take is a schedule for the library that runs it', () => {
  const number = fc.integer({ min: 0, max: 70 })
  const item = fc.oneof(
    fc.constant('*'),
    number.map(String),
    fc.tuple(number, number).map(([low, high]) => `${low}-${high}`),
    number.map((step) => `*/${step}`),
    fc.tuple(number, number, number).map(([low, high, step]) => `${low}-${high}/${step}`),
  )
  const field = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(','))
  fc.assert(
    fc.property(fc.tuple(field, field, field, field, field), (fields) => {
      const text = fields.join(' ')
      if (isCron(text)) assert.ok(validate(text), text)
    }),
    { numRuns: 2000 },
  )
})
