import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIALECTS } from '../../../src/dialect/registry.ts'
import { printedCorpus } from '../corpus/printed.ts'
import { parsersOf } from './parsers.ts'

for (const dialect of Object.values(DIALECTS))
  for (const parser of parsersOf(dialect.name))
    test(`${dialect.name}: ${parser.name} reads every statement that is printed`, async () => {
      const corpus = await printedCorpus(dialect)
      const problems: string[] = []
      for (const { where, sql } of corpus) {
        const problem = await parser.parse(sql)
        if (problem === undefined) continue
        const exception = parser.exceptions.find(({ told }) => told.test(problem))
        if (exception === undefined) problems.push(`${where}: ${problem}`)
      }
      assert.deepEqual(problems, [])
    })

for (const dialect of Object.values(DIALECTS))
  for (const parser of parsersOf(dialect.name))
    test(`${dialect.name}: ${parser.name} refuses broken text`, async () => {
      const corpus = (await printedCorpus(dialect)).filter(({ where }) => where.startsWith('build: '))
      for (const [what, breaks] of Object.entries(BREAKS)) {
        const broken = corpus
          .map(({ sql }) => [sql, breaks(sql)] as const)
          .filter(([sql, text]) => text !== sql)
        assert.ok(broken.length > 20, what)
        for (const [, text] of broken)
          assert.notEqual(await parser.parse(text), undefined, `${what}\n${text.slice(0, 2000)}`)
      }
    })

/** What no SQL takes: a comma before `from`, for one, is right in DuckDB. */
const BREAKS: Readonly<Record<string, (sql: string) => string>> = {
  'a parenthesis less': (sql) => sql.replace(/\)(?=[^)]*$)/, ''),
  'a parenthesis more': (sql) => sql.replace(/\)(?=[^)]*$)/, '))'),
  'from misspelt': (sql) => sql.replace(/\bfrom\b/, 'frm x'),
  'an operator too many': (sql) => sql.replace(/ = /, ' = = '),
  'half a text': (sql) => `${sql} '`,
  'select twice': (sql) => sql.replace(/\bselect\b/, 'select select'),
  'case without end': (sql) => sql.replace(/\bend\b/, ''),
  'group without by': (sql) => sql.replace(/\bgroup by\b/, 'group'),
}
