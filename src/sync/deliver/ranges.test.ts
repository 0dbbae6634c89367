import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SeqRange } from '../../ledger/ledger.ts'
import { halves, merged, numberAt, sizeOf, without } from './ranges.ts'

const RANGE = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 8 }))
  .map(([lo, more]): SeqRange => ({ lo, hi: lo + more }))
const RANGES = fc.array(RANGE, { maxLength: 12 })

function numbers(ranges: readonly SeqRange[]): readonly number[] {
  return ranges.flatMap(({ lo, hi }) => Array.from({ length: hi - lo + 1 }, (_, index) => lo + index))
}

function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

test('merged ranges hold the same numbers, each once, with a gap between any two', () => {
  fc.assert(
    fc.property(RANGES, (ranges) => {
      const result = merged(ranges)
      assert.deepEqual(numbers(result), distinct(numbers(ranges)))
      for (const [index, range] of result.slice(1).entries())
        assert.ok(range.lo > (result[index]?.hi ?? 0) + 1)
    }),
  )
})

test('what is left of a range without others is exactly the numbers that none of them has', () => {
  fc.assert(
    fc.property(RANGE, RANGES, (whole, taken) => {
      const gone = new Set(numbers(taken))
      assert.deepEqual(
        numbers(without(whole, merged(taken))),
        numbers([whole]).filter((number) => !gone.has(number)),
      )
    }),
  )
})

test('halves keep all numbers in order, and differ by one at most', () => {
  fc.assert(
    fc.property(
      RANGES.map(merged).filter((ranges) => sizeOf(ranges) > 1),
      (ranges) => {
        const [first, second] = halves(ranges)
        assert.deepEqual([...numbers(first), ...numbers(second)], numbers(ranges))
        assert.ok([0, 1].includes(sizeOf(first) - sizeOf(second)))
      },
    ),
  )
})

test('a number is found by its place', () => {
  fc.assert(
    fc.property(RANGES.map(merged), (ranges) => {
      for (const [index, number] of numbers(ranges).entries()) assert.equal(numberAt(ranges, index), number)
    }),
  )
})
