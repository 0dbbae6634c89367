import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Random } from '../../test/support/random.ts'
import { keyParts, keyText } from './key-text.ts'

test('a key of one field is its value as it stands', () => {
  assert.equal(keyText(['a|b\\c']), 'a|b\\c')
})

test('a key of several fields is joined so that no two lists of values have the same', () => {
  assert.equal(keyText(['Doe', '1990-01-31']), 'Doe|1990-01-31')
  assert.equal(keyText(['a|b', 'c\\']), 'a\\|b|c\\\\')
  assert.notEqual(keyText(['a|b', 'c']), keyText(['a', 'b|c']))
})

test('the parts of a key are its values again, whatever they hold', () => {
  const random = new Random(1)
  for (let times = 0; times < 2000; times += 1) {
    const parts = Array.from({ length: 2 + random.below(3) }, () =>
      Array.from({ length: random.below(5) }, () => random.pick(['a', '|', '\\', 'é', '😀', ' '])).join(''),
    )
    assert.deepEqual(keyParts(keyText(parts)), parts)
  }
})
