import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patternProblem } from './pattern.ts'

test('what RE2 reads is let pass', () => {
  const patterns = [
    '',
    'abc',
    '^a.*b$',
    '(?i)shop',
    '(a|b)+?c{2,3}',
    '[^a-z\\d_]',
    '[]a]',
    '[[:alpha:]-]',
    '\\.example\\.com$',
  ]
  for (const pattern of [...patterns, '(?:ab)?', 'a{', 'a{,2}', '\\bword\\b', '\\p{L}+', 'x{0}', '()', '|a'])
    assert.equal(patternProblem(pattern), undefined, pattern)
})

test('what RE2 does not read is named', () => {
  const problems = {
    '(?=a)': 'look-around',
    'a(?!b)': 'look-around',
    '(?<=a)b': 'look-around',
    '(?<!a)b': 'look-around',
    '(a)\\1': 'back-reference',
    '(?<n>a)\\k<n>': 'other than',
    'a(?i)b': 'other than',
    '(?s)a': 'other than',
    '(?P<n>a)': 'other than',
    '(?>a)': 'atomic',
    'a++': 'possessive',
    'a{2}+': 'possessive',
    'a**': 'repetition',
    '*a': 'repetition',
    'a{3,2}': 'end is before its start',
    'a{1001}': 'more than 1000',
    '(a': 'not closed',
    'a)': 'closes nothing',
    '[a': 'not closed',
    '[z-a]': 'range',
    '[a-\\d]': 'range',
    'a\\': 'backslash',
    '\\Z': 'does not have',
    '\\u0041': 'does not have',
  }
  for (const [pattern, part] of Object.entries(problems))
    assert.ok(patternProblem(pattern)?.includes(part), `${pattern}: ${patternProblem(pattern)}`)
})

test('no pattern makes the check slow', () => {
  for (const piece of ['(', '[', 'a{1,', '((a+)+', '\\', '[[:', '*'])
    assert.doesNotThrow(() => patternProblem(piece.repeat(50_000 / piece.length)))
})
