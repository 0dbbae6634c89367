import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registerSecret } from '../base/redact.ts'
import { answerWords, cleanWords } from './answer-words.ts'
import type { Batch, Change } from './types.ts'

const ADA: Change = {
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
const NOTE = 'Met her at the opera in March; '.repeat(300)
const GRACE: Change = {
  op: 'add',
  key: { email: 'grace@example.com' },
  fields: { country: 'IS', name: 'Zoë\u0301', note: NOTE },
}

function batchOf(changes: readonly Change[]): Batch {
  const changesJson = JSON.stringify(changes)
  return {
    sync: 's',
    runId: 'r',
    object: 'rows',
    mode: 'upsert',
    batch: 1,
    count: changes.length,
    changesJson,
    changes: () => JSON.parse(changesJson),
    idempotencyKey: 'k',
  }
}

const aboutAda = (said: unknown) => answerWords(batchOf([ADA, GRACE]))(0, said)

const cases: readonly (readonly [said: string, cleaned: string])[] = [
  ['is not a valid e-mail address', 'is not a valid e-mail address'],
  ['ada@example.com is taken', '[value] is taken'],
  ['ADA@EXAMPLE.COM is taken by other.person@mail.example', '[value] is taken by [value]'],
  ['old.ada@example.com was archived', '[value] was archived'],
  ['name "Ada Lovelace" is too long', 'name "[value]" is too long'],
  ['spent=30.5 is over 30', 'spent=[value] is over 30'],
  ['Opal (x) in Vault', '[value]) in [value]'],
  ['row 7 of 17', 'row [value] of 17'],
  ['duplicate of grace@example.com', 'duplicate of [value]'],
  ['duplicate of zoe\u0308\u0301', 'duplicate of [value]'],
  [`note "${NOTE}" is too long`, 'note "[value]'],
  ['note "Met her at the opera..." is too long', 'note "[value]'],
  ['a\u001b[2Jb\r\n\tc\u202ed', 'a [2Jb c d'],
  ['  much    space  ', 'much space'],
]

for (const [said, cleaned] of cases)
  test(`what a destination says, ${JSON.stringify(said.slice(0, 60))}, is kept as ${JSON.stringify(cleaned)}`, () =>
    assert.equal(aboutAda(said), cleaned))

test('nothing said is nothing', () => {
  for (const said of ['', '  ', undefined, null, 3, ['a'], {}]) assert.equal(aboutAda(said), undefined)
})

test('a batch of which nothing was said is never parsed', () => {
  const words = answerWords({ ...batchOf([ADA]), changes: () => assert.fail('it was parsed') })
  assert.equal(words(0, undefined), undefined)
})

test('secrets are hidden, and a page is cut to a line', () => {
  registerSecret('canary-of-words')
  assert.equal(cleanWords('the token canary-of-words is wrong'), 'the token [redacted] is wrong')
  const words = cleanWords('long '.repeat(10_000))
  assert.equal(words.length, 200)
  assert.match(words, /…$/)
})

test('an address that the cut would leave half of is not left at all', () => {
  assert.doesNotMatch(
    cleanWords(`${'x '.repeat(95)}someone.unknown@mail.example is taken`),
    /someone|mail\.example/,
  )
})

test('texts made to be slow are not, and neither is a large batch that is rejected', () => {
  const start = performance.now()
  for (const said of ['@', 'a', 'a@', 'a.', '7 ', '\u202e']) aboutAda(said.repeat(500_000))
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    ...ADA,
    key: { email: `p${index}@example.com` },
  }))
  const words = answerWords(batchOf(many))
  for (let index = 0; index < many.length; index += 1)
    assert.equal(words(index, `p${index}@example.com is blocked`), '[value] is blocked')
  assert.ok(performance.now() - start < 5000)
})

test('what finds a person is hidden, hashed too, of what stays and of what leaves', () => {
  const hash = (digit: string) => digit.repeat(64)
  const change: Change = {
    op: 'change',
    key: { id: '7' },
    fields: {},
    identifiers: `email:${hash('a')} address:${hash('b')}|FR`,
    leaving: `mobile_id:6032d997-3ab0-4de0-aa16-8af0e5b482fb`,
  }
  const words = answerWords(batchOf([change]))
  for (const value of [hash('a'), hash('b').slice(0, 40), '6032d997-3ab0-4de0-aa16-8af0e5b482fb'])
    assert.equal(words(-1, `row ${value} is invalid`)?.startsWith('row [value]'), true)
})
