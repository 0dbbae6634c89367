import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { CODES } from '../src/base/codes.ts'
import { projectFolder, sluice } from './support/cli.ts'
import { examplesOf, linksOf, missingLine } from './support/docs.ts'

const ROOT = join(import.meta.dirname, '..')
const PAGES = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(ROOT, 'docs', name))
const READMES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'connectors')).map((one) => `connectors/${one}/README.md`),
]
  .map((path) => join(ROOT, path))
  .filter(existsSync)

for (const page of PAGES.filter((one) => examplesOf(one).length > 0))
  test(`the examples of ${relative(ROOT, page)} do what the page says`, async (context) => {
    const folder = projectFolder(context, {})
    assert.equal((await sluice(['init', folder])).code, 0)
    for (const example of examplesOf(page)) {
      const where = `${relative(ROOT, page)}:${example.line}`
      if (example.kind === 'file') {
        writeFileSync(join(folder, example.path), example.text)
        continue
      }
      for (const { args, shown } of example.runs) {
        const { code, stdout, stderr } = await sluice(['-C', folder, ...args], { cwd: folder })
        const output = `${stdout}\n${stderr}`
        assert.equal(code, example.exit, `${where}: sluice ${args.join(' ')}\n${output}`)
        assert.equal(missingLine(shown, output), undefined, `${where}: sluice ${args.join(' ')}\n${output}`)
      }
    }
  })

test('every link of a page leads to a file that is there', () => {
  const broken = [...PAGES, ...READMES].flatMap((page) =>
    linksOf(page)
      .filter((link) => !existsSync(join(dirname(page), link)))
      .map((link) => `${relative(ROOT, page)}: ${link}`),
  )
  assert.deepEqual(broken, [])
})

test('docs/README.md lists every page, and the README is short', () => {
  const listed = new Set(linksOf(join(ROOT, 'docs/README.md')))
  const names = PAGES.map((page) => relative(join(ROOT, 'docs'), page)).filter((name) => name !== 'README.md')
  assert.deepEqual(
    names.filter((name) => !listed.has(name)),
    [],
  )
  assert.ok(readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n').length < 200)
})

test('docs/errors.md tells of every error code, and of no other', () => {
  const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8')
  const told = new Set(text.match(/SLU\d{4}/g))
  assert.deepEqual([...told].sort(), Object.keys(CODES).sort())
})

test('an example whose output differs is found', () => {
  assert.equal(missingLine(['a ... c', 'd'], 'x\na b c\nd'), undefined)
  assert.equal(missingLine(['d', 'a'], 'a\nd'), 'a')
  assert.equal(missingLine(['+ 20 add   ...'], '  + 21 add   ~ 0 change'), '+ 20 add   ...')
})
