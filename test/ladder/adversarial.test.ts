import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { id, lit, render, sql } from '../../src/dialect/fragment.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import { DIALECT_NAMES, openerOf } from './openers.ts'

/** What has broken out of a text, a name or a comment somewhere. */
const NASTY: readonly string[] = [
  "'",
  "''",
  "'''",
  "O'Brien",
  "\\'",
  '\\',
  '\\\\',
  "\\' or 1=1 -- ",
  "'; drop table t; --",
  '"',
  '""',
  '`',
  '``',
  '\\`',
  '-- ',
  '/*',
  '*/',
  '/* sluice */',
  '#',
  '$$',
  '$tag$',
  '{{ as_of }}',
  '{as_of}',
  '{',
  '}}',
  '%s %d %%',
  '?',
  ':name',
  '$1',
  '@variable',
  `\${HOME}`,
  '\n',
  '\r\n',
  '\t',
  '\b\f\v',
  '\u0001\u001f\u007f',
  '\\n\\t\\x00\\u0041',
  'r"x"',
  "b'x'",
  "E'\\n'",
  '\u00a0\u2028\u2029\ufeff',
  'é',
  'e\u0301',
  'ß',
  '😀',
  '\u202e',
  '中文',
  'a'.repeat(20_000),
  "'".repeat(2_000),
  '\\'.repeat(2_001),
  '',
  ' ',
  ' a ',
  'null',
  'NULL',
  'true',
]

const DRAWN = fc.sample(
  fc.string({ unit: fc.constantFrom(...`'"\`\\-/*$\{}%?:@#;\n a0é😀`), maxLength: 12 }),
  {
    numRuns: 150,
    seed: 6,
  },
)

for (const name of DIALECT_NAMES)
  test(`${name}: any text comes back from the warehouse as it was`, async (context) => {
    const warehouse = await openerOf(name)(context)
    const { dialect } = warehouse
    const texts = [...new Set([...NASTY, ...DRAWN])]
    for (let at = 0; at < texts.length; at += TEXTS_A_STATEMENT) {
      const some = texts.slice(at, at + TEXTS_A_STATEMENT)
      const columns = some.map((text, index) => sql`${dialect.fn.asText(lit(text))} as ${id(`c${index}`)}`)
      const statement = render(
        columns.reduce((all, one) => sql`${all}, ${one}`),
        dialect,
      )
      const [row] = await warehouse.read({ step: 'texts', sql: `select ${statement}` })
      assert.deepEqual(Object.values(row ?? {}), some)
    }
  })

/** Texts of a length that a server takes at once. */
const TEXTS_A_STATEMENT = 20

for (const name of DIALECT_NAMES)
  test(`${name}: a name that is exact stays one name, whatever is in it`, async (context) => {
    const warehouse = await openerOf(name)(context)
    const { dialect } = warehouse
    for (const written of NAMES[name] ?? NASTY_NAMES) {
      const quoted = dialect.quote(written)
      const [row] = await warehouse.read({
        step: 'names',
        sql: `select x.${quoted} as found from (select 7 as ${quoted}) as x`,
      })
      assert.equal(Number(Object.values(row ?? {})[0]), 7, written)
    }
  })

const NASTY_NAMES = [
  "o'clock",
  'a"b',
  'a b',
  'select',
  'a--b',
  'a/*b',
  'a;b',
  'É',
  '😀',
  'a$$b',
  '{x}',
  'a\\b',
  'A',
  '%s',
  '?',
]

/** BigQuery's columns are letters, digits and a little more, by its manual. */
const NAMES: Readonly<Partial<Record<string, readonly string[]>>> = {
  bigquery: ['a b', 'select', 'a-b', 'É', 'A'],
}

for (const dialect of Object.values(DIALECTS))
  test(`${dialect.name}: what SQL cannot hold is refused before it is sent`, () => {
    for (const text of ['\0', 'a\0b', '\ud800', 'a\udfff'])
      for (const print of [dialect.literal, dialect.quote])
        assert.throws(() => print(text), { code: 'SLU3014' }, JSON.stringify(text))
    assert.throws(() => dialect.quote(''), { code: 'SLU9001' })
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => dialect.literal(number), { code: 'SLU9001' })
  })
