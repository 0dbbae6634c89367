import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InFlightWindow } from './in-flight-window.ts'

/** A full window of requests that all succeed. */
function round(window: InFlightWindow): void {
  const full = Array.from({ length: window.size }, () => window.start(1))
  for (const one of full) {
    window.succeeded(one)
    window.end(1)
  }
}

test('each window of successes makes room for one more, up to the most', () => {
  const window = new InFlightWindow(6)
  const sizes = [window.size]
  for (let rounds = 0; rounds < 30; rounds += 1) {
    round(window)
    sizes.push(window.size)
  }
  assert.equal(sizes[0], 4)
  assert.deepEqual([...new Set(sizes)], [4, 5, 6])
})

test('a window that nobody fills does not grow', () => {
  const window = new InFlightWindow(8)
  for (let count = 0; count < 100; count += 1) {
    window.succeeded(window.start(1))
    window.end(1)
  }
  assert.equal(window.size, 4)
})

test('what is too much halves it once a round trip, and never below one', () => {
  const window = new InFlightWindow(8)
  for (let count = 0; count < 4; count += 1) window.start(1)
  for (let count = 0; count < 4; count += 1) {
    window.tooMuch(10, 100 + count)
    window.end(1)
  }
  assert.equal(window.size, 2)
  for (const started of [200, 400, 600]) {
    window.start(1)
    window.tooMuch(started, started + 50)
    window.end(1)
  }
  assert.equal(window.size, 1)
})

test('bodies count by their bytes too, and one that is larger than all of them goes alone', () => {
  const window = new InFlightWindow(8)
  const megabytes = (count: number) => count * 1024 * 1024
  assert.equal(window.hasRoom(megabytes(40)), true)
  window.start(megabytes(40))
  assert.equal(window.hasRoom(1), false)
  window.end(megabytes(40))
  window.start(megabytes(10))
  assert.deepEqual([window.hasRoom(megabytes(10)), window.hasRoom(megabytes(6))], [false, true])
})
