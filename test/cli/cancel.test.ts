import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { beforeItEnds, finished, projectFolder, startSluice } from '../support/cli.ts'
import { freshPostgres } from '../support/postgres.ts'
import { freshRedshift } from '../support/redshift-server.ts'

type Settings = ReadonlyMap<string, string | number>

/** A source that takes for ever, and says that it is being read. */
const ENDLESS =
  'with recursive r(i) as (select 1 union all select i + 1 from r where i < 2000000000) select cast(count(*) as varchar(20)) as id from r'

const project = (type: string, settings: Settings, url: string) => `version: 1
name: endless
targets: {dev: {type: ${type}, ${[...settings].map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ')}}}
sources: [{name: people, query: "${ENDLESS}", primary_key: id}]
entities: [{name: person, identity: {from: [{source: people, ids: {mail: id}}]}}]
destinations: [{name: hook, connector: http, settings: {url: "${url}", allow_private_network: true}}]
syncs: [{name: out, source: people, to: hook.rows, match: {id: id}}]
`

const WAREHOUSES: Readonly<Record<string, () => Promise<Settings>>> = {
  duckdb: async () => new Map([['path', 'endless.duckdb']]),
  postgres: freshPostgres,
  redshift: freshRedshift,
}

for (const [type, fresh] of Object.entries(WAREHOUSES))
  for (const command of [['build'], ['sync', '--no-build']])
    test(`${type}: SIGTERM stops the statement of \`sluice ${command[0]}\` that runs in the warehouse, and the run ends`, async (context) => {
      const settings = await fresh()
      const folder = projectFolder(context, {
        'sluice.yml': project(type, settings, 'http://127.0.0.1:9/rows'),
      })
      const child = startSluice(['-C', folder, ...command, '-o', 'json'])
      const ended = finished(child)
      context.after(() => child.kill('SIGKILL'))
      if (type === 'duckdb') await beforeItEnds(begun(join(folder, 'endless.duckdb')), ended)
      else
        await beforeItEnds(
          running(context, settings, (count) => count > 0),
          ended,
        )
      const began = systemClock.monotonicMs()
      child.kill('SIGTERM')
      const { code, stdout } = await ended
      assert.equal(code, 143, stdout)
      assert.match(stdout, /SLU7011/)
      assert.ok(systemClock.monotonicMs() - began < LONGEST_MS)
      if (type !== 'duckdb') await running(context, settings, (count) => count === 0)
    })

/** Nobody else can look into its file, which is made when the warehouse is opened; what follows takes no second. */
async function begun(file: string): Promise<void> {
  while (!existsSync(file)) await systemClock.sleep(50)
  await systemClock.sleep(DUCKDB_BEGINS_MS)
}

const DUCKDB_BEGINS_MS = 3000
/** Generous, for a machine with much to do: without being stopped it would take hours. */
const LONGEST_MS = 30_000

/** Until as many statements run, for longer than others take, as are wanted. */
async function running(
  context: TestContext,
  settings: Settings,
  wanted: (count: number) => boolean,
): Promise<void> {
  const owner = new Map([...settings].map(([key, value]) => [key, value] as const))
  const warehouse = await openWarehouse({
    type: 'redshift',
    directory: '.',
    settings: owner,
    runId: 'look',
  }).catch(() => openWarehouse({ type: 'postgres', directory: '.', settings: owner, runId: 'look' }))
  context.after(() => warehouse.close())
  const deadline = systemClock.monotonicMs() + LONGEST_MS
  for (;;) {
    const [row] = await warehouse.read({
      step: 'look',
      sql: `select count(*) as n from pg_stat_activity where state = 'active' and clock_timestamp() - query_start > interval '1 second' and pid <> pg_backend_pid() and datname = current_database()`,
    })
    if (wanted(Number(row?.n))) return
    assert.ok(systemClock.monotonicMs() < deadline, `${row?.n} statements run`)
    await systemClock.sleep(50)
  }
}
