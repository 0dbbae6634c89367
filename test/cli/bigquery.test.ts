import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goTheChain } from '../support/chain.ts'
import { bigqueryProject } from '../support/cloud/bigquery-like.ts'

test('a project goes the whole way on BigQuery, as it is stood in for: from validate to a sync that was killed', async (context) => {
  const { fake, warehouse } = await bigqueryProject(context)
  const { token, ...shown } = Object.fromEntries(fake.settings)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the project
  const target = { type: 'bigquery', ...shown, token: '${BIGQUERY_TOKEN}' }
  await goTheChain({
    target: JSON.stringify(target),
    env: { BIGQUERY_TOKEN: String(token) },
    schema: 'crm',
    warehouse,
    context,
  })
  const labels = fake.seen.map(({ configuration }) => configuration.labels ?? {})
  assert.ok(
    labels.some(({ project, step }) => project === 'small_shop' && step === 'identity_customer_stars'),
  )
})
