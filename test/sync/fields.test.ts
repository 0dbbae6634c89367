import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { DestinationField } from '../../src/connector/types.ts'
import { openEngine } from '../support/engines.ts'
import { makeLists } from '../support/lists-destination.ts'
import { openLab } from '../support/sync-lab.ts'

const project = (map: string, guard = '100%') => `sources: [{name: people, table: people, primary_key: id}]
destinations: [{name: crm, connector: lists}]
syncs:
  - {name: out, source: people, to: crm.deals, mode: mirror, match: {id: id}, map: {${map}}, guard: {max_remove: ${guard}}}
`

const FIELDS: readonly DestinationField[] = [
  { name: 'town', writable: true },
  { name: 'country', writable: true },
  { name: 'created_at', writable: false },
]

async function rig(context: TestContext, map: string) {
  const lists = makeLists()
  let asked = 0
  lists.fields = () => {
    asked += 1
    return FIELDS
  }
  const open = () => openEngine('duckdb', context)
  const lab = await openLab(context, 'duckdb', open, project(map), lists.connectors)
  await lab.sql('create table people (id varchar(20), town varchar(20))')
  await lab.sql("insert into people select 'p' || i, 'Pau' from range(40) as r(i)")
  return { lab, lists, asked: () => asked }
}

test('a mapped field that the destination does not have ends the sync before anything is sent', async (context) => {
  const { lab, lists } = await rig(context, 'country: town, twon: town')
  const result = await lab.sync('out')
  const { error } = result
  assert.deepEqual(
    [result.status, error?.code, error?.message, error?.hint],
    ['failed', 'SLU5112', 'expected fields that crm.deals has, found "twon"', 'did you mean "town"?'],
  )
  const line =
    project('country: town, twon: town')
      .split('\n')
      .find((text) => text.includes('twon')) ?? ''
  assert.equal(line.slice((error?.at?.column ?? 0) - 1, (error?.at?.endColumn ?? 0) - 1), 'twon')
  assert.deepEqual([result.add, result.applied, result.pending, lists.batches.length], [40, 0, 40, 0])
  assert.equal(error && exitCodeOf(error), 6)
  lab.use(project('country: town, town: town'))
  const corrected = await lab.sync('out')
  assert.deepEqual([corrected.status, corrected.applied, corrected.resumed], ['done', 40, false])
})

test('a mapped field that the destination sets by itself does too', async (context) => {
  const { lab, lists } = await rig(context, 'town: town, created_at: town')
  const { error } = await lab.sync('out')
  assert.equal(error?.code, 'SLU5112')
  assert.match(
    String(error?.message),
    /^expected fields of crm\.deals that can be written, found "created_at", which the destination sets by itself$/,
  )
  assert.equal(lists.batches.length, 0)
})

test('fields are not asked for where none is sent: nothing changed, or some only leave', async (context) => {
  const { lab, asked } = await rig(context, 'town: town')
  assert.equal((await lab.sync('out')).applied, 40)
  assert.equal(asked(), 1)
  await lab.sync('out')
  await lab.sql("delete from people where id = 'p1'")
  assert.equal((await lab.sync('out')).remove, 1)
  assert.equal(asked(), 1)
  await lab.sql("update people set town = 'Nay' where id = 'p2'")
  assert.equal((await lab.sync('out')).change, 1)
  assert.equal(asked(), 2)
})

test('a destination that does not say which fields it has is told of as one that does not name its account', async (context) => {
  const { lab, lists } = await rig(context, 'town: town')
  lists.fields = () => {
    throw new DestinationError('stop', { message: 'GET /fields was answered with 403', status: 403 })
  }
  const { error, applied } = await lab.sync('out')
  assert.deepEqual([error?.code, applied, lists.batches.length], ['SLU5105', 0, 0])
  assert.match(
    String(error?.message),
    /^expected the destination "crm" to say which fields it has, found: GET/,
  )
  assert.match(String(error?.hint), /^its credentials may not do this: check their scopes.*nothing was sent$/)
})

test('what a fake has says nothing of the account, so fields are not held against it', async (context) => {
  const { lab, lists, asked } = await rig(context, 'town: town, twon: town')
  const fakes = new Map([['crm', { settings: {} }]])
  const { error, applied } = await lab.sync('out', { fakes })
  assert.deepEqual([error, applied, asked(), lists.batches.length], [undefined, 40, 0, 1])
})

test('a plan that a guard stopped is checked when it is accepted', async (context) => {
  const { lab, lists } = await rig(context, 'town: town')
  await lab.sync('out')
  lab.use(project('town: town', '0'))
  await lab.sql("delete from people where id = 'p1'", "insert into people values ('p99', 'Nay')")
  const stopped = await lab.sync('out')
  assert.equal(stopped.status, 'guarded')
  lists.fields = () => [{ name: 'city', writable: true }]
  const sent = lists.batches.length
  const accepted = await lab.sync('out', { accept: String(stopped.planId) })
  assert.deepEqual([accepted.error?.code, lists.batches.length], ['SLU5112', sent])
  lists.fields = () => FIELDS
  assert.equal((await lab.sync('out', { accept: String(stopped.planId) })).status, 'done')
})
