import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RULESETS } from '../../src/compile/normalize/rulesets.ts'
import { sql } from '../../src/dialect/fragment.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { bothEngines } from '../support/engines.ts'
import { rulesetValuesOf } from '../support/ruleset-values.ts'
import { oracleOf } from './oracle.ts'

/** What texts are made of: letters that change their case in odd ways, blanks, signs, and what looks like a value. */
const PIECES: readonly string[] = [
  ...' .+@-\'"\\|%,;/()&#_*?!~$€÷',
  ...'aZdéÉßẞİıſΣςЖж정مमＡ',
  ...'0179１٣۴५',
  ...[
    '\t',
    '\n',
    '\r',
    '\u000b',
    '\u00a0',
    '\u200b',
    '\u00ad',
    '\ufeff',
    '\u3000',
    '\u202e',
    '\u2028',
    '\u200c',
    '\u2019',
  ],
  ...['\u212a', 'e\u0301', '😀', '00', '+33', '(0)', '＋', '$', '{x}', "'; --"],
  ...['ada', 'gmail.com', '@gmail.com', '@GoogleMail.com', '@example.com', '+tag', '..'],
  ...['mr. ', 'Mrs.', 'Dr. ', ' jr.', ', III', ' phd', ' Vi', 'm', 'female', 'FR', 'us'],
  ...['1997', '-02-', '16', '19970216', 't08:00', '1997-02-16', '00000000-0000-0000-0000-000000000000'],
  ...['EA7583CD-A667-48BC-B806-42ECB2B48606', 'aece52e7-', '03ee-455a', '6123456', '78'],
  'B4C9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514',
  '9'.repeat(60),
]

const piece = fc.constantFrom(...PIECES)
const noise = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
const some = fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: piece })
/** Nearly right: a value with something before, in and after it. */
const nearly = fc
  .tuple(
    some,
    fc.constantFrom(
      'Ada.L',
      '0612345678',
      '+44 20 7183 8750',
      'Smith',
      'SW1A-1AA',
      'F',
      '1997',
      '1997-02',
      'EA7583CD-A667',
    ),
    some,
    fc.constantFrom(
      '@example.com',
      '@gmail.com',
      ' Jr.',
      '',
      'R',
      '-16',
      '-48BC-B806-42ECB2B48606',
      '.',
      ' MD, PhD',
    ),
    some,
  )
  .map((pieces) => pieces.join(''))
const texts = fc.oneof(noise, nearly)

const SEED = 8
const COUNTRIES = [undefined, 'FR', 'IT', 'US'] as const

test('DuckDB and PostgreSQL give for random texts what plain TypeScript gives', async (context) => {
  const engines = Object.values(await bothEngines(context))
  const sample = [...new Set(fc.sample(texts, { numRuns: 999, seed: SEED }))]
  for (const engine of engines) await tableOf(engine, sample)
  const wrong: unknown[] = []
  let found = 0
  for (const ruleset of RULESETS.values())
    for (const country of ruleset.name.includes('.phone@') ? COUNTRIES : [undefined]) {
      const expected = sample.map((text) => oracleOf(ruleset.name, text, country))
      found += expected.filter((one) => one !== null).length
      for (const engine of engines) {
        const values = await rulesetValuesOf(engine, ruleset, sql`select n, x from texts`, country)
        for (const [index, text] of sample.entries())
          if (values[index] !== expected[index])
            wrong.push([engine.dialect.name, ruleset.name, text, values[index], expected[index]])
      }
    }
  assert.deepEqual(wrong.slice(0, 20), [])
  assert.ok(found > 4000, `texts that are values: ${found}`)
})

test('what comes out is a hash, or text that a token can hold', () => {
  const sample = fc.sample(texts, { numRuns: 2000, seed: SEED })
  for (const { name, isHashed } of RULESETS.values())
    for (const text of sample) {
      const value = oracleOf(name, text, 'FR')
      if (value === null) continue
      assert.match(value, isHashed ? /^[0-9a-f]{64}$/ : /^[^ :|"\\\t\n\r]+$/)
      if (!isHashed && name.includes('external_id'))
        assert.equal(
          decodeURIComponent(value),
          text.replaceAll('\ufeff', '').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''),
        )
    }
})

async function tableOf({ dialect, execute }: Warehouse, sample: readonly string[]): Promise<void> {
  const rows = sample.map((text, n) => `(${n}, ${dialect.literal(text)})`)
  await execute({ step: 'texts', sql: 'create table texts (n integer, x varchar)' })
  await execute({ step: 'texts', sql: `insert into texts values ${rows.join(', ')}` })
}
