import assert from 'node:assert/strict'
import { test } from 'node:test'
import { excerpt } from './source-excerpt.ts'

const at = (line: number, column: number, endColumn?: number) =>
  endColumn === undefined ? { file: 'a.yml', line, column } : { file: 'a.yml', line, column, endColumn }

test('the carets stand under what the position marks', () => {
  assert.deepEqual(excerpt('a: 1\nsegmnet: vip\n', at(2, 1, 8)), ['   2 | segmnet: vip', '     | ^^^^^^^'])
})

test('without an end one character is marked, and the end of a line can be', () => {
  assert.deepEqual(excerpt('abc', at(1, 2)), ['   1 | abc', '     |  ^'])
  assert.deepEqual(excerpt('abc', at(1, 4)), ['   1 | abc', '     |    ^'])
})

test('a line that is not there has no excerpt', () => {
  assert.deepEqual(excerpt('abc\n', at(3, 1)), [])
  assert.deepEqual(excerpt('abc\n', at(2, 1)), ['   2 |', '     | ^'])
})

test('tabs and wide characters keep the carets in their place', () => {
  assert.deepEqual(excerpt('\ta: b', at(1, 5, 6)), ['   1 | \ta: b', '     | \t   ^'])
  assert.deepEqual(excerpt('名: 客户', at(1, 4, 6)), ['   1 | 名: 客户', '     |     ^^^^'])
})

test('the line break of Windows is not shown', () => {
  assert.deepEqual(excerpt('a: 1\r\nb: 2\r\n', at(1, 4, 5)), ['   1 | a: 1', '     |    ^'])
})

test('characters that a terminal would obey are not passed on', () => {
  const start = String.fromCharCode(27)
  const bidirectional = String.fromCharCode(0x202e)
  assert.deepEqual(excerpt(`a${start}[31m${bidirectional}b`, at(1, 1, 2)), ['   1 | a?[31m?b', '     | ^'])
})

test('a long line is cut around the place', () => {
  const [line = '', carets = ''] = excerpt(`${'x'.repeat(300)}HERE${'y'.repeat(300)}`, at(1, 301, 305))
  assert.ok(line.length < 110, line)
  assert.equal(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1), 'HERE')
  assert.match(line, /^ {3}1 \| \.\.\.x+HEREy+\.\.\.$/)
})
