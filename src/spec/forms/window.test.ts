import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPastWindow, isWindow, windowHint, windowOf } from './window.ts'

const at = { file: 'a.yml', line: 1, column: 1 }

test('a window is a whole number and a unit, singular or plural', () => {
  assert.deepEqual(windowOf('90 days', at), { at, amount: 90, unit: 'days', next: false })
  assert.deepEqual(windowOf('1 hour', at), { at, amount: 1, unit: 'hours', next: false })
  assert.deepEqual(windowOf('6 months', at), { at, amount: 6, unit: 'months', next: false })
  assert.deepEqual(windowOf('next 2 years', at), { at, amount: 2, unit: 'years', next: true })
  for (const text of ['90 days', '24 hours', '1 month', '1 days', 'next 1 day'])
    assert.ok(isWindow(text), text)
})

test('anything else is no window', () => {
  const texts = [
    '90',
    'days',
    '90days',
    '90d',
    '0 days',
    '-1 days',
    '1.5 days',
    '90 Days',
    '90  days',
    ' 90 days',
  ]
  for (const text of [...texts, '90 days ', '3 weeks', 'last 3 days', 'next', '1e2 days', '90 days\n'])
    assert.ok(!isWindow(text), JSON.stringify(text))
})

test('a window longer than a hundred years is none', () => {
  assert.ok(
    isWindow('100 years') && isWindow('1200 months') && isWindow('36525 days') && isWindow('876600 hours'),
  )
  for (const text of ['101 years', '1201 months', '36526 days', '876601 hours'])
    assert.ok(!isWindow(text), text)
})

test('a window of what is past has no "next"', () => {
  assert.ok(isPastWindow('30 days'))
  assert.ok(!isPastWindow('next 30 days'))
})

test('the hint is the window that was meant', () => {
  const hints = {
    '90d': '90 days',
    '3 weeks': '21 days',
    '12h': '12 hours',
    'Next 5 Days': 'next 5 days',
    '2Y': '2 years',
  }
  for (const [text, meant] of Object.entries(hints)) {
    assert.equal(windowHint(text), `did you mean "${meant}"?`)
    assert.ok(isWindow(meant))
  }
  assert.equal(windowHint('ninety days'), undefined)
  assert.equal(windowHint('30 minutes'), undefined)
})
