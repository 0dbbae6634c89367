import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, Connection, JsonValue, Receipt, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { type GoogleSheetsFake, startFake } from './fake.ts'
import { FakeGrid, plainValue } from './fake-grid.ts'
import { connector } from './index.ts'
import { columnLetters } from './sheet.ts'

interface Rig {
  readonly fake: GoogleSheetsFake
  readonly connection: Connection
  connect(settings?: Settings, use?: Settings): Connection
}

async function rig(context: TestContext): Promise<Rig> {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connect = (settings: Settings = {}, use: Settings = {}) =>
    connector.connect({ ...fake.settings, ...settings }, tools, {
      object: 'rows',
      settings: { ...fake.useOf?.('rows'), ...use },
    })
  return { fake, connect, connection: connect() }
}

function change(email: string, fields: Change['fields'], op: Change['op'] = 'add'): Change {
  return { op, key: { email }, fields }
}

const gone = (email: string): Change => change(email, {}, 'remove')

function batch(changes: readonly Change[], more: Partial<Batch> = {}): Batch {
  return { ...batchOf('rows', changes), ...more }
}

const APPLIED: Receipt = { status: 'applied' }

/** The sheet as people made it. */
function typed({ fake }: Rig, ...rows: readonly (readonly JsonValue[])[]): FakeGrid {
  const grid = new FakeGrid(17, fake.grid.get().title)
  const values = rows.map((row) => ({
    values: row.map((value) =>
      value === null
        ? {}
        : {
            userEnteredValue:
              typeof value === 'number' ? { numberValue: value } : { stringValue: String(value) },
          },
    ),
  }))
  grid.apply({ appendCells: { sheetId: 17, rows: values, fields: 'userEnteredValue' } })
  fake.grid.set(grid)
  return grid
}

function shown({ fake }: Rig): readonly (readonly unknown[])[] {
  return fake.grid
    .get()
    .rows()
    .map((row) => [...row].map(plainValue))
}

async function errorOf(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error: unknown) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}

const writes = ({ fake }: Rig) =>
  fake.server?.requests.filter(({ path }) => path.endsWith(':batchUpdate')) ?? []

test('an empty sheet gets its first row from the first batch, with the columns that are missing in the grid', async (context) => {
  const one = await rig(context)
  one.fake.grid.get().columnCount = 1
  const rows = [change('a@x', { name: 'Ada' }), change('b@x', { city: 'Rome' })]
  assert.deepEqual(await one.connection.write(batch(rows)), [APPLIED, APPLIED])
  assert.deepEqual(shown(one), [
    ['email', 'name', 'city'],
    ['a@x', 'Ada', ''],
    ['b@x', '', 'Rome'],
  ])
})

test('rows are found by their key wherever its column stands, and other columns are left as they are', async (context) => {
  const one = await rig(context)
  typed(
    one,
    ['notes', 'name', 'email', 'phone', 'city'],
    ['call her', 'Old', 'a@x', '1', 'Paris'],
    ['', '', '', '', ''],
    ['mine', 'Bob', 'b@x', '2', 'Rome'],
  )
  const rows = [
    change('b@x', { name: 'Bea', city: 'Oslo' }, 'change'),
    change('c@x', { name: 'Cy', city: null }),
  ]
  assert.deepEqual(await one.connection.write(batch(rows)), [APPLIED, APPLIED])
  assert.deepEqual(shown(one), [
    ['notes', 'name', 'email', 'phone', 'city'],
    ['call her', 'Old', 'a@x', '1', 'Paris'],
    ['', '', '', '', ''],
    ['mine', 'Bea', 'b@x', '2', 'Oslo'],
    ['', 'Cy', 'c@x', '', ''],
  ])
})

test('updates, removals and new rows of one batch are one request, and none of them hits another row', async (context) => {
  const one = await rig(context)
  const keys = ['a', 'b', 'c', 'd', 'e', 'f']
  typed(one, ['email', 'name'], ...keys.map((key) => [key, key]))
  const rows = [
    gone('a'),
    change('b', { name: 'B' }, 'change'),
    gone('d'),
    change('x', { name: 'X' }),
    gone('c'),
    change('f', { name: 'F' }, 'change'),
    gone('nobody'),
  ]
  assert.deepEqual(
    await one.connection.write(batch(rows)),
    rows.map(() => APPLIED),
  )
  assert.deepEqual(shown(one), [
    ['email', 'name'],
    ['b', 'B'],
    ['e', 'e'],
    ['f', 'F'],
    ['x', 'X'],
  ])
  assert.equal(writes(one).length, 1)
})

test('what has nothing to write is no request', async (context) => {
  const one = await rig(context)
  assert.deepEqual(await one.connection.write(batch([gone('b')])), [APPLIED])
  assert.deepEqual(shown(one), [])
  typed(one, ['email', 'name'], ['a', 'a'])
  assert.deepEqual(await one.connection.write(batch([gone('b')])), [APPLIED])
  assert.equal(writes(one).length, 0)
})

test('the last rows leave a sheet whose first row is frozen', async (context) => {
  const one = await rig(context)
  const grid = typed(one, ['email', 'name'], ['a', 'a'], ['b', 'b'])
  grid.frozenRowCount = 1
  grid.rowCount = 3
  assert.deepEqual(await one.connection.write(batch([gone('a'), gone('b')])), [APPLIED, APPLIED])
  assert.deepEqual(shown(one), [['email', 'name']])
  assert.equal(grid.rowCount - one.fake.grid.get().rowCount, 1)
})

test('rows that leave take their places with them, and no others', async (context) => {
  const one = await rig(context)
  const { rowCount } = typed(one, ['email', 'name'], ['a', 'a'], ['b', 'b'])
  await one.connection.write(batch([gone('a')]))
  assert.equal(rowCount - one.fake.grid.get().rowCount, 1)
})

test('null empties a cell, and what is no text is one', async (context) => {
  const one = await rig(context)
  typed(one, ['email', 'name', 'city'], ['a', 'a', 'b'])
  await one.connection.write(batch([change('a', { name: null, city: { street: 'x' } }, 'change')]))
  assert.deepEqual(one.fake.grid.get().rows()[1], [
    { stringValue: 'a' },
    undefined,
    { stringValue: '{"street":"x"}' },
  ])
})

test('a text is written as a text: no formula, no number, no date', async (context) => {
  const one = await rig(context)
  const texts = ['=1+1', '+49 30 1234', '007', '3-4', "'quoted", 'TRUE', '1e5']
  const rows = texts.map((name, index) =>
    change(`${index}@x`, { name, score: 1.5, vip: true, tags: ['a', 'b'] }),
  )
  await one.connection.write(batch(rows))
  const [, ...held] = one.fake.grid.get().rows()
  assert.deepEqual(
    held.map((row) => row.slice(1)),
    texts.map((stringValue) => [
      { stringValue },
      { numberValue: 1.5 },
      { boolValue: true },
      { stringValue: 'a, b' },
    ]),
  )
})

test('a key of several columns is one key, and a number that a person typed is the same as its text', async (context) => {
  const one = await rig(context)
  typed(one, ['shop', 'id', 'name'], ['de', 7, 'old'], ['fr', 7, 'other'])
  const row: Change = { op: 'change', key: { id: '7', shop: 'de' }, fields: { name: 'new' } }
  assert.deepEqual(await one.connection.write(batch([row])), [APPLIED])
  assert.deepEqual(shown(one).slice(1), [
    ['de', 7, 'new'],
    ['fr', 7, 'other'],
  ])
})

test('a key that people wrote twice is kept up to date once, and leaves as a whole', async (context) => {
  const one = await rig(context)
  typed(one, ['email', 'name'], ['a', '1'], ['b', '2'], ['a', '3'])
  await one.connection.write(batch([change('a', { name: 'new' }, 'change')]))
  assert.deepEqual(shown(one).slice(1), [
    ['a', 'new'],
    ['b', '2'],
    ['a', '3'],
  ])
  await one.connection.write(batch([gone('a')]))
  assert.deepEqual(shown(one).slice(1), [['b', '2']])
})

test('mode update changes rows that are there, and rejects the others', async (context) => {
  const one = await rig(context)
  typed(one, ['email', 'name'], ['a', '1'])
  const rows = ['a', 'b'].map((key) => change(key, { name: 'new' }, 'change'))
  const receipts = await one.connection.write(batch(rows, { mode: 'update' }))
  assert.deepEqual(receipts[0], APPLIED)
  assert.match(JSON.stringify(receipts[1]), /rejected.*no row with this key/)
  assert.deepEqual(shown(one).slice(1), [['a', 'new']])
})

test('a column that the first row lacks stops the sync, is named, and nothing is written', async (context) => {
  const one = await rig(context)
  typed(one, ['email', 'name'])
  const error = await errorOf(one.connection.write(batch([change('a', { name: 'x', phone: '1', age: 3 })])))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /found no phone, age: add it there/)
  const noKey: Change = { op: 'remove', key: { id: '1' }, fields: {} }
  assert.match((await errorOf(one.connection.write(batch([noKey])))).message, /found no id/)
  assert.equal(writes(one).length, 0)
})

test('fields are the columns that the first row names, and an empty sheet takes any', async (context) => {
  const one = await rig(context)
  assert.equal(await one.connection.fields?.(), undefined)
  typed(one, ['email', '', 'name'], ['a', 'b', 'c'])
  const fields = await one.connection.fields?.()
  assert.deepEqual(
    fields?.map(({ name, writable }) => [name, writable]),
    [
      ['email', true],
      ['name', true],
    ],
  )
})

test('a spreadsheet or a sheet that is not there, and one that is full, stop the sync', async (context) => {
  const one = await rig(context)
  const row = batch([change('a', { name: 'x' })])
  for (const use of [{ spreadsheet: 'elsewhere' }, { sheet: 'Elsewhere' }]) {
    assert.equal((await errorOf(one.connect({}, use).account())).action, 'stop')
    assert.equal((await errorOf(one.connect({}, use).write(row))).action, 'stop')
  }
  typed(one, ['email', 'name']).mostCells = 26_000
  const many = Array.from({ length: 1000 }, (_, index) => change(`${index}`, { name: 'x' }))
  const full = await errorOf(one.connection.write(batch(many)))
  assert.deepEqual([full.action, /above the limit of 26000 cells/.test(full.message)], ['stop', true])
  assert.deepEqual(shown(one), [['email', 'name']])
})

test('a text that no cell holds is rejected, and the others of its batch are written', async (context) => {
  const one = await rig(context)
  const rows = [change('a', { name: 'x'.repeat(50_001) }), change('b', { name: 'x'.repeat(50_000) })]
  const [first, second] = await one.connection.write(batch(rows))
  assert.deepEqual([first?.status, second], ['rejected', APPLIED])
  assert.equal(shown(one).length, 2)
})

test('an answer of another spreadsheet, or to other requests, says nothing of the rows', async (context) => {
  const one = await rig(context)
  typed(one, ['email', 'name'], ['a', '1'])
  await one.connection.account()
  const rows = batch([change('a', { name: 'x' }, 'change')])
  for (const body of ['{"spreadsheetId":"elsewhere","replies":[{}]}', '{"replies":[{}]}', '{}']) {
    one.fake.server?.script({ kind: 'none' }, { kind: 'none' }, { kind: 'answer', status: 200, body })
    const [receipt] = await one.connection.write(rows)
    assert.ok(receipt?.status === 'retry' && receipt.ambiguous === true)
  }
})

test('a service account is let in with an assertion, and the account is the sheet by its id', async (context) => {
  const { fake, connect } = await rig(context)
  const robot = connect({ ...fake.robot(), refresh_token: undefined })
  assert.equal(await robot.account(), 'spreadsheet 1FakeCanarySpreadsheet_-abc, sheet 17')
  fake.expireTokens()
  assert.equal((await errorOf(robot.account())).action, 'refresh')
})

test('without a sync, the account is who asks, and must be let in', async (context) => {
  const { fake } = await rig(context)
  const tools = createHttpTools({ clock: systemClock })
  context.after(() => tools.close())
  const connection = connector.connect(fake.settings, tools)
  assert.equal(await connection.account(), 'fake.apps.example')
  fake.expireTokens()
  assert.equal((await errorOf(connection.account())).action, 'refresh')
})

test('columns are lettered as in the sheet', () => {
  assert.deepEqual([0, 25, 26, 51, 52, 701, 702].map(columnLetters), [
    'A',
    'Z',
    'AA',
    'AZ',
    'BA',
    'ZZ',
    'AAA',
  ])
})
