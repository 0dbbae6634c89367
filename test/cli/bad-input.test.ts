import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type CliResult, finished, projectFolder, receiver, sluice, startSluice } from '../support/cli.ts'
import { CONTACTS, smallShop } from '../support/small-shop.ts'

const require = createRequire(import.meta.url)
const NOWHERE = 'http://127.0.0.1:9/'
const AS_OF = ['--as-of', '2026-02-01']

function run(folder: string, ...args: readonly string[]): Promise<CliResult> {
  return sluice(['-C', folder, ...args, '-o', 'json'])
}

interface ErrorShape {
  readonly code: string
  readonly message: string
  readonly file: string | null
  readonly line: number | null
}

function onlyError(result: CliResult): ErrorShape {
  const errors = result.json().errors as readonly ErrorShape[]
  assert.equal(errors.length, 1, result.stdout)
  return errors[0] as ErrorShape
}

const syncOf = (result: CliResult) => (result.json().syncs as Readonly<Record<string, unknown>>[])[0] ?? {}

test('a broken project: 78, every mistake with its place, and no database is made', async (context) => {
  const folder = projectFolder(context, {
    ...smallShop(NOWHERE),
    'more.yml':
      'segments:\n  - name: lost\n    entity: custmer\n    where: {trait: spent, gte: 1}\n    colour: red\n',
  })
  const result = await run(folder, 'sync')
  assert.equal(result.code, 78)
  const errors = result.json().errors as readonly ErrorShape[]
  assert.ok(errors.every((error) => error.file === 'more.yml' && (error.line ?? 0) > 0))
  assert.equal(existsSync(join(folder, 'shop.duckdb')), false)
  const shown = await sluice(['-C', folder, 'validate'])
  assert.equal(shown.code, 78)
  assert.match(shown.stderr, /more\.yml:\d+:\d+\n[\s\S]*\^/)
})

test('a missing table is 78, names the table, and publishes nothing', async (context) => {
  const folder = projectFolder(context, {
    ...smallShop(NOWHERE, { more: 'traits:' }),
    'sluice.yml':
      smallShop(NOWHERE)['sluice.yml']?.replace('file: contacts.csv', 'table: crm.contacts') ?? '',
  })
  for (const command of [['build'], ['validate', '--connect']]) {
    const result = await run(folder, ...command)
    assert.equal(result.code, 78, result.stdout)
    assert.match(onlyError(result).message, /contacts/)
  }
})

test('a missing column is 78 and names the column and its place', async (context) => {
  const folder = projectFolder(context, smallShop(NOWHERE, { contacts: CONTACTS.replace('email', 'e_mail') }))
  const result = await run(folder, 'build')
  assert.equal(result.code, 78, result.stdout)
  assert.match(result.stdout, /email/)
  assert.doesNotMatch(result.stdout, /ada@/i)
})

test('a duplicate primary key fails the build with 1 and examples, and leaves the last build', async (context) => {
  const folder = projectFolder(context, smallShop(NOWHERE))
  assert.equal((await run(folder, 'build', ...AS_OF)).code, 0)
  writeFileSync(join(folder, 'contacts.csv'), `${CONTACTS}1,other@example.com,Other,DE\n`)
  const result = await run(folder, 'build', '--as-of', '2026-02-02')
  assert.equal(result.code, 1, result.stdout)
  assert.match(onlyError(result).message, /contacts/)
  assert.equal((await run(folder, 'identity', 'stats')).json().records, 7)
})

test('a destination that nobody listens at is 6, nothing is rejected, and the next run delivers all', async (context) => {
  const folder = projectFolder(context, smallShop(NOWHERE))
  const result = await run(folder, 'sync', ...AS_OF)
  assert.equal(result.code, 6, result.stdout)
  assert.equal(syncOf(result).rejected, 0)
  const hook = await receiver(context)
  writeFileSync(join(folder, 'sluice.yml'), smallShop(hook.url)['sluice.yml'] ?? '')
  const next = await run(folder, 'sync', '--full-resync', ...AS_OF)
  assert.equal(next.code, 0, next.stdout)
  assert.equal(syncOf(next).applied, 2)
})

test('a wrong URL (404) stops the sync with 6 and rejects nothing', async (context) => {
  const hook = await receiver(context)
  hook.status = 404
  const folder = projectFolder(context, smallShop(hook.url))
  const result = await run(folder, 'sync', ...AS_OF)
  assert.equal(result.code, 6, result.stdout)
  assert.deepEqual([syncOf(result).rejected, syncOf(result).applied], [0, 0])
  assert.match(JSON.stringify(result.json().error), /404/)
  hook.status = 200
  const next = await run(folder, 'sync', ...AS_OF)
  assert.equal(next.code, 0, next.stdout)
  assert.equal(hook.bodies.flatMap((body) => body.changes).length, 2)
})

test('a database file that another process has open is 5, said in one message', async (context) => {
  const folder = projectFolder(context, smallShop(NOWHERE))
  const close = await openElsewhere(context, join(folder, 'shop.duckdb'))
  const result = await run(folder, 'build', '--wait', '0')
  assert.equal(result.code, 5, result.stdout)
  assert.match(onlyError(result).message, /another process/)
  await close()
  assert.equal((await run(folder, 'build')).code, 0)
})

test('a full disk is 6, said in one message, and the next run with space works', async (context) => {
  const folder = projectFolder(
    context,
    smallShop(NOWHERE, { target: '{type: duckdb, path: disk/shop.duckdb}' }),
  )
  const unmount = mountSmallDisk(join(folder, 'disk'))
  if (unmount === undefined) return context.skip('not run: this machine lets us mount no small disk')
  // Before the folder is removed, whatever comes.
  try {
    writeFileSync(join(folder, 'disk', 'ballast'), Buffer.alloc(SMALL_DISK_BYTES - LEFT_BYTES))
    const result = await run(folder, 'build', ...AS_OF)
    assert.equal(result.code, 6, result.stdout)
    assert.match(onlyError(result).message, /disk|space/)
    writeFileSync(join(folder, 'disk', 'ballast'), '')
    const next = await run(folder, 'build', ...AS_OF)
    assert.equal(next.code, 0, next.stdout)
  } finally {
    unmount()
  }
})

test('a closed stdout ends the printing and nothing else', async (context) => {
  const folder = projectFolder(context, smallShop(NOWHERE))
  const child = startSluice(['-C', folder, 'compile', '-o', 'json'])
  child.stdout?.destroy()
  const { code, stderr } = await finished(child)
  assert.deepEqual([code, stderr], [0, ''])
})

test('a project of our own that writes escape sequences cannot draw on the terminal', async (context) => {
  const folder = projectFolder(context, { 'sluice.yml': 'version: 1\nname: "a\\e[2Jb"\n"k\\e]0;x\\ay": 1\n' })
  const { code, stderr } = await sluice(['-C', folder, 'validate'])
  assert.equal(code, 78)
  assert.doesNotMatch(stderr, /(?!\n)\p{Cc}/u)
})

/** Small enough to fill in a moment, large enough for an empty database. */
const SMALL_DISK_BYTES = 4 * 1024 * 1024
/** Room for the headers of a database file, and for nothing that a build writes. */
const LEFT_BYTES = 16 * 1024

function mountSmallDisk(path: string): (() => void) | undefined {
  mkdirSync(path, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_BYTES}`, 'tmpfs', path], {
      stdio: 'ignore',
    })
  } catch {
    return undefined
  }
  return () => execFileSync('umount', [path])
}

async function openElsewhere(context: TestContext, file: string): Promise<() => Promise<void>> {
  const duckdb = pathToFileURL(require.resolve('@duckdb/node-api')).href
  const code = `const { DuckDBInstance } = await import(${JSON.stringify(duckdb)})
    const instance = await DuckDBInstance.create(${JSON.stringify(file)})
    console.log('open'); process.stdin.resume(); process.stdin.on('end', () => { instance.closeSync(); process.exit(0) })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
  context.after(() => child.kill())
  return () => {
    child.stdin.end()
    return closed
  }
}
