import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { goTheChain } from '../support/chain.ts'
import { beforeItEnds, finished, projectFolder, startSluice } from '../support/cli.ts'
import { freshSnowflake } from '../support/cloud/snowflake-like.ts'

/** A target of the fake, with its key in the environment. */
async function targetOn(context: TestContext) {
  const { fake, settings } = await freshSnowflake(context)
  const { private_key: key, ...shown } = Object.fromEntries(settings)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the project
  const target = { type: 'snowflake', ...shown, private_key: '${SNOWFLAKE_KEY}' }
  return { fake, settings, target: JSON.stringify(target), env: { SNOWFLAKE_KEY: String(key) } }
}

test('a project goes the whole way on Snowflake, as it is stood in for: from validate to a sync that was killed', async (context) => {
  const { settings, target, env } = await targetOn(context)
  const warehouse = await openWarehouse({ type: 'snowflake', directory: '.', settings, runId: 'test' })
  context.after(() => warehouse.close())
  await goTheChain({ target, env, schema: 'crm', warehouse, context })
})

const SLOW =
  'with recursive r(i) as (select 1 union all select i + 1 from r where i < 2000000000) select i as id from r'

test('a build that is told to stop tells Snowflake to stop its statement', async (context) => {
  const { fake, target, env } = await targetOn(context)
  const folder = projectFolder(context, {
    'sluice.yml': `version: 1
name: slow
targets: {dev: ${target}}
sources: [{name: rows_of, query: ${JSON.stringify(SLOW)}, primary_key: id}]
entities: [{name: thing, source: rows_of, key: id}]
`,
  })
  const child = startSluice(['-C', folder, 'build', '-o', 'json'], { env })
  const ended = finished(child)
  const isSlow = () =>
    fake.sessions.some(({ history }) => /source\.rows_of\.key_figures/.test(history.at(-1)?.text ?? ''))
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  await beforeItEnds(
    until(() => isSlow() || hasEnded),
    ended,
  )
  child.kill('SIGTERM')
  const result = await ended
  assert.deepEqual([result.code, (result.json().error as { code: string }).code], [143, 'SLU7011'])
  assert.ok(fake.paths.some((path) => path.endsWith('abort-request')))
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20))
}
