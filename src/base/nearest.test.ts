import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest, nearestHint } from './nearest.ts'

test('a name with one letter too few, too many, wrong or swapped finds the name that was meant', () => {
  for (const typo of ['segmnt', 'segmeent', 'sagment', 'segmnet', 'Segment'])
    assert.equal(nearest(typo, ['source', 'segment', 'entity']), 'segment', typo)
})

test('a name that is like none finds none', () => {
  assert.equal(nearest('wombat', ['source', 'segment', 'entity']), undefined)
  assert.equal(nearest('ab', ['xy']), undefined)
})

test('the closest wins, then the first', () => {
  assert.equal(nearest('orders', ['orderz', 'orders']), 'orders')
  assert.equal(nearest('order1', ['order2', 'order3']), 'order2')
})

test('without a near name the hint lists what there is, while that is readable', () => {
  assert.equal(nearestHint('segmnet', ['segment']), 'did you mean "segment"?')
  assert.equal(nearestHint('x', ['alpha', 'beta']), 'there are "alpha", "beta"')
  assert.equal(
    nearestHint(
      'x',
      Array.from({ length: 40 }, (_, index) => `name_${index}`),
    ),
    undefined,
  )
  assert.equal(nearestHint('x', []), undefined)
})
