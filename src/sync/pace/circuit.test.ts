import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Circuit, FAILURES_TO_OPEN } from './circuit.ts'

const policy = { maxAttempts: 8, totalMs: 60_000, baseMs: 100, capMs: 1000 }

function opened(): Circuit {
  const circuit = new Circuit(policy, () => 0)
  for (let count = 0; count < FAILURES_TO_OPEN; count += 1) circuit.failed(circuit.start(), count)
  return circuit
}

test('failures open it only when nothing was answered between them', () => {
  const circuit = new Circuit(policy, () => 0)
  for (let count = 0; count < 50; count += 1) {
    circuit.failed(false, count)
    if (count % (FAILURES_TO_OPEN - 1) === 0) circuit.answered()
  }
  assert.equal(circuit.isOpen, false)
  assert.equal(opened().isOpen, true)
})

test('after the cool-down one request alone may try, and its answer closes it', () => {
  const circuit = opened()
  assert.equal(circuit.waitMs(4), 100)
  assert.equal(circuit.waitMs(104), 0)
  assert.equal(circuit.start(), true)
  assert.equal(circuit.waitMs(105), Number.POSITIVE_INFINITY)
  circuit.answered()
  assert.deepEqual([circuit.isOpen, circuit.waitMs(106), circuit.start()], [false, 0, false])
})

test('each failed try makes the cool-down longer, up to the cap, and it is told since when', () => {
  const circuit = opened()
  const waits: number[] = []
  for (let nowMs = 1000; waits.length < 6; nowMs += 1000) {
    circuit.failed(circuit.start(), nowMs)
    waits.push(circuit.waitMs(nowMs))
  }
  assert.deepEqual(waits, [200, 400, 500, 500, 500, 500])
  assert.equal(circuit.awaySinceMs(), 0)
})

test('requests that were on their way when it opened do not make the cool-down longer', () => {
  const circuit = opened()
  circuit.failed(false, 50)
  assert.equal(circuit.waitMs(50), 54)
})

test('a try that we gave up ourselves leaves the next to another', () => {
  const circuit = opened()
  circuit.forget(circuit.start())
  assert.equal(circuit.waitMs(200), 0)
})
