import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerSecret } from '../base/redact.ts'
import { cleanWords } from './answer-words.ts'
import type { Change } from './types.ts'

const CHANGE: Change = {
  op: 'change',
  key: { email: 'ada@example.com', id: '7' },
  previous_key: { email: 'old.ada@example.com', id: '6' },
  fields: {
    name: 'Ada Lovelace',
    spent: 30.5,
    vip: true,
    city: null,
    tags: ['Vault', { deep: 'Opal (x)' }],
    none: '',
  },
}

const cases: readonly (readonly [said: string, cleaned: string])[] = [
  ['is not a valid e-mail address', 'is not a valid e-mail address'],
  ['ada@example.com is taken', '[value] is taken'],
  ['ADA@EXAMPLE.COM is taken by other.person@mail.example', '[value] is taken by [value]'],
  ['old.ada@example.com was archived', '[value] was archived'],
  ['name "Ada Lovelace" is too long', 'name "[value]" is too long'],
  ['spent=30.5 is over 30', 'spent=[value] is over 30'],
  ['Opal (x) in Vault', '[value] in [value]'],
  ['row 7 of 17', 'row [value] of 17'],
  ['a\u001b[2Jb\r\n\tc\u202ed', 'a [2Jb c d'],
  ['  much    space  ', 'much space'],
]

for (const [said, cleaned] of cases)
  test(`what a destination says, ${JSON.stringify(said)}, is kept as ${JSON.stringify(cleaned)}`, () =>
    assert.equal(cleanWords(said, CHANGE), cleaned))

test('secrets are hidden, and a page is cut to a line', () => {
  registerSecret('canary-of-words')
  assert.equal(cleanWords('the token canary-of-words is wrong', undefined), 'the token [redacted] is wrong')
  const words = cleanWords('long '.repeat(10_000), undefined)
  assert.equal(words.length, 200)
  assert.match(words, /…$/)
})

test('an address that the cut would leave half of is not left at all', () => {
  const said = `${'x '.repeat(95)}someone.unknown@mail.example is taken`
  assert.doesNotMatch(cleanWords(said, undefined), /someone|mail\.example/)
})

test('a long value that is quoted cut, or is longer than what is read, is not left', () => {
  const note = 'Met her at the opera in March; '.repeat(300)
  const change: Change = { op: 'add', key: { id: '1' }, fields: { note } }
  assert.equal(cleanWords(`note "${note}" is too long`, change), 'note "[value]')
  assert.equal(cleanWords('note "Met her at the opera..." is too long', change), 'note "[value]')
})

test('a text made to be slow is not', () => {
  const start = performance.now()
  cleanWords('@'.repeat(1_000_000), CHANGE)
  cleanWords('a'.repeat(1_000_000), CHANGE)
  cleanWords(`${'a@'.repeat(500_000)}`, CHANGE)
  assert.ok(performance.now() - start < 1000)
})
