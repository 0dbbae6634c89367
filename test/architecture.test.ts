import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { breaches, isRuled, MAY_IMPORT, type SourceFile } from './support/architecture-rules.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

function filesUnder(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(isRuled)
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

test('every file of src/ and connectors/ keeps the house rules', () => {
  const files = [...filesUnder('src'), ...filesUnder('connectors')]
  assert.ok(files.length > 20, 'the walk found the sources')
  assert.deepEqual(breaches(files), [])
})

test('every module of the table that exists is a folder of src/, and every folder is in the table', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).map((entry) => `src/${entry.name}`)
  assert.deepEqual(
    folders.filter((folder) => MAY_IMPORT[folder] === undefined),
    [],
  )
})

/** Made-up files, each with one breach: a rule that cannot fail proves nothing. */
const BREACHES: readonly { readonly rule: string; readonly file: SourceFile; readonly expected: RegExp }[] = [
  {
    rule: 'a forbidden arrow',
    file: { path: 'src/dialect/x.ts', text: "\nimport { a } from '../compile/a.ts'\n" },
    expected: /^src\/dialect\/x\.ts:2: src\/dialect may not import src\/compile/,
  },
  {
    rule: 'a forbidden arrow of types',
    file: { path: 'src/base/x.ts', text: "import type { A } from '../spec/project.ts'" },
    expected: /^src\/base\/x\.ts:1: src\/base may not import src\/spec/,
  },
  {
    rule: 'a value import where only types are allowed',
    file: { path: 'src/graph/x.ts', text: "import { send } from '../connector/http.ts'" },
    expected: /src\/graph may not import src\/connector/,
  },
  {
    rule: 'a forbidden arrow in an inline type import',
    file: { path: 'src/base/x.ts', text: "export type A = { at: import('../spec/project.ts').Project }" },
    expected: /src\/base may not import src\/spec/,
  },
  {
    rule: 'a re-export across a border',
    file: { path: 'src/ledger/x.ts', text: "export { a } from '../sync/a.ts'" },
    expected: /src\/ledger may not import src\/sync/,
  },
  {
    rule: 'a dynamic import across a border',
    file: { path: 'src/ledger/x.ts', text: "const a = await import('../sync/a.ts')" },
    expected: /src\/ledger may not import src\/sync/,
  },
  {
    rule: 'an import over several lines',
    file: { path: 'src/ledger/x.ts', text: "import {\n  a,\n  type B,\n} from '../sync/a.ts'" },
    expected: /^src\/ledger\/x\.ts:1: src\/ledger may not import src\/sync/,
  },
  {
    rule: 'a connector that imports the engine',
    file: { path: 'connectors/crm/index.ts', text: "import { a } from '../../src/base/errors.ts'" },
    expected: /connectors may not import src\/base/,
  },
  {
    rule: 'a connector that imports another',
    file: { path: 'connectors/crm/index.ts', text: "import { a } from '../http/index.ts'" },
    expected: /a connector may not import another/,
  },
  {
    rule: 'a package in the wrong module',
    file: { path: 'src/sync/x.ts', text: "import { Client } from 'pg'" },
    expected: /src\/sync may not import the package pg/,
  },
  {
    rule: 'a package that is no dependency of ours',
    file: { path: 'src/cli/x.ts', text: "import chalk from 'chalk'" },
    expected: /may not import the package chalk/,
  },
  {
    rule: 'input or output in a pure module',
    file: { path: 'src/compile/x.ts', text: "import { readFileSync } from 'node:fs'" },
    expected: /src\/compile is pure and may not import node:fs/,
  },
  {
    rule: 'the environment outside cli',
    file: { path: 'src/sync/x.ts', text: 'const a = process.env.HOME' },
    expected: /belong to src\/cli/,
  },
  {
    rule: 'printing outside cli',
    file: { path: 'connectors/crm/index.ts', text: "console.log('a')" },
    expected: /belong to src\/cli/,
  },
  {
    rule: 'customer rows read by build',
    file: {
      path: 'src/build/x.ts',
      text: 'for await (const rows of warehouse\n  .stream(statement)) use(rows)',
    },
    expected: /^src\/build\/x\.ts:2: customer rows/,
  },
  {
    rule: 'a question about the dialect',
    file: { path: 'src/compile/x.ts', text: "if (context.dialect.name === 'duckdb') a()" },
    expected: /only src\/dialect may ask/,
  },
  {
    rule: 'a switch on the dialect',
    file: { path: 'src/ledger/x.ts', text: 'switch (dialect.name) {}' },
    expected: /only src\/dialect may ask/,
  },
  {
    rule: 'hidden time',
    file: { path: 'src/sync/x.ts', text: `const a = \`$\{Date.now()}\`` },
    expected: /time and chance/,
  },
  {
    rule: 'the time now as a date',
    file: { path: 'src/sync/x.ts', text: 'const a = new Date()' },
    expected: /time and chance/,
  },
  {
    rule: 'hidden chance',
    file: { path: 'src/base/x.ts', text: 'const a = Math.random()' },
    expected: /time and chance/,
  },
]

for (const { rule, file, expected } of BREACHES)
  test(`the rules find ${rule}`, () => {
    const found = breaches([file])
    assert.equal(found.length, 1, found.join('\n'))
    assert.match(found[0] ?? '', expected)
  })

test('the rules find a cycle of files, types included', () => {
  const found = breaches([
    { path: 'src/spec/a.ts', text: "import type { B } from './b.ts'" },
    { path: 'src/spec/b.ts', text: "import { a } from './a.ts'" },
  ])
  assert.deepEqual(found, ['src/spec/b.ts:1: cycle src/spec/a.ts -> src/spec/b.ts -> src/spec/a.ts'])
})

test('the rules let pass what only looks like a breach', () => {
  const text = [
    "// import { a } from '../sync/a.ts' and Date.now()",
    "/* process.env, console.log('') */",
    "const a = 'Math.random()' + \"import('../sync/a.ts')\"",
    `const b = \`process.env $\{a} Date.now()\``,
    'const c = /console\\.log[/"\']/.test(a)',
    'const d = new Date(5).toISOString() // as base/instant.ts does',
    "import type { Manifest } from '../connector/types.ts'",
    'const e = dialect.name',
  ].join('\n')
  assert.deepEqual(breaches([{ path: 'src/graph/x.ts', text }]), [])
})
