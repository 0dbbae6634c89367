import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SluiceError } from '../../base/errors.ts'
import { asSluiceError, errorJson, renderRemark } from './errors.ts'
import { unstyled } from './style.ts'

const TEXT = 'syncs:\n  - name: vips\n    segmnet: vip\n'
const textOf = (file: string) => (file === 'syncs/crm.yml' ? TEXT : undefined)
const at = { file: 'syncs/crm.yml', line: 3, column: 5, endColumn: 12 }

test('an error shows its place, its line and a caret under the words that are wrong', () => {
  const error = new SluiceError('SLU7001', {
    message: 'unknown key "segmnet" in sync "vips"',
    at,
    hint: 'did you mean "segment"?',
  })
  assert.equal(
    renderRemark('error', error, textOf, unstyled),
    [
      'error[SLU7001]: unknown key "segmnet" in sync "vips"',
      '  --> syncs/crm.yml:3:5',
      '   3 |     segmnet: vip',
      '     |     ^^^^^^^ did you mean "segment"?',
    ].join('\n'),
  )
})

test('without the text the place stays, without a place the hint stays', () => {
  const error = { code: 'SLU7001', message: 'a', at: { ...at, file: 'gone.yml' }, hint: 'do b' }
  assert.equal(
    renderRemark('error', error, textOf, unstyled),
    'error[SLU7001]: a\n  --> gone.yml:3:5\n  = do b',
  )
  assert.equal(
    renderRemark('warning', { code: 'SLU7001', message: 'a', hint: 'do b' }, textOf, unstyled),
    'warning[SLU7001]: a\n  = do b',
  )
})

test('a very long line is cut around the caret', () => {
  const long = `${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`
  const place = { file: 'x', line: 1, column: 5001, endColumn: 5005 }
  const lines = renderRemark(
    'error',
    { code: 'SLU7001', message: 'm', at: place },
    () => long,
    unstyled,
  ).split('\n')
  const [, , source = '', caret = ''] = lines
  assert.ok(source.length < 200)
  assert.equal(source.slice(caret.indexOf('^'), caret.indexOf('^') + 4), 'HERE')
})

test('escape sequences in a project file do not reach the terminal', () => {
  const rendered = renderRemark(
    'error',
    { code: 'SLU7001', message: 'a\u001b[2Jb', at },
    () => '\n\n    \u001b]0;x\u0007y',
    unstyled,
  )
  assert.doesNotMatch(rendered.replaceAll('\n', ''), /\p{Cc}/u)
  assert.match(rendered, /: ab\n/)
})

test('as JSON an error has six keys, null where there is nothing', () => {
  assert.deepEqual(errorJson(new SluiceError('SLU7001', { message: 'a' })), {
    code: 'SLU7001',
    message: 'a',
    file: null,
    line: null,
    column: null,
    hint: null,
  })
})

test('what nobody foresaw is our bug, and a parser that quotes its input is not repeated', () => {
  const bug = asSluiceError(new SyntaxError('Unexpected token in "jane@example.com"'))
  assert.equal(bug.code, 'SLU9001')
  assert.match(bug.message, /our bug/)
  assert.doesNotMatch(bug.message, /jane/)
  assert.match(asSluiceError(new TypeError('x is not a function')).message, /x is not a function/)
})
