import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { Batch, Change, Connection, ConnectorTools } from '../../src/connector/types.ts'
import { connector } from './index.ts'

const TOOLS: ConnectorTools = {
  clock: systemClock,
  http: () => assert.fail('a file needs no client'),
  openSocket: () => assert.fail('a file needs no connection'),
}

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-file-test-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function open(directory: string, path: string, format: string): Connection {
  return connector.connect({ path, format }, { ...TOOLS, directory })
}

function batchOf(changes: readonly Change[]): Batch {
  const changesJson = JSON.stringify(changes)
  return {
    sync: 'vips',
    runId: 'r1',
    object: 'rows',
    mode: 'mirror',
    batch: 1,
    count: changes.length,
    changesJson,
    changes: () => JSON.parse(changesJson),
    idempotencyKey: 'k',
  }
}

const ADD: Change = { op: 'add', key: { email: 'ada@example.com' }, fields: { name: 'Ada', n: 1.5 } }
const REMOVE: Change = { op: 'remove', key: { email: 'ada@example.com' }, fields: {} }

test('changes are appended as lines, in a folder that is made', async (context) => {
  const folder = folderOf(context)
  const connection = open(folder, 'a/b/rows.ndjson', 'ndjson')
  await connection.write(batchOf([ADD]))
  await connection.write(batchOf([REMOVE]))
  assert.equal(await connection.account(), join(folder, 'a/b/rows.ndjson'))
  assert.deepEqual(readFileSync(join(folder, 'a/b/rows.ndjson'), 'utf8').split('\n'), [
    '{"sync":"vips","run_id":"r1","op":"add","key":{"email":"ada@example.com"},"fields":{"name":"Ada","n":1.5}}',
    '{"sync":"vips","run_id":"r1","op":"remove","key":{"email":"ada@example.com"},"fields":{}}',
    '',
  ])
})

test('a change in a line is the text that the warehouse built', async (context) => {
  const folder = folderOf(context)
  const changesJson =
    '[ {"op" : "add","key":{"id":"}]\\"{"},\n "fields":{"n":12345678901234567890,"d":1.10,"l":[[{}],{}]}},{"op":"remove"} ]'
  await open(folder, 'rows', 'ndjson').write({ ...batchOf([]), count: 2, changesJson })
  assert.deepEqual(readFileSync(join(folder, 'rows'), 'utf8').split('\n'), [
    '{"sync":"vips","run_id":"r1","op" : "add","key":{"id":"}]\\"{"},  "fields":{"n":12345678901234567890,"d":1.10,"l":[[{}],{}]}}',
    '{"sync":"vips","run_id":"r1","op":"remove"}',
    '',
  ])
})

test('CSV has a header once, quotes what needs it, and tells null from the empty text', async (context) => {
  const folder = folderOf(context)
  const fields = { name: 'a "b", c\nd', none: null, empty: '', list: ['x', 1], spaced: ' e ', yes: true }
  const add: Change = { op: 'add', key: { 'e,mail': 'ada@example.com' }, fields }
  for (const change of [
    add,
    { ...add, op: 'change' } satisfies Change,
    { ...add, op: 'remove', fields: {} } satisfies Change,
  ])
    await open(folder, 'rows.csv', 'csv').write(batchOf([change]))
  assert.equal(
    readFileSync(join(folder, 'rows.csv'), 'utf8'),
    [
      'sync,run_id,op,"e,mail",name,none,empty,list,spaced,yes',
      'vips,r1,add,ada@example.com,"a ""b"", c\nd",,"","[""x"",1]"," e ",true',
      'vips,r1,change,ada@example.com,"a ""b"", c\nd",,"","[""x"",1]"," e ",true',
      'vips,r1,remove,ada@example.com,,,,,,',
      '',
    ].join('\n'),
  )
})

test('batches that are written at once stand one after the other', async (context) => {
  const folder = folderOf(context)
  const connection = open(folder, 'rows.csv', 'csv')
  const change = (index: number): Change => ({ ...ADD, key: { email: `${index}@example.com` } })
  await Promise.all(
    Array.from({ length: 50 }, (_, index) => connection.write(batchOf([change(index), change(index)]))),
  )
  const lines = readFileSync(join(folder, 'rows.csv'), 'utf8').trimEnd().split('\n')
  assert.equal(lines.length, 101)
  assert.equal(lines.filter((line) => line.startsWith('sync,')).length, 1)
})

test('a change with a column that the file does not have stops, and leaves the file as it was', async (context) => {
  const folder = folderOf(context)
  const connection = open(folder, 'rows.csv', 'csv')
  await connection.write(batchOf([ADD]))
  const before = readFileSync(join(folder, 'rows.csv'), 'utf8')
  await assert.rejects(
    connection.write(batchOf([ADD, { ...ADD, fields: { city: 'Paris' } }])),
    (error) =>
      error instanceof DestinationError && error.action === 'stop' && /"city" too/.test(error.message),
  )
  assert.equal(readFileSync(join(folder, 'rows.csv'), 'utf8'), before)
})

test('a file that cannot be written, an unknown format and a path of no folder stop', async (context) => {
  const folder = folderOf(context)
  writeFileSync(join(folder, 'plain'), '')
  const stops = (error: unknown) => error instanceof DestinationError && error.action === 'stop'
  await assert.rejects(open(folder, 'plain/rows.csv', 'csv').write(batchOf([ADD])), stops)
  await assert.rejects(open(folder, '.', 'ndjson').write(batchOf([ADD])), stops)
  assert.throws(() => open(folder, 'rows', 'xlsx'), stops)
  assert.throws(() => connector.connect({ path: 'a', format: 'csv' }, TOOLS), stops)
})
