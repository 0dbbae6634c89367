import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lexicon, printForDuckdb, tokensOf } from './tokens.ts'

const BACKSLASH: Lexicon = {
  backslashEscapes: true,
  doubledQuotes: false,
  nameQuote: '`',
  textInDoubleQuotes: true,
}
const STANDARD: Lexicon = {
  backslashEscapes: false,
  doubledQuotes: true,
  nameQuote: '"',
  textInDoubleQuotes: false,
}

test('texts and names are decoded, whatever stands in them', () => {
  const sql = "select `a``b`, 'it\\'s \\\\ -- no comment', \"also text\" /* 'no text' */ from `t`"
  const found = tokensOf(sql, BACKSLASH).filter(({ kind }) => kind === 'text' || kind === 'name')
  assert.deepEqual(
    found.map(({ kind, text }) => [kind, text]),
    [
      ['name', 'a`b'],
      ['text', "it's \\ -- no comment"],
      ['text', 'also text'],
      ['name', 't'],
    ],
  )
})

test('a backslash is itself where the dialect says so', () => {
  const [text] = tokensOf("'a\\'", STANDARD).slice(0, 1)
  assert.deepEqual(text, { kind: 'text', text: 'a\\' })
})

test('what is printed for DuckDB means the same, with words in its own form', () => {
  const sql = "select cast(`x` as STRING), 'a\\nb' -- 'end\nfrom `t`"
  const printed = printForDuckdb(tokensOf(sql, BACKSLASH), (word) =>
    word === 'STRING' ? 'varchar' : undefined,
  )
  assert.equal(printed, 'select cast("x" as varchar), \'a\nb\' -- \'end\nfrom "t"')
})

test('a text that does not end is refused', () => {
  assert.throws(() => tokensOf("select 'a", STANDARD), SyntaxError)
})
