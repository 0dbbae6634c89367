import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { patternProblem } from '../../src/spec/forms/pattern.ts'

/** DuckDB reads patterns with RE2 itself, so it can say which ones RE2 takes. */
test('every pattern that we take is one for RE2', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const statement = await connection.prepare("select regexp_matches('', $1)")
  const pieces = [
    'a',
    'z',
    '0',
    '.',
    '[',
    ']',
    '[^',
    '(',
    ')',
    '(?:',
    '*',
    '+',
    '?',
    '{2}',
    '{,3}',
    '{1,2}',
    '{',
    '}',
  ]
  const more = [
    '|',
    '^',
    '$',
    '\\',
    '\\d',
    '\\.',
    '\\b',
    '\\]',
    '-',
    ',',
    '[:alpha:]',
    '[[:digit:]',
    '(?i)',
    'é',
    '😀',
  ]
  const pattern = fc
    .array(fc.constantFrom(...pieces, ...more), { maxLength: 10 })
    .map((parts) => parts.join(''))
  let taken = 0
  const check = fc.asyncProperty(pattern, async (text) => {
    if (patternProblem(text) !== undefined) return
    taken += 1
    statement.bindVarchar(1, text)
    await assert.doesNotReject(statement.run(), text)
  })
  try {
    await fc.assert(check, { numRuns: 3000 })
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  assert.ok(taken > 300, `${taken} patterns were taken`)
})
