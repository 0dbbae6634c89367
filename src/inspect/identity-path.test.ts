import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type LinkedRecord, shortestPath } from './identity-path.ts'

/** Records named by their place in the list; each letter of a text is an identifier value. */
function records(values: readonly string[], first: number, second: number): readonly LinkedRecord[] {
  return values.map((letters, index) => ({
    source: 's',
    recordId: String(index),
    rows: 1,
    isFirst: index === first,
    isSecond: index === second,
    identifiers: [...letters].map((hash) => ({ type: 'letter', hash, shown: hash })),
  }))
}

function told(values: readonly string[], first: number, second: number): string | undefined {
  return shortestPath(records(values, first, second))
    ?.map(({ record, by }) => `${by === undefined ? '' : `-${by.hash}-`}${record.recordId}`)
    .join('')
}

test('a way goes from record to record by the value that the two share', () => {
  assert.equal(told(['a', 'ab', 'bc', 'c'], 0, 3), '0-a-1-b-2-c-3')
})

test('the shortest way wins, and of equally short ones the first', () => {
  assert.equal(told(['ax', 'ab', 'bc', 'cx'], 0, 3), '0-x-3')
  assert.equal(told(['a', 'ab', 'ab', 'b'], 0, 3), '0-a-1-b-3')
})

test('one record that is both is a way of itself, and what shares nothing has none', () => {
  assert.equal(told(['a', 'b'], 0, 0), '0')
  assert.equal(told(['a', 'b'], 0, 1), undefined)
  assert.equal(told(['', ''], 0, 1), undefined)
})

test('equal values of two types are no link', () => {
  const [one, other] = records(['a', 'a'], 0, 1)
  assert.ok(one !== undefined && other !== undefined)
  const renamed = { ...other, identifiers: [{ type: 'other', hash: 'a', shown: 'a' }] }
  assert.equal(shortestPath([one, renamed]), undefined)
})

test('it is as long as trying every way says, whatever the records', () => {
  const letters = fc.array(fc.constantFrom(...'abcdefgh'), { maxLength: 3 }).map((some) => some.join(''))
  fc.assert(
    fc.property(fc.array(letters, { minLength: 2, maxLength: 12 }), (values) => {
      const path = shortestPath(records(values, 0, values.length - 1))
      assert.equal(path === undefined ? Number.POSITIVE_INFINITY : path.length - 1, distance(values))
      for (const [index, { record, by }] of (path ?? []).entries()) {
        const before = path?.[index - 1]?.record
        assert.equal(by === undefined, before === undefined)
        for (const end of [before, record])
          if (by !== undefined) assert.ok(end?.identifiers.some(({ hash }) => hash === by.hash))
      }
    }),
    { numRuns: 500, seed: 3 },
  )
})

/** Links between the first and the last, by relaxing until nothing gets shorter. */
function distance(values: readonly string[]): number {
  const far = values.map((_, index) => (index === 0 ? 0 : Number.POSITIVE_INFINITY))
  for (const _ of values)
    for (const [a, one] of values.entries())
      for (const [b, other] of values.entries())
        if ([...one].some((letter) => other.includes(letter)))
          far[b] = Math.min(far[b] ?? 0, (far[a] ?? 0) + (a === b ? 0 : 1))
  return far.at(-1) ?? 0
}
