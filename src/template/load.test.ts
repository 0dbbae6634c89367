import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { DialectName } from '../dialect/dialect.ts'
import { id, lit, render } from '../dialect/fragment.ts'
import { DIALECTS } from '../dialect/registry.ts'
import { loadTemplates } from './load.ts'

const HEADER = `-- Makes stars of edges,
-- one per identifier.
-- reads: edges(a, b), nodes(a)
-- writes: stars(a, b)
-- grain: one row a record and identifier
-- version: 2
`

function folderWith(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-templates-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

interface Setup {
  readonly bundled: Readonly<Record<string, string>>
  /** Inside the project's `sql/`. */
  readonly own?: Readonly<Record<string, string>>
  readonly dialect?: DialectName
}

function load(context: TestContext, { bundled, own = {}, dialect = 'duckdb' }: Setup) {
  const project = Object.fromEntries(Object.entries(own).map(([path, text]) => [`sql/${path}`, text]))
  return loadTemplates(DIALECTS[dialect], folderWith(context, project), folderWith(context, bundled))
}

test("a file's statement is given without its header, its placeholders filled", async (context) => {
  const text = `${HEADER}\nselect a, '{{ not, Code }}' as b -- {{ x }}, Why\nfrom {{ edges }}\nwhere a > {{ x }};\n`
  await assert.rejects(load(context, { bundled: { 'identity/stars.sql': text } }), { code: 'SLU4901' })
  const right = text.replace('{{ not, Code }}', 'not { Code }')
  const templates = await load(context, { bundled: { 'identity/stars.sql': right } })
  const filled = templates.fill('identity/stars.sql', { edges: id('s', 'edges'), x: lit("it's") })
  assert.equal(
    render(filled, DIALECTS.duckdb),
    `select a, 'not { Code }' as b -- 'it''s', Why\nfrom "s"."edges"\nwhere a > 'it''s'`,
  )
  assert.equal(templates.fileOf('identity/stars.sql'), 'sql/identity/stars.sql')
  assert.deepEqual(
    templates.fill('sql/identity/stars.sql', { edges: id('s', 'edges'), x: lit("it's") }),
    filled,
  )
})

test('a placeholder without a value and a value without a placeholder are refused, with the nearest name', async (context) => {
  const templates = await load(context, { bundled: { 'a/b.sql': `${HEADER}select 1 from {{ edges }}` } })
  assert.throws(() => templates.fill('a/b.sql', { edgse: id('x'), edges: id('x') }), {
    code: 'SLU4901',
    message: /edgse/,
  })
  assert.throws(() => templates.fill('a/b.sql', {}), { code: 'SLU4901', message: /edges/ })
  assert.throws(() => templates.fill('a/c.sql', {}), { code: 'SLU4901', message: /a\/c\.sql/ })
  assert.throws(() => templates.fill('a/b.sql', { toString: id('x') }), { code: 'SLU4901' })
})

test('the variant of the dialect wins over the plain file', async (context) => {
  const bundled = { 'a/b.sql': `${HEADER}select 1`, 'a/b.postgres.sql': `${HEADER}select 2` }
  const text = async (dialect: DialectName) =>
    render((await load(context, { bundled, dialect })).fill('a/b.sql', {}), DIALECTS[dialect])
  assert.deepEqual([await text('duckdb'), await text('postgres')], ['select 1', 'select 2'])
})

test("a project's own file takes the place of the step that it names", async (context) => {
  const bundled = {
    'a/b.sql': `${HEADER}select 1`,
    'a/b.postgres.sql': `${HEADER}select 2`,
    'a/c.sql': `${HEADER}select 3`,
  }
  const text = async (own: Readonly<Record<string, string>>, dialect: DialectName) => {
    const templates = await load(context, { bundled, own, dialect })
    return [render(templates.fill('a/b.sql', {}), DIALECTS[dialect]), templates.fileOf('a/b.sql')]
  }
  assert.deepEqual(await text({ 'a/b.sql': `${HEADER}select 9` }, 'duckdb'), ['select 9', 'sql/a/b.sql'])
  assert.deepEqual(await text({ 'a/b.sql': `${HEADER}select 9` }, 'postgres'), [
    'select 2',
    'sql/a/b.postgres.sql',
  ])
  assert.deepEqual(await text({ 'a/b.postgres.sql': `${HEADER}select 9` }, 'postgres'), [
    'select 9',
    'sql/a/b.postgres.sql',
  ])
  assert.deepEqual(await text({ 'a/b.duckdb.sql': `${HEADER}select 9` }, 'duckdb'), [
    'select 9',
    'sql/a/b.duckdb.sql',
  ])
})

test("a project's file of another version, or of no step, is told; other folders are the project's own", async (context) => {
  const bundled = { 'identity/stars.sql': `${HEADER}select 1` }
  const older = HEADER.replace('version: 2', 'version: 1')
  const rejected = { code: 'SLU4902', kind: 'project' }
  await assert.rejects(load(context, { bundled, own: { 'identity/stars.sql': `${older}select 2` } }), {
    ...rejected,
    message: /version 2 of the step, found 1/,
  })
  await assert.rejects(load(context, { bundled, own: { 'identity/star.sql': `${HEADER}select 2` } }), {
    ...rejected,
    hint: /identity\/stars\.sql/,
  })
  await assert.rejects(load(context, { bundled, own: { 'identity/stars.sql': 'select 2' } }), rejected)
  await load(context, { bundled, own: { 'marts/Mine.sql': 'SELECT 2;; {{' } })
})

const BROKEN: readonly (readonly [string, string, RegExp])[] = [
  ['no header', 'select 1', /say what the step does/],
  ['no summary', HEADER.split('\n').slice(2).join('\n'), /say what the step does/],
  [
    'no grain',
    `${HEADER.replace(/-- grain.*\n/, '')}select 1`,
    /reads, writes, grain, version in this order/,
  ],
  [
    'another order',
    `-- x\n-- writes: a\n-- reads: b\n-- grain: one row\n-- version: 1\nselect 1`,
    /in this order/,
  ],
  ['an empty key', `${HEADER.replace('stars(a, b)', '')}select 1`, /"writes"/],
  ['a strange grain', `${HEADER.replace('one row a record and identifier', 'many')}select 1`, /one row a/],
  ['no whole version', `${HEADER.replace('version: 2', 'version: 2.1')}select 1`, /2\.1/],
  ['no statement', HEADER, /a statement after the header/],
  ['capital letters', `${HEADER}SELECT 1`, /"SELECT"/],
  ['two statements', `${HEADER}select 1; select 2`, /semicolon/],
  ['a count of statements', `${HEADER}-- statements: two\nselect 1; select 2`, /"several"/],
  ['a strange placeholder', `${HEADER}select {{x}}`, /\{\{x\}\}/],
  ['a text that is not closed', `${HEADER}select 'a`, /closed/],
]
for (const [what, text, message] of BROKEN)
  test(`a file of ours with ${what} is refused`, async (context) => {
    await assert.rejects(load(context, { bundled: { 'a/b.sql': text } }), {
      code: 'SLU4901',
      kind: 'bug',
      message,
    })
  })

test("texts, exact names and comments may hold capitals, semicolons and braces of SQL's own", async (context) => {
  const body = `select ';A' as "B;", '{' as c /* D; */ -- E;\nfrom t`
  const templates = await load(context, { bundled: { 'a/b.sql': `${HEADER}${body}` } })
  assert.equal(render(templates.fill('a/b.sql', {}), DIALECTS.duckdb), body)
})

test('the files of the package are right for every dialect', async (context) => {
  const nowhere = folderWith(context, {})
  for (const dialect of Object.values(DIALECTS)) await loadTemplates(dialect, nowhere)
})
