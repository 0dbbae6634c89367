import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What DuckDB or PostgreSQL take and Redshift does not, by its manual. */
const LACKING: readonly RegExp[] = [
  /is (?:not )?distinct from/,
  /\bfilter ?\(/,
  /\barray_agg\b|\bstring_agg\b|\bpg_typeof\b|\bto_regclass\b|\baclexplode\b/,
  /\bcollate\b/,
  /\b(?:not )?materialized\b/,
  /\bon conflict\b|\breturning\b|\bmerge into\b/,
  /\bdelete from \S+ as\b/,
  /\bdistinct on\b|\blateral\b/,
  /\bas text\b/,
  /\bcreate temp view\b|\bcreate index\b/,
  /\bnologin\b|\bgrant connect\b/,
  /::/,
]

/** What is refused in a text, without its literals, names in quotes and comments. */
function lackingIn(text: string): readonly string[] {
  const code = text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, ' x ')
  return LACKING.flatMap((word) => word.exec(code)?.[0] ?? [])
}

test('the golden texts of redshift hold nothing that it lacks, and those of postgres do', () => {
  const golden = (dialect: string) =>
    globSync(`test/*/golden/*.${dialect}.sql`, { cwd: ROOT }).map((path) =>
      readFileSync(join(ROOT, path), 'utf8'),
    )
  assert.ok(golden('redshift').length >= 5)
  assert.deepEqual(golden('redshift').flatMap(lackingIn), [])
  assert.ok(golden('postgres').every((text) => lackingIn(text).length > 0))
})

test('every step but those of the ledger is a file without what redshift lacks', () => {
  const paths = globSync('sql/**/*.sql', { cwd: ROOT }).map((path) => path.replaceAll('\\', '/'))
  const used = paths.filter(
    (path) =>
      !path.startsWith('sql/ledger/') &&
      !/\.(?:duckdb|postgres)\.sql$/.test(path) &&
      !paths.includes(path.replace(/\.sql$/, '.redshift.sql')),
  )
  assert.ok(used.some((path) => path.endsWith('.redshift.sql')))
  const found = used.flatMap((path) =>
    lackingIn(readFileSync(join(ROOT, path), 'utf8')).map((word) => `${path}: ${word}`),
  )
  assert.deepEqual(found, [])
})
