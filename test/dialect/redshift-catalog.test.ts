import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Fragment, render, sql } from '../../src/dialect/fragment.ts'
import { redshift } from '../../src/dialect/redshift.ts'
import { openRedshiftLike } from '../support/redshift-like.ts'

const { table } = redshift
const NOTES = { schema: 'kept', name: 'notes' }

test('redshift: the catalog tells tables, columns, views that read one, and the rights it has given', async (context) => {
  const like = await openRedshiftLike(context)
  const execute = (statement: Fragment) => like.execute({ step: 'test', sql: render(statement, redshift) })
  const read = (statement: Fragment | undefined) =>
    like.read({ step: 'test', sql: render(statement ?? sql``, redshift) })
  await execute(table.createSchema('kept'))
  await execute(
    table.create(NOTES, [
      { name: 'id', type: 'text', nullable: false, primaryKey: true },
      { name: 'made', type: 'timestamp', nullable: true },
    ]),
  )
  await execute(table.addColumn(NOTES, { name: 'flag', type: 'boolean', nullable: true, default: false }))
  await execute(table.createAs({ schema: undefined, name: 'passing' }, sql`select 1.5 as ratio`))
  await execute(table.createView({ schema: undefined, name: 'seen' }, sql`select id from kept.notes`))
  await execute(sql`create view kept.reader as select id from kept.notes`)
  await execute(sql`grant select on kept.notes to public`)

  assert.deepEqual(await read(table.list('kept')), [{ name: 'notes' }])
  assert.deepEqual(
    (await read(table.columns(NOTES))).map(({ name, type }) => [name, redshift.columnType(String(type))]),
    [
      ['id', 'text'],
      ['made', 'timestamp'],
      ['flag', 'boolean'],
    ],
  )
  assert.deepEqual(
    (await read(table.columns({ schema: undefined, name: 'passing' }))).map(({ name }) => name),
    ['ratio'],
  )
  assert.deepEqual(await read(table.columns({ schema: 'kept', name: 'none' })), [])
  assert.deepEqual(await read(table.dependents?.(NOTES)), [{ name: 'kept.reader' }])
  assert.deepEqual(await read(table.grants?.(NOTES)), [
    { statement: 'grant SELECT on "kept"."notes" to public' },
  ])

  await execute(table.dropView({ schema: undefined, name: 'seen' }))
  await assert.rejects(execute(table.dropIfExists(NOTES)), { code: /^SLU3/ })
  await execute(sql`drop view kept.reader`)
  await execute(table.rename(NOTES, 'old_notes'))
  assert.deepEqual(await read(table.list('kept')), [{ name: 'old_notes' }])
})
