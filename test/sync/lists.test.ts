import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openEngine } from '../support/engines.ts'
import { makeLists } from '../support/lists-destination.ts'
import { openLab } from '../support/sync-lab.ts'

const project = (...syncs: readonly string[]) => `sources:
  - {name: people, table: people, primary_key: mail}
  - {name: others, table: others, primary_key: mail}
destinations: [{name: mail, connector: lists}]
syncs:
${syncs.map((sync) => `  - {${sync}, guard: {max_remove: 100%}}`).join('\n')}
`

const member = (name: string, list: string, source = 'people') =>
  `name: ${name}, source: ${source}, to: mail.list, mode: mirror, match: {email: mail}, settings: {list: "${list}"}`

async function rig(context: TestContext, ...syncs: readonly string[]) {
  const lists = makeLists()
  const open = () => openEngine('duckdb', context)
  const lab = await openLab(context, 'duckdb', open, project(...syncs), lists.connectors)
  await lab.sql(
    'create table people (mail varchar(20), town varchar(20))',
    'create table others as from people',
  )
  await lab.sql("insert into people values ('A@x.example', 'Pau'), ('b@x.example', 'Nay')")
  await lab.sql("insert into others values ('b@x.example', 'Nay'), ('c@x.example', 'Lyon')")
  return { lab, lists, held: (list: string) => [...(lists.held.get(list)?.keys() ?? [])].sort() }
}

test('members are sent with their key and no field, and removed when they leave', async (context) => {
  const { lab, lists, held } = await rig(context, member('a', 'vips'))
  const plan = await lab.plan('a')
  assert.deepEqual([plan.add, plan.change, plan.remove, plan.error], [2, 0, 0, undefined])
  const first = await lab.sync('a')
  assert.deepEqual([first.status, first.applied, first.error], ['done', 2, undefined])
  assert.deepEqual(lists.batches[0]?.changes(), [
    { op: 'add', key: { email: 'a@x.example' }, fields: {} },
    { op: 'add', key: { email: 'b@x.example' }, fields: {} },
  ])
  // A town is none of the list's business.
  await lab.sql("update people set town = 'Lyon'")
  assert.deepEqual((await lab.sync('a')).applied, 0)
  await lab.sql("delete from people where mail = 'A@x.example'")
  const second = await lab.sync('a')
  assert.deepEqual([second.remove, second.applied, held('vips')], [1, 1, ['b@x.example']])
})

test('lists of one object are apart, and one that several syncs fill keeps who is in any of them', async (context) => {
  const { lab, held } = await rig(
    context,
    member('a', 'vips'),
    member('b', 'news'),
    member('c', 'vips', 'others'),
  )
  await lab.syncs(['a', 'b', 'c'])
  assert.deepEqual(held('vips'), ['a@x.example', 'b@x.example', 'c@x.example'])
  assert.deepEqual(held('news'), ['a@x.example', 'b@x.example'])
  await lab.sql('delete from people', "insert into people values ('z@x.example', 'Pau')")
  const removed = (await lab.syncs(['a', 'b'])).map(({ remove }) => remove)
  assert.deepEqual(removed, [1, 2])
  assert.deepEqual(
    [held('vips'), held('news')],
    [['b@x.example', 'c@x.example', 'z@x.example'], ['z@x.example']],
  )
})

test('settings of a sync come with their defaults, read from the environment, and belong to the account', async (context) => {
  const { lab, lists } = await rig(context, member('a', `$\{LIST:-vips}`))
  assert.equal((await lab.sync('a')).error, undefined)
  assert.deepEqual(lists.uses.at(-1), {
    object: 'list',
    settings: { list: 'vips', size: 7 },
    looksOnly: false,
  })
  lab.use(project(member('a', `$\{NOT_SET}`)))
  assert.equal((await lab.sync('a')).error?.code, 'SLU1018')
  lab.use(project(member('a', 'news')))
  const moved = await lab.sync('a')
  assert.deepEqual([moved.error?.code, moved.guard?.name], ['SLU5102', 'account'])
  assert.match(String(moved.error?.message), /expected .* to be portal 1, vips, .* found portal 1, news/)
  assert.equal((await lab.sync('a', { fullResync: true })).applied, 2)
})

test('an object of the user is told by the name that the sync writes', async (context) => {
  const { lab, lists, held } = await rig(
    context,
    'name: a, source: people, to: mail.Deal__c, match: {id: mail}, map: {town: town}',
  )
  assert.equal((await lab.sync('a')).applied, 2)
  assert.deepEqual(
    lists.uses.map((use) => use?.object),
    ['Deal__c'],
  )
  assert.deepEqual(
    lists.batches.map(({ object }) => object),
    ['Deal__c'],
  )
  assert.deepEqual(held('Deal__c'), ['A@x.example', 'b@x.example'])
})
