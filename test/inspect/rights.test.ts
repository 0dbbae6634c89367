import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEngine } from '../support/engines.ts'
import { openIdentityLab } from '../support/identity-lab.ts'

const YAML = `sources: [{name: people, table: data.people, primary_key: id}]
entities: [{name: person, identity: {from: [{source: people, ids: {mail: mail}}]}}]
`

test('postgres: in the tests the engine has the rights that --grants prints, and the tests those of the owner', async (context) => {
  const warehouse = await openEngine('postgres', context)
  const lab = await openIdentityLab(warehouse, YAML)
  await lab.load('people', ['id', 'mail'], [['1', 'a@x.example']])
  await lab.execute('create schema secret')
  await lab.execute('create table secret.wages (id integer)')
  await lab.build()
  const users = async (rows: typeof lab.rows) => (await rows('select current_user as name'))[0]?.name
  assert.match(String(await users(lab.session.rows)), /^engine_of_/)
  assert.doesNotMatch(String(await users(lab.rows)), /^engine_of_/)
  const another = await warehouse.openSession()
  for (const denied of [
    'create schema elsewhere',
    'create table public.mine (a integer)',
    "insert into data.people values ('2', 'b@x.example')",
    'drop table data.people',
    'select * from secret.wages',
  ]) {
    await assert.rejects(lab.session.execute(denied), { code: 'SLU3002' }, denied)
    await assert.rejects(another.execute({ step: 'look', sql: denied }), { code: 'SLU3002' }, denied)
  }
  await lab.execute("insert into data.people values ('2', 'b@x.example')")
  await lab.build()
  assert.equal((await lab.rows('select * from sluice.person_identity')).length, 2)
})
