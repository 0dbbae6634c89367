import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SluiceError } from '../base/errors.ts'
import { resolveEnvText } from './env.ts'

const at = { file: 'sluice.yml', line: 4, column: 9 }
const resolve = (raw: string, env: Record<string, string | undefined>) => resolveEnvText({ raw, at }, env)

test('variables are read wherever they stand in the text', () => {
  const env = { HOST: 'db', PORT: '5432' }
  assert.equal(resolve('postgres://$' + '{HOST}:$' + '{PORT}/shop', env), 'postgres://db:5432/shop')
  assert.equal(resolve('plain $ {text}', env), 'plain $ {text}')
})

test('a default stands in for a variable that is not set or empty', () => {
  assert.equal(resolve('$' + '{HOST:-localhost}', {}), 'localhost')
  assert.equal(resolve('$' + '{HOST:-localhost}', { HOST: '' }), 'localhost')
  assert.equal(resolve('$' + '{HOST:-}', {}), '')
  assert.equal(resolve('$' + '{HOST:-http://a:1/b}', {}), 'http://a:1/b')
  assert.equal(resolve('$' + '{HOST:-localhost}', { HOST: 'db' }), 'db')
})

test('an empty variable without a default is empty', () => {
  assert.equal(resolve('$' + '{HOST}', { HOST: '' }), '')
})

test('what a variable holds is not read again', () => {
  assert.equal(resolve('$' + '{A}', { A: '$' + '{B}', B: 'no' }), '$' + '{B}')
})

test('a missing variable is named, with its place and the way out', () => {
  assert.throws(
    () => resolve('$' + '{HUBSPOT_TOKEN}', { toString: undefined }),
    (error) =>
      error instanceof SluiceError &&
      error.code === 'SLU1018' &&
      error.at === at &&
      error.message.includes('"HUBSPOT_TOKEN"') &&
      error.hint?.includes('$' + '{HUBSPOT_TOKEN:-default}') === true,
  )
})

test('names of the prototype are no variables', () => {
  assert.throws(() => resolve('$' + '{toString}', {}), SluiceError)
})
