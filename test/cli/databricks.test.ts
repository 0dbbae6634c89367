import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goTheChain } from '../support/chain.ts'
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
