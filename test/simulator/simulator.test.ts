import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulate.ts'

test('in a world of faults, deaths, pauses and rivals the destination ends as the model says', async () => {
  const broken: string[] = []
  for (let seed = 1; seed <= 200; seed += 1) {
    const { breaches } = await simulate({ seed })
    if (breaches.length > 0) broken.push(`seed ${seed}: ${breaches[0]}`)
  }
  assert.deepEqual(broken, [])
})

test('the same seed gives the same world', async () => {
  const [first, second] = [await simulate({ seed: 7, trace: true }), await simulate({ seed: 7, trace: true })]
  assert.ok(first.trace.length > 50)
  assert.deepEqual(first, second)
})
