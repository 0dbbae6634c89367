import { test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { goTheChain } from '../support/chain.ts'
import { freshRedshift } from '../support/redshift-server.ts'

test('a project goes the whole way on Redshift, as it is stood in for: from validate to a sync that was killed', async (context) => {
  const settings = await freshRedshift()
  const warehouse = await openWarehouse({ type: 'redshift', directory: '.', settings, runId: 'test' })
  context.after(() => warehouse.close())
  const shown = Object.fromEntries(settings)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the project
  const target = { type: 'redshift', ...shown, password: '${REDSHIFT_PASSWORD}' }
  await goTheChain({
    target: JSON.stringify(target),
    env: { REDSHIFT_PASSWORD: String(shown.password) },
    schema: 'crm',
    warehouse,
    context,
  })
})
