import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { duckdbText, foldedWord, LEXICON } from '../support/cloud/snowflake-text.ts'
import { tokensOf } from '../support/cloud/tokens.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const golden = (dialect: string) =>
  globSync(`test/*/golden/*.${dialect}.sql`, { cwd: ROOT }).map((path) =>
    readFileSync(join(ROOT, path), 'utf8'),
  )

/** By its manual these cannot be names without quotes. */
const RESERVED = new Set(
  `ACCOUNT ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK COLUMN CONNECT CONNECTION CONSTRAINT CREATE CROSS CURRENT
CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATABASE DELETE DISTINCT DROP ELSE EXISTS FALSE FOLLOWING FOR FROM
FULL GRANT GROUP GSCLUSTER HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS ISSUE JOIN LATERAL LEFT LIKE LOCALTIME
LOCALTIMESTAMP MINUS NATURAL NOT NULL OF ON OR ORDER ORGANIZATION QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SCHEMA
SELECT SET SOME START TABLE TABLESAMPLE THEN TO TRIGGER TRUE TRY_CAST UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHENEVER
WHERE WITH`.split(/\s+/),
)

/** Words behind a dot, and aliases, that stand without quotes and may not. */
function reservedIn(text: string): readonly string[] {
  const tokens = tokensOf(text, LEXICON).filter(({ kind }) => kind !== 'space' && kind !== 'comment')
  return tokens.flatMap(({ kind, text: word }, at) => {
    const before = tokens[at - 1]?.text.toLowerCase()
    const isName = before === '.' || (before === 'as' && tokens[at + 1]?.text !== '(')
    const isSelect = /^(?:select|with)$/i.test(word)
    return kind === 'word' && isName && !isSelect && RESERVED.has(foldedWord(word)) ? [word] : []
  })
}

test('the golden texts of snowflake hold only functions and forms that it has', () => {
  const texts = golden('snowflake')
  assert.ok(texts.length >= 5)
  for (const text of texts) assert.doesNotThrow(() => duckdbText(text, new Date(0)))
  for (const text of golden('postgres')) assert.throws(() => duckdbText(text, new Date(0)))
})

test('no name of ours that stands without quotes is a reserved word of snowflake', () => {
  assert.deepEqual(golden('snowflake').flatMap(reservedIn), [])
  assert.deepEqual(reservedIn('select a as left, t.rows from t as sample'), ['left', 'rows', 'sample'])
})

test('every step is a file without a name that snowflake reserves', () => {
  const paths = globSync('sql/**/*.sql', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/\.(?!snowflake)[a-z]+\.sql$/.test(path))
  assert.ok(paths.length > 50)
  const found = paths.flatMap((path) =>
    reservedIn(readFileSync(join(ROOT, path), 'utf8')).map((word) => `${path}: ${word}`),
  )
  assert.deepEqual(found, [])
})
