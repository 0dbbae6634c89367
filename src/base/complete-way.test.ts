import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lackOfWays } from './complete-way.ts'

const WAYS = [['token'], ['id', 'secret', 'refresh']]
const lack = (...given: readonly string[]) => lackOfWays(WAYS, (name) => given.includes(name))

test('nothing lacks when one of the ways is whole', () => {
  assert.equal(lack('token'), undefined)
  assert.equal(lack('secret', 'id', 'refresh'), undefined)
  assert.equal(lack('id', 'token'), undefined)
  assert.equal(
    lackOfWays([], () => false),
    undefined,
  )
})

test('without any the first way is asked for, else the one that was begun', () => {
  const expected = 'token, or id, secret and refresh'
  assert.deepEqual(lack(), { expected, missing: ['token'] })
  assert.deepEqual(lack('id'), { expected, missing: ['secret', 'refresh'] })
  assert.deepEqual(lack('refresh', 'id'), { expected, missing: ['secret'] })
})
