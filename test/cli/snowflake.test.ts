import { test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { goTheChain } from '../support/chain.ts'
import { freshSnowflake } from '../support/cloud/snowflake-like.ts'

test('a project goes the whole way on Snowflake, as it is stood in for: from validate to a sync that was killed', async (context) => {
  const { settings } = await freshSnowflake(context)
  const warehouse = await openWarehouse({ type: 'snowflake', directory: '.', settings, runId: 'test' })
  context.after(() => warehouse.close())
  const { private_key: key, ...shown } = Object.fromEntries(settings)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the project
  const target = { type: 'snowflake', ...shown, private_key: '${SNOWFLAKE_KEY}' }
  await goTheChain({
    target: JSON.stringify(target),
    env: { SNOWFLAKE_KEY: String(key) },
    schema: 'crm',
    warehouse,
    context,
  })
})
