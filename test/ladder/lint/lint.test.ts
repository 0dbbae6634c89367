import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIALECTS } from '../../../src/dialect/registry.ts'
import { type CorpusStatement, printedCorpus } from '../corpus/printed.ts'
import { lint } from './lint.ts'

for (const dialect of Object.values(DIALECTS))
  test(`${dialect.name}: what is printed calls listed functions only, in none of the forms that mean something else elsewhere`, async () => {
    const corpus = await printedCorpus(dialect)
    assert.ok(corpus.length > 300, `${corpus.length} statements`)
    const found = corpus.flatMap(({ where, sql }) =>
      lint(dialect, sql, where).map((wrong) => `${where}: ${wrong}`),
    )
    assert.deepEqual(found, [])
  })

/** Puts something forbidden into a statement that is right. */
type Spoil = (sql: string) => string

const into =
  (expression: string): Spoil =>
  (sql) =>
    sql.replace(/\bselect\b/, `select ${expression} as spoilt,`)

const SPOILT: readonly (readonly [what: string, spoil: Spoil, told: RegExp])[] = [
  ['now()', into('now()'), /asks for the time/],
  ['current_timestamp', into('current_timestamp'), /asks for the time/],
  ['current_date', into('current_date'), /asks for the time/],
  [
    'an order that does not say where nulls go',
    (sql) => sql.replace(/ nulls (?:first|last)/, ''),
    /without nulls/,
  ],
  ['a window like that', into('row_number() over (partition by a order by b desc)'), /without nulls/],
  ['a second key like that', into('rank() over (order by a nulls last, b)'), /without nulls/],
  ['concat', into("concat('a', b)"), /concat/],
  ['concat_ws', into("concat_ws('a', b)"), /concat_ws/],
  ['a division of integers', into('5 / 2'), /integer \//],
  ['weeks', into("date_trunc('week', a)"), /trunc to week/],
  ['weeks without quotes', into('timestamp_trunc(a, week)'), /trunc to week/],
  ['regexp_like', into("regexp_like(a, 'b')"), /regexp_like/],
  ['an index of an array', into('a[0]'), /array index/],
  ['a text from 0', into('substr(a, 0, 2)'), /substring from 0/],
  ['least of null', into('least(a, null)'), /least of null/],
  ['greatest of null', into('greatest(null, a)'), /greatest of null/],
  ['|| of null', into("'a' || null"), /\|\| of null/],
  ['a function that nobody reviewed', into('soundex(a)'), /soundex is not on the list/],
  ['a function misspelt', (sql) => sql.replace(/\bcoalesce\(/, 'colaesce('), /colaesce is not on the list/],
  [
    'a merge that could meet a row twice',
    () => 'merge into t using (select k, v from s) as s on t.k = s.k when matched then update set v = s.v',
    /not proven unique/,
  ],
]

/** A statement in which every spoiler finds its place. */
async function wholeStatement(corpus: readonly CorpusStatement[]): Promise<CorpusStatement> {
  const found = corpus.find(({ sql }) => / nulls (?:first|last)/.test(sql) && /\bcoalesce\(/.test(sql))
  assert.ok(found !== undefined)
  return found
}

for (const dialect of Object.values(DIALECTS))
  test(`${dialect.name}: the lint tells every form that it forbids`, async () => {
    const { where, sql } = await wholeStatement(await printedCorpus(dialect))
    assert.deepEqual(lint(dialect, sql, where), [])
    for (const [what, spoil, told] of SPOILT) {
      const spoilt = spoil(sql)
      assert.notEqual(spoilt, sql, what)
      assert.match(lint(dialect, spoilt, where).join('; '), told, what)
    }
    // The same words in a text or a comment are nobody's business.
    const quoted = sql.replace(/\bselect\b/, "select 'now() concat(a) 5 / 2' as a, /* now() order by b */")
    assert.deepEqual(lint(dialect, quoted, where), [])
  })

const LACKING: Readonly<Record<string, readonly string[]>> = {
  postgres: ['select a from t qualify row_number() over (order by a nulls last) = 1'],
  redshift: [
    'select count(*) filter (where a = 1) from t',
    'select 1 from t where a is distinct from b',
    'insert into t values (1) on conflict do nothing',
    'select a::text from t',
  ],
  snowflake: ['select count(*) filter (where a = 1) from t', "select a at time zone 'UTC' from t"],
  bigquery: [
    'select count(*) filter (where a = 1) from t',
    'select cast(a as varchar) from t',
    'select 1 union select 2',
    'select a::string from t',
  ],
  databricks: ['create temp table a as select 1', "select a at time zone 'UTC' from t"],
}

for (const dialect of Object.values(DIALECTS))
  test(`${dialect.name}: the lint tells what this warehouse does not have`, () => {
    for (const sql of LACKING[dialect.name] ?? [])
      assert.match(lint(dialect, sql).join('; '), /has no /, `${dialect.name}: ${sql}`)
    assert.ok(dialect.name === 'duckdb' || LACKING[dialect.name] !== undefined)
  })
