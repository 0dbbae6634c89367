import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goTheChain } from '../support/chain.ts'
import { finished, projectFolder, startSluice } from '../support/cli.ts'
import { freshDatabricks, openOn } from '../support/cloud/databricks-like.ts'

test('a project goes the whole way on Databricks, as it is stood in for: from validate to a sync that was killed', async (context) => {
  const fake = await freshDatabricks(context)
  const { token, ...shown } = Object.fromEntries(fake.settings)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the project
  const target = { type: 'databricks', ...shown, token: '${DATABRICKS_TOKEN}' }
  const warehouse = await openOn(fake)
  await goTheChain({
    target: JSON.stringify(target),
    env: { DATABRICKS_TOKEN: String(token) },
    schema: 'crm',
    warehouse,
    context,
  })
  const left = await warehouse.read({
    step: 'test',
    sql: "select distinct split_part(table_name, '_', 4) as session from information_schema.tables where startswith(table_name, 'sluice_tmp_')",
  })
  assert.ok(left.length <= 1, 'only what was killed leaves tables behind')
  const tags = fake.asked.flatMap(({ body }) => (body as { query_tags?: { key: string }[] }).query_tags ?? [])
  assert.ok(tags.length > 100)
})

test('doctor finds what a user of Databricks may do beside its rights, and leaves nothing of it behind', async (context) => {
  const fake = await freshDatabricks(context)
  const warehouse = await openOn(fake)
  for (const sql of [
    'create schema crm',
    'create table crm.contacts as select 1 as id, "a@x.example" as email',
    'create table orders as select 1 as id',
  ])
    await warehouse.execute({ step: 'test', sql })
  const { id, secret } = fake.tokens.client
  const { token, ...shown } = Object.fromEntries(fake.settings)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the project
  const target = { type: 'databricks', ...shown, client_id: id, client_secret: '${SECRET}' }
  const folder = projectFolder(context, {
    'sluice.yml': `version: 1
name: shop
targets: {dev: ${JSON.stringify(target)}}
sources:
  - {name: contacts, table: crm.contacts, primary_key: id}
  - {name: orders, table: orders, primary_key: id}
`,
  })
  const doctor = (...flags: readonly string[]) =>
    finished(startSluice(['-C', folder, 'doctor', ...flags], { env: { SECRET: secret } }))
  const well = await doctor()
  assert.deepEqual([well.code, /ok +target dev: databricks/.test(well.stdout)], [0, true], well.stdout)
  const denied = await doctor('--prove-denied')
  assert.equal(denied.code, 6, denied.stdout)
  assert.match(denied.stdout, /delete_from_contacts was let in.*doctor.create_beside was let in/)
  const tables = await warehouse.read({
    step: 'test',
    sql: "select table_name from information_schema.tables where table_name = 'sluice_doctor'",
  })
  assert.deepEqual(tables, [])
  const grants = await doctor('--grants')
  const statements = grants.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('--'))
  assert.deepEqual(
    statements.map((line) => line.replace(/^\/\*.*?\*\/ ?/, '')),
    [
      `grant use catalog on catalog \`shop_catalog\` to \`${id}\`;`,
      `grant use schema on schema \`crm\` to \`${id}\`;`,
      `grant select on schema \`crm\` to \`${id}\`;`,
      `grant use schema on schema \`default\` to \`${id}\`;`,
      `grant select on schema \`default\` to \`${id}\`;`,
      'create schema if not exists `sluice`;',
      `grant use schema, create table, select, modify on schema \`sluice\` to \`${id}\`;`,
    ],
  )
})
