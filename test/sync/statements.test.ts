import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { counted } from '../support/counted-warehouse.ts'
import { forEachEngine, type Open } from '../support/engines.ts'
import { startReceiver } from '../support/receiver.ts'
import { FAST, labOn } from '../support/sync-lab.ts'

/** As docs/delivery.md says; `begin` and `commit` are not counted. The first run also makes the state schema. */
const MOST = { first: 67, unchanged: 13, changed: 42 }
const MOST_A_PAGE = 4
const MOST_A_FLUSH = 2

const BATCH_ROWS = 25
/** Pieces of a plan that are read and started at once. */
const BATCHES_A_PAGE = 100

const RUNS = ['first', 'unchanged', 'changed'] as const
type Run = (typeof RUNS)[number]

/** The statements of a first run, of one that finds nothing new, and of one where every row changed. */
async function stepsOf(
  engine: Parameters<Parameters<typeof forEachEngine>[0]>[0],
  open: Open,
  context: TestContext,
  rows: number,
): Promise<Readonly<Record<Run, readonly string[]>>> {
  const receiver = await startReceiver(context)
  const { warehouse, steps } = counted(await open(context))
  const lab = await labOn(
    warehouse,
    engine,
    `sources: [{name: people, table: people, primary_key: id}]
destinations:
  - {name: hook, connector: http, settings: {url: "${receiver.url}", allow_private_network: true, batch_size: ${BATCH_ROWS}}}
syncs: [{name: out, source: people, to: hook.rows, match: {id: id}, map: {city: city}}]
`,
  )
  const numbers = engine === 'duckdb' ? `range(1, ${rows + 1})` : `generate_series(1, ${rows})`
  await lab.sql(
    `create table people as select cast(n as varchar(9)) as id, 'Paris' as city from ${numbers} as t(n)`,
  )
  // Written down once, at the end: how often depends on the time that it takes.
  const delivery = { ...FAST, flushMs: 60_000 }
  const found: Partial<Record<Run, readonly string[]>> = {}
  for (const run of RUNS) {
    if (run === 'changed') await lab.sql("update people set city = 'Rome'")
    steps.length = 0
    const { error, applied } = await lab.sync('out', { delivery, build: false })
    assert.deepEqual([error, applied], [undefined, run === 'unchanged' ? 0 : rows])
    found[run] = steps.filter((step) => step !== 'begin' && step !== 'commit')
  }
  return found as Record<Run, readonly string[]>
}

/** Those of a page: its bodies, and that it was started, under the lease. */
function pagesIn(steps: readonly string[]): number {
  return steps.filter((step) => step === 'sync.out.bodies').length
}

/** What is not said once a page. */
function onceARun(steps: readonly string[]): readonly string[] {
  const ofPage = new Set(['sync.out.batches', 'sync.out.bodies', 'ledger.mark_started'])
  return steps.filter((step, index) => {
    const isFence = step === 'ledger.fence_lease' && steps[index + 1] === 'ledger.mark_started'
    return !ofPage.has(step) && !isFence
  })
}

forEachEngine((engine, open) => {
  test(`${engine}: a run asks the warehouse a fixed number of times, and a few times a page, however many rows there are`, async (context) => {
    const few = await stepsOf(engine, open, context, 100)
    const many = await stepsOf(engine, open, context, 5000)
    for (const run of RUNS) {
      assert.deepEqual(onceARun(many[run]), onceARun(few[run]), run)
      const batches = run === 'unchanged' ? 0 : 5000 / BATCH_ROWS
      assert.equal(pagesIn(many[run]), Math.ceil(batches / BATCHES_A_PAGE), run)
      for (const steps of [few[run], many[run]]) {
        const flushes = run === 'unchanged' ? 0 : 1
        const most = MOST[run] + MOST_A_PAGE * pagesIn(steps) + MOST_A_FLUSH * flushes
        assert.ok(
          steps.length <= most,
          `${run}: expected at most ${most}, found ${steps.length}: ${steps.join(' ')}`,
        )
      }
    }
  })
})
