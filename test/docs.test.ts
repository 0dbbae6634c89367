import assert from 'node:assert/strict'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { CODES, type ErrorCode } from '../src/base/codes.ts'
import { SluiceError } from '../src/base/errors.ts'
import { EXIT, exitCodeOf } from '../src/cli/exit-codes.ts'
import { MAY_IMPORT } from './support/architecture-rules.ts'
import { projectFolder, sluice } from './support/cli.ts'
import {
  type Example,
  examplesOf,
  headingsOf,
  linksOf,
  missingLine,
  tableRowsOf,
  typedOf,
} from './support/docs.ts'
import { commandsOf, wrongIn } from './support/docs-commands.ts'
import { kindOfTable, toldTables } from './support/docs-tables.ts'
import { openEngine } from './support/engines.ts'

const ROOT = join(import.meta.dirname, '..')
const README = join(ROOT, 'README.md')
const DOCS = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(ROOT, 'docs', name))
const CONNECTORS = readdirSync(join(ROOT, 'connectors'))
  .map((one) => join(ROOT, 'connectors', one, 'README.md'))
  .filter(existsSync)
const PAGES = [README, join(ROOT, 'CONTRIBUTING.md'), ...DOCS, ...CONNECTORS]

/** The shop that `sluice init` writes, once for all pages. */
const shop = newShop()
after(async () => rmSync(await shop, { recursive: true, force: true }))

/** Two at once: a page is a row of processes that wait for one another. */
test('examples', { concurrency: 2 }, async (context) => {
  const pages = PAGES.map((page) => ({ page, examples: examplesOf(page) }))
  await Promise.all(
    pages
      .filter(({ examples }) => examples.length > 0)
      .map(({ page, examples }) =>
        context.test(
          `the examples of ${relative(ROOT, page)} do what the page says`,
          { skip: missingFor(examples) },
          (each) => runExamples(each, page, examples),
        ),
      ),
  )
})

test('every link of a page leads to a file, and to a heading, that is there', () => {
  const broken = PAGES.flatMap((page) =>
    linksOf(page)
      .filter(({ path, heading }) => {
        const file = path === '' ? page : join(dirname(page), path)
        return !existsSync(file) || (heading !== '' && !(isPage(file) && headingsOf(file).includes(heading)))
      })
      .map(({ path, heading }) => `${relative(ROOT, page)}: ${path}#${heading}`),
  )
  assert.deepEqual(broken, [])
})

test('docs/README.md lists every page, and the README is short', () => {
  const listed = linksOf(join(ROOT, 'docs/README.md')).map(({ path }) => join(ROOT, 'docs', path))
  const missing = DOCS.filter((page) => !page.endsWith('README.md') && !listed.includes(page))
  assert.deepEqual(missing, [])
  assert.ok(readFileSync(README, 'utf8').split('\n').length < 200)
})

test('every command and flag that a page types is one of the program', () => {
  const commands = commandsOf()
  const wrong = PAGES.flatMap((page) =>
    typedOf(page).flatMap((typed) => {
      const problem = wrongIn(typed, commands)
      return problem === undefined ? [] : [`${relative(ROOT, page)}: ${problem}`]
    }),
  )
  assert.deepEqual(wrong, [])
})

test('the README has every command of the program, and no other', () => {
  const told = tableRowsOf(README).flatMap(([cell = '']) => namesIn(cell))
  assert.deepEqual(told.toSorted(), [...commandsOf().keys()].toSorted())
})

test('docs/errors.md has every error code with its title and exit code, and no other', () => {
  const rows = tableRowsOf(join(ROOT, 'docs/errors.md')).filter(([code]) => code?.startsWith('SLU'))
  const told = rows.map(([code, exit, title]) => [code, exit, title])
  const expected = Object.entries(CODES).map(([code, { title }]) => [code, exitOf(code as ErrorCode), title])
  assert.deepEqual(told.toSorted(), expected.toSorted())
})

test('docs/tables.md has the tables of the shop with their columns', async (context) => {
  const folder = projectFolder(context, {})
  cpSync(await shop, folder, { recursive: true })
  assert.equal((await sluice(['-C', folder, 'run'])).code, 0)
  const warehouse = await openEngine('duckdb', context, { directory: folder })
  const found = await warehouse.read({
    step: 'test',
    sql: `select table_name as name, string_agg(column_name, ',') as columns
      from information_schema.columns where table_schema = 'sluice' group by table_name`,
  })
  const told = toldTables(join(ROOT, 'docs/tables.md'))
  // A profile has the columns of the project.
  for (const { name, columns } of found.filter((one) => one.name !== 'customer' && one.name !== 'store')) {
    const there = String(columns).replaceAll('customer_id', '<entity>_id').split(',').toSorted()
    assert.deepEqual(told.get(kindOfTable(String(name))), there, String(name))
  }
})

test('docs/exit-codes.md has every exit code, and no other', () => {
  const told = tableRowsOf(join(ROOT, 'docs/exit-codes.md')).map(([code]) => Number(code))
  assert.deepEqual(
    told.filter((code) => !Number.isNaN(code)),
    Object.values(EXIT).toSorted((a, b) => a - b),
  )
})

test('docs/architecture.md has the table by which modules are judged', () => {
  const rows = tableRowsOf(join(ROOT, 'docs/architecture.md')).filter(([name]) => name?.startsWith('`'))
  const told = rows.map(([name = '', , imports = '']) => [
    name.replaceAll('`', ''),
    imports.replaceAll('`', ''),
  ])
  const expected = Object.entries(MAY_IMPORT).map(([name, imports]) =>
    name === 'connectors'
      ? ['connectors/*', `${imports.join(', ')} only`]
      : [name.replace('src/', ''), importsAsTold(imports)],
  )
  assert.deepEqual(told.toSorted(), expected.toSorted())
})

test('what a page types wrongly is found', () => {
  const commands = commandsOf()
  assert.equal(wrongIn('$ sluice identity show ID --unmask', commands), undefined)
  assert.equal(
    wrongIn('HOOK_URL=x npm run -s sluice -- -C my-shop sync -s a  # --nothing', commands),
    undefined,
  )
  assert.match(wrongIn('sluice identity shew ID', commands) ?? '', /no such command/)
  assert.match(wrongIn('sluice build --sandbox', commands) ?? '', /no --sandbox/)
  assert.match(wrongIn('--full-refesh', commands) ?? '', /no --full-refesh/)
})

test('an example whose output differs is found', () => {
  assert.equal(missingLine(['a ... c', 'd'], 'x\na b c\nd'), undefined)
  assert.equal(missingLine(['d', 'a'], 'a\nd'), 'a')
  assert.equal(missingLine(['+ 20 add   ...'], '  + 21 add   ~ 0 change'), '+ 20 add   ...')
})

async function newShop(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-docs-'))
  assert.equal((await sluice(['init', folder])).code, 0)
  return folder
}

/** In the shop that `sluice init` writes, or in an empty folder when the page has a sluice.yml of its own. */
/** Pages with a program in another language are not run where that is not: a program's PATH is the system's own. */
function missingFor(examples: readonly Example[]): string | false {
  const needsPython = examples.some((example) => example.kind === 'file' && example.path.endsWith('.py'))
  const isThere = ['/usr/bin/python3', '/bin/python3'].some(existsSync)
  return needsPython && !isThere ? 'not run: there is no python3 in /usr/bin' : false
}

async function runExamples(context: TestContext, page: string, examples: readonly Example[]): Promise<void> {
  const folder = projectFolder(context, {})
  const isWhole = examples.some((example) => example.kind === 'file' && example.path === 'sluice.yml')
  if (!isWhole) cpSync(await shop, folder, { recursive: true })
  for (const example of examples)
    if (example.kind === 'file') writeFileSync(join(folder, example.path), example.text)
    else await runConsole(folder, `${relative(ROOT, page)}:${example.line}`, example)
}

async function runConsole(
  folder: string,
  where: string,
  { runs, exit }: Extract<Example, { kind: 'console' }>,
): Promise<void> {
  for (const { args, shown } of runs) {
    const { code, stdout, stderr } = await sluice(['-C', folder, ...args], { cwd: folder })
    const output = `${stdout}\n${stderr}`
    assert.equal(code, exit, `${where}: sluice ${args.join(' ')}\n${output}`)
    assert.equal(missingLine(shown, output), undefined, `${where}: sluice ${args.join(' ')}\n${output}`)
  }
}

function isPage(path: string): boolean {
  return path.endsWith('.md') && statSync(path).isFile()
}

/** `state ls`, `unlock` -> state ls, state unlock: a name after the first belongs to the same group. */
function namesIn(cell: string): readonly string[] {
  const commands = commandsOf()
  const typed = [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) =>
    text.replaceAll(/ [A-Z]\S*| in\b|\[.*\]/g, '').trim(),
  )
  const group = typed[0]?.includes(' ') ? typed[0].split(' ')[0] : undefined
  return typed.map((name) => (commands.has(name) || group === undefined ? name : `${group} ${name}`))
}

/** As the second column says it: warnings change no exit code. */
function exitOf(code: ErrorCode): string {
  const isWarning = code === 'SLU1101' || code === 'SLU2101' || code === 'SLU2102'
  return isWarning ? '-' : String(exitCodeOf(new SluiceError(code, { message: '' })))
}

function importsAsTold(imports: readonly string[]): string {
  if (imports.length === 0) return '-'
  return imports[0] === '*' ? 'all' : imports.map((one) => one.replace('src/', '')).join(', ')
}
