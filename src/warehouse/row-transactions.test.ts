import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definesTables, RowTransactions } from './row-transactions.ts'

function noted() {
  const said: string[] = []
  const note = (word: string) => async () => void said.push(word)
  const transactions = new RowTransactions({
    begin: note('begin'),
    commit: note('commit'),
    rollback: note('rollback'),
  })
  const run = async (sql: string) => {
    await transactions.before(sql)
    said.push(sql)
  }
  return { said, transactions, run }
}

test('statements of rows are held together, and one that defines tables ends what is open', async () => {
  const { said, transactions, run } = noted()
  await run('insert 0')
  await transactions.transaction(async () => {
    await run('insert 1')
    await run('update 2')
    await run('/* sluice x */ create table t as select 1')
    await run('insert 3')
  })
  assert.deepEqual(said, [
    ...['insert 0', 'begin', 'insert 1', 'update 2', 'commit'],
    ...['/* sluice x */ create table t as select 1', 'begin', 'insert 3', 'commit'],
  ])
})

test('what fails is rolled back as far as it is open, and the next transaction begins anew', async () => {
  const { said, transactions, run } = noted()
  const failing = transactions.transaction(async () => {
    await run('insert 1')
    throw new TypeError('no')
  })
  await assert.rejects(failing, TypeError)
  await transactions.transaction(() => run('insert 2'))
  assert.deepEqual(said, ['begin', 'insert 1', 'rollback', 'begin', 'insert 2', 'commit'])
})

test('one transaction inside another is refused', async () => {
  const { transactions } = noted()
  const nested = transactions.transaction(() => transactions.transaction(async () => {}))
  await assert.rejects(nested, { code: 'SLU9001' })
})

test('a statement defines tables by its first word, behind comments', () => {
  for (const sql of [
    'create table a',
    ' DROP table a',
    '/* create */ alter table a',
    '-- x\ntruncate table a',
  ])
    assert.equal(definesTables(sql), true, sql)
  for (const sql of ['select 1 as create_', '/* drop */ insert into a', 'merge into a', 'created'])
    assert.equal(definesTables(sql), false, sql)
})
