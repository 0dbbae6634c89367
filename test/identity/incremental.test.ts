import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachEngine } from '../support/engines.ts'
import {
  type Changes,
  changedData,
  loadData,
  PEOPLE_YAML,
  type PeopleData,
  publishedState,
} from '../support/identity-batches.ts'
import { openIdentityLab } from '../support/identity-lab.ts'
import { Random } from '../support/random.ts'

forEachEngine((engine, open) => {
  for (const kind of ['few', 'many'] as const)
    for (let seed = 1; seed <= (engine === 'duckdb' ? 5 : 2); seed += 1)
      test(`${engine}: after every batch of ${kind} additions, changes and removals an incremental stitch is a full one, row for row (seed ${seed})`, async (context) => {
        const warehouse = await open(context)
        const incremental = await openIdentityLab(warehouse, PEOPLE_YAML, 'changes')
        const full = await openIdentityLab(warehouse, PEOPLE_YAML, 'whole')
        const random = new Random(seed * 7919)
        const changes: Changes = { next: 0, gone: [] }
        let data: PeopleData = { contacts: [], accounts: [], visits: [] }
        let incrementally = 0
        for (let run = 1; run <= 12; run += 1) {
          data = changedData(random, data, changes, kind === 'many' ? 25 : 4)
          await loadData(incremental, data)
          const built = await incremental.build()
          await full.build({ fullRefresh: true })
          incrementally += built.nodes[0]?.stitch?.mode === 'incremental' ? 1 : 0
          const [found, wanted] = [
            await publishedState(incremental, 'changes'),
            await publishedState(full, 'whole'),
          ]
          for (const table of Object.keys(wanted))
            assert.deepEqual(found[table], wanted[table], `${table} after run ${run}`)
        }
        assert.equal(incrementally, 11, 'all but the first')
      })
})
