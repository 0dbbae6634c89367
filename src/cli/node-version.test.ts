import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNewEnough } from './node-version.ts'

test('Node 22.19 and everything after it is new enough', () => {
  for (const version of ['22.19.0', '22.20.1', '24.0.0', '100.1.0']) assert.ok(isNewEnough(version), version)
  for (const version of ['20.20.2', '22.18.9', '18.0.0', '']) assert.ok(!isNewEnough(version), version)
})
