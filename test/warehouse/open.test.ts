import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { startChild } from '../support/child.ts'
import { temporaryFolder } from '../support/engines.ts'
import { freshPostgres } from '../support/postgres.ts'

type Setting = string | number | boolean

function open(
  type: string,
  directory: string,
  settings: Iterable<readonly [string, Setting]>,
  waitMs?: number,
) {
  return openWarehouse({
    type,
    directory,
    settings: new Map(settings),
    runId: 'test',
    ...(waitMs === undefined ? {} : { waitMs }),
  })
}

test('a DuckDB file is made beside the project, and its name clashes with no schema in it', async (context) => {
  const folder = temporaryFolder(context)
  const settings = [
    ['path', 'state.duckdb'],
    ['threads', 1],
    ['memory_limit', '256MB'],
  ] as const
  const first = await open('duckdb', folder, settings)
  await first.execute({ step: 'test', sql: 'create schema state' })
  await first.execute({ step: 'test', sql: 'create table state.t as select 1 as a' })
  await first.execute({ step: 'test', sql: 'create view state.v as select a from state.t' })
  await first.close()
  const second = await open('duckdb', folder, settings)
  context.after(() => second.close())
  assert.deepEqual(await second.read({ step: 'test', sql: 'select a from state.v' }), [{ a: 1 }])
  const [limits] = await second.read({
    step: 'test',
    sql: "select current_setting('threads') as threads, current_setting('memory_limit') as memory, current_setting('TimeZone') as zone",
  })
  assert.deepEqual(limits, { threads: 1, memory: '244.1 MiB', zone: 'UTC' })
})

test('a missing folder, a wrong setting and a file that is no database are told before anything runs', async (context) => {
  const folder = temporaryFolder(context)
  writeFileSync(
    join(folder, 'notes.txt'),
    'not a database, only some text that is long enough to be read as one'.repeat(99),
  )
  mkdirSync(join(folder, 'folder.duckdb'))
  await assert.rejects(open('duckdb', folder, [['path', 'no/such/w.duckdb']]), {
    code: 'SLU3013',
    message: /no\/such/,
  })
  await assert.rejects(open('duckdb', folder, []), { code: 'SLU3013' })
  await assert.rejects(
    open('duckdb', folder, [
      ['path', 'a.duckdb'],
      ['threads', 'many'],
    ]),
    { code: 'SLU3013', message: /many/ },
  )
  await assert.rejects(open('duckdb', folder, [['path', 'notes.txt']]), {
    code: 'SLU3012',
    kind: 'unavailable',
  })
  await assert.rejects(open('duckdb', folder, [['path', 'folder.duckdb']]), { kind: 'unavailable' })
  await assert.rejects(open('snowflake', folder, []), { code: 'SLU3013', message: /account/ })
  await assert.rejects(open('oracle', folder, []), { code: 'SLU7008' })
})

const require = createRequire(import.meta.url)

/** Another process that has the file open until `close` is called. */
async function openElsewhere(context: TestContext, file: string): Promise<() => Promise<void>> {
  const duckdb = pathToFileURL(require.resolve('@duckdb/node-api')).href
  const code = `const { DuckDBInstance } = await import(${JSON.stringify(duckdb)})
    const instance = await DuckDBInstance.create(${JSON.stringify(file)})
    console.log('open'); process.stdin.resume(); process.stdin.on('end', () => { instance.closeSync(); process.exit(0) })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  context.after(() => child.kill())
  await once(child.stdout, 'data')
  return async () => {
    const closed = once(child, 'close')
    child.stdin.end()
    await closed
  }
}

test('a file that another process has open is busy at once, or waited for', async (context) => {
  const folder = temporaryFolder(context)
  const close = await openElsewhere(context, join(folder, 'w.duckdb'))
  await assert.rejects(open('duckdb', folder, [['path', 'w.duckdb']]), {
    code: 'SLU3003',
    kind: 'busy',
    message: /another process/,
  })
  const waiting = open('duckdb', folder, [['path', 'w.duckdb']], 20_000)
  await close()
  const warehouse = await waiting
  assert.deepEqual(await warehouse.read({ step: 'test', sql: 'select 1 as a' }), [{ a: 1 }])
  await warehouse.close()
})

test('a file that this process has open is busy too, and free when it was closed with rows unread', async (context) => {
  const folder = temporaryFolder(context)
  const first = await open('duckdb', folder, [['path', 'w.duckdb']])
  await assert.rejects(open('duckdb', folder, [['path', './w.duckdb']]), { code: 'SLU3003' })
  for await (const rows of first.stream({ step: 'test', sql: 'select range as i from range(100000)' })) {
    assert.ok(rows.length > 0)
    break
  }
  await first.openSession()
  await first.close()
  const close = await openElsewhere(context, join(folder, 'w.duckdb'))
  await close()
  await (await open('duckdb', folder, [['path', 'w.duckdb']])).close()
})

test('a file that was closed while statements ran is let go of: what is written after it was opened again is there', async (context) => {
  const directory = temporaryFolder(context)
  const child = startChild(join(import.meta.dirname, 'close-child.ts'), { directory })
  const { by, output, errors } = await child.endedWithin(60_000)
  assert.deepEqual([by, output, errors], ['SIGKILL', '["SLU3011","SLU3011"]', ''])
  const warehouse = await open('duckdb', directory, [['path', 'w.duckdb']])
  context.after(() => warehouse.close())
  const rows = await warehouse.read({ step: 'test', sql: 'select a from t order by a' })
  assert.deepEqual(rows, [{ a: 0 }, { a: 1 }, { a: 2 }])
})

test('PostgreSQL that does not answer, refuses or lacks the database is unavailable, and says which', async (context) => {
  const folder = temporaryFolder(context)
  const settings = await freshPostgres()
  const cases: readonly (readonly [string, Setting, string, RegExp])[] = [
    ['port', 9, 'SLU3001', /127\.0\.0\.1:9 to answer/],
    ['host', 'no-such-host.invalid', 'SLU3001', /no-such-host/],
    ['password', 'wrong-password', 'SLU3002', /sluice_test/],
    ['database', 'nope', 'SLU3001', /"nope"/],
    ['port', 'many', 'SLU3013', /many/],
    ['sslmode', 'maybe', 'SLU3013', /maybe/],
    ['sslmode', 'require', 'SLU3001', /SSL/],
  ]
  for (const [name, value, code, message] of cases)
    await assert.rejects(open('postgres', folder, new Map<string, Setting>([...settings, [name, value]])), {
      code,
      message,
    })
  const withoutMode = [...settings].filter(([name]) => name !== 'sslmode')
  await (await open('postgres', folder, withoutMode)).close()
})

test('a lost connection to PostgreSQL is unavailable, and closing afterwards is quiet', async (context) => {
  const folder = temporaryFolder(context)
  const settings = await freshPostgres()
  const warehouse = await open('postgres', folder, settings)
  const [row] = await warehouse.read({ step: 'test', sql: 'select pg_backend_pid() as id' })
  const other = await open('postgres', folder, settings)
  await other.execute({ step: 'test', sql: `select pg_terminate_backend(${row?.id})` })
  await assert.rejects(warehouse.read({ step: 'test', sql: 'select 1' }), {
    code: 'SLU3011',
    kind: 'unavailable',
  })
  await assert.rejects(
    warehouse.transaction(async () => {}),
    { code: 'SLU3011' },
  )
  await warehouse.close()
  await other.close()
})
