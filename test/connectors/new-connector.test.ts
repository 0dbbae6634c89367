import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { registryWith } from '../../scripts/new-connector/scaffold.ts'

const ROOT = dirname(dirname(import.meta.dirname))

/** What a connector is made of and held against, in a folder of its own. */
function copyOfProject(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-new-connector-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of [
    'src',
    'sql',
    'connectors',
    'scripts',
    'test',
    'docs',
    'package.json',
    'tsconfig.json',
    'biome.json',
  ])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function run(folder: string, ...args: readonly string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env })
  return { status: done.status, text: done.stdout + done.stderr }
}

test('a new connector works against its fake, keeps the house rules, and passes the whole conformance suite as it is', (context) => {
  const folder = copyOfProject(context)
  const made = run(folder, 'scripts/new-connector/main.ts', 'acme-ads')
  assert.equal(made.status, 0, made.text)
  for (const file of ['manifest.ts', 'index.ts', 'fake.ts', 'README.md', 'acme-ads.test.ts'])
    assert.ok(existsSync(join(folder, 'connectors/acme-ads', file)), file)
  assert.equal(run(folder, 'scripts/docs.ts').status, 0)
  assert.match(readFileSync(join(folder, 'docs/connectors/acme-ads.md'), 'utf8'), /^# Acme Ads\n/)
  const own = run(
    folder,
    '--test',
    ...['connectors/acme-ads/acme-ads.test.ts', 'test/architecture.test.ts', 'test/connectors/pages.test.ts'],
  )
  assert.equal(own.status, 0, own.text)
  const suite = run(folder, '--test', '--test-name-pattern=acme-ads', 'test/connectors/conformance*.test.ts')
  assert.equal(suite.status, 0, suite.text)
  assert.ok(Number(/^. tests (\d+)$/m.exec(suite.text)?.[1]) > 20, suite.text)
})

test('a name that is taken, or is none, writes nothing and says what to do', (context) => {
  const folder = copyOfProject(context)
  for (const [name, said] of [
    ['http', /found connectors\/http\nhint: choose another name/],
    ['../up', /found "\.\.\/up"\nhint: npm run new:connector acme/],
    ['Acme', /expected a name such as acme/],
  ] as const) {
    const registry = readFileSync(join(folder, 'connectors/index.ts'), 'utf8')
    const refused = run(folder, 'scripts/new-connector/main.ts', name)
    assert.equal(refused.status, 2)
    assert.match(refused.text, said)
    assert.equal(readFileSync(join(folder, 'connectors/index.ts'), 'utf8'), registry)
  }
})

test('a registry that is written otherwise is not guessed at', () => {
  assert.equal(registryWith('acme', 'export const CONNECTORS = new Map()\n'), undefined)
})
