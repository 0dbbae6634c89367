import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { SluiceError } from '../../src/base/errors.ts'
import { duckdb } from '../../src/dialect/duckdb.ts'
import { render, sql } from '../../src/dialect/fragment.ts'
import { postgres } from '../../src/dialect/postgres.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { openEngine, temporaryFolder } from '../support/engines.ts'

async function folderWith(context: TestContext, files: Readonly<Record<string, string>>): Promise<Warehouse> {
  const directory = temporaryFolder(context)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return openEngine('duckdb', context, { directory })
}

function selectOf(path: string, text: readonly string[] = [], types: Readonly<Record<string, string>> = {}) {
  const file = duckdb.fn.readFile(path, text, new Map(Object.entries(types)))
  return { step: 'file', sql: render(sql`select * from ${file} as f`, duckdb) }
}

async function typesOf(warehouse: Warehouse, statement: ReturnType<typeof selectOf>) {
  const columns = await warehouse.describe(statement)
  return Object.fromEntries(columns.map((column) => [column.name, column.type]))
}

const PEOPLE = `Id,zip,age,score,born,seen,zoned,ok,us,note
007,01234,5,1.5,2026-01-31,2026-01-31 08:00:00,2026-01-31T08:00:00Z,Yes,01/02/2026,
008,99999,6,2,2026-02-28,2026-01-31 09:00:00,2026-01-31T09:00:00Z,No,03/04/2026,"a, b"
`

test('a csv file: keys are text, numbers and ISO times are sniffed, Yes and local dates stay text', async (context) => {
  const warehouse = await folderWith(context, { 'people.csv': PEOPLE })
  assert.deepEqual(await typesOf(warehouse, selectOf('people.csv', ['id', 'AGE'])), {
    Id: 'text',
    zip: 'text',
    age: 'text',
    score: 'float',
    born: 'date',
    seen: 'timestamp',
    zoned: 'timestamp',
    ok: 'text',
    us: 'text',
    note: 'text',
  })
  const [first] = await warehouse.read(selectOf('people.csv', ['id', 'age']))
  assert.deepEqual([first?.Id, first?.age, first?.ok, first?.note], ['007', '5', 'Yes', null])
  const typed = selectOf('people.csv', ['id'], { Score: 'decimal(10,2)' })
  assert.equal((await typesOf(warehouse, typed)).score, 'decimal')
})

test('a file that is not UTF-8 is refused with its line, and nothing of it is quoted', async (context) => {
  const directory = temporaryFolder(context)
  const warehouse = await openEngine('duckdb', context, { directory })
  const files: Readonly<Record<string, readonly [before: string, after: string]>> = {
    'people.csv': ['id,v\n1,abc\n2,canary', '\n'],
    'people.ndjson': ['{"id":1,"v":"abc"}\n{"id":2,"v":"canary', '"}\n'],
  }
  for (const [name, [before, after]] of Object.entries(files))
    for (const bytes of [[0xff], [0xed, 0xa0, 0x80], [0xc3]]) {
      writeFileSync(
        join(directory, name),
        Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]),
      )
      await assert.rejects(warehouse.read(selectOf(name, ['id', 'v'])), (error: SluiceError) => {
        assert.equal(error.code, 'SLU3015')
        assert.match(error.message, /expected a file in UTF-8, found bytes that are none in line 3/)
        assert.doesNotMatch(`${error.message}${error.hint}`, /canary|abc/)
        return true
      })
    }
})

test('local dates stay text, alone in a file too, and a text far down is seen in time', async (context) => {
  const numbers = Array.from({ length: 30_000 }, (_, index) => `${index}`).join('\n')
  const warehouse = await folderWith(context, {
    'dates.csv': 'd,t\n01/02/2026,01/02/2026 10:00\n02/02/2026,02/02/2026 11:00\n',
    'long.csv': `n\n${numbers}\nn/a\n`,
  })
  assert.deepEqual(await typesOf(warehouse, selectOf('dates.csv')), { d: 'text', t: 'text' })
  assert.deepEqual(await typesOf(warehouse, selectOf('long.csv')), { n: 'text' })
})

test('a column that the csv file does not have is told by name', async (context) => {
  const warehouse = await folderWith(context, { 'people.csv': PEOPLE })
  const missing = selectOf('people.csv', ['id', 'e_mail'])
  await assert.rejects(warehouse.describe(missing), { code: 'SLU3004', message: /"e_mail"/ })
  await assert.rejects(warehouse.describe(selectOf('none.csv')), { code: 'SLU3004', message: /none\.csv/ })
})

test('json, ndjson and parquet files: keys are text, a column that is not there is left out', async (context) => {
  const rows = [
    { id: 7, at: '2026-01-31T08:00:00Z', amount: 1.5, ok: true, yes: 'Yes' },
    { id: 8, at: '2026-02-01T08:00:00Z', amount: 2, ok: false, yes: 'No' },
  ]
  const warehouse = await folderWith(context, {
    'a.ndjson': rows.map((row) => JSON.stringify(row)).join('\n'),
    'a.json': JSON.stringify(rows),
  })
  const folder = await warehouse.read({
    step: 'where',
    sql: "select current_setting('file_search_path') as folder",
  })
  await warehouse.execute({
    step: 'write',
    sql: `copy (select * from 'a.json') to ${duckdb.literal(join(String(folder[0]?.folder), 'a.parquet'))} (format parquet)`,
  })
  for (const path of ['a.ndjson', 'a.json', 'a.parquet']) {
    const statement = selectOf(path, ['ID', 'nope'], { amount: 'decimal(10,2)' })
    assert.deepEqual(await typesOf(warehouse, statement), {
      at: 'timestamp',
      ok: 'boolean',
      yes: 'text',
      id: 'text',
      amount: 'decimal',
    })
    assert.deepEqual(
      (await warehouse.read(statement)).map((row) => [row.id, row.amount, row.at]),
      [
        ['7', '1.50', '2026-01-31T08:00:00.000Z'],
        ['8', '2.00', '2026-02-01T08:00:00.000Z'],
      ],
    )
    assert.deepEqual(Object.keys((await warehouse.read(selectOf(path)))[0] ?? {}), [
      'id',
      'at',
      'amount',
      'ok',
      'yes',
    ])
  }
})

test('other endings, and files of other warehouses, are refused when SQL is written', () => {
  assert.throws(() => duckdb.fn.readFile('a.xlsx', [], new Map()), { code: 'SLU3015', message: /a\.xlsx/ })
  assert.throws(() => postgres.fn.readFile('a.csv', [], new Map()), { code: 'SLU3015' })
})
