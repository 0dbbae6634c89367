import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recorded } from '../ladder/scene/recorder.ts'
import { forEachEngine } from '../support/engines.ts'
import {
  type Changes,
  changedData,
  loadData,
  PEOPLE_YAML,
  type PeopleData,
  type PeopleRow,
} from '../support/identity-batches.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import { Random } from '../support/random.ts'

/** No value is over a limit: then an entity falls apart only where a record of it changes or goes. */
const UNLIMITED = PEOPLE_YAML.replaceAll(/max_records: \d+/g, 'max_records: 1000')

const RUNS = 8

forEachEngine((engine, open) => {
  test(`${engine}: a small build rewrites the records of entities that lost or changed one or ended in another, and no other`, async (context) => {
    const { warehouse, statements } = recorded(await open(context))
    const lab = await openIdentityLab(warehouse, UNLIMITED)
    const random = new Random(41)
    const changes: Changes = { next: 0, gone: [] }
    let data: PeopleData = { contacts: [], accounts: [], visits: [] }
    let before: Ids = new Map()
    let [rewritten, rows] = [0, 0]
    for (let run = 0; run < RUNS; run += 1) {
      const next = changedData(random, data, changes, run === 0 ? 60 : 5)
      await loadData(lab, next)
      const from = statements.length
      await lab.build()
      const after = await idsOf(lab)
      if (run > 0) {
        const wanted = rewrittenOf(before, after, isAsItWas(data, next))
        const count = (step: string) =>
          statements.slice(from).find((one) => one.step.endsWith(`.${step}_identity`))?.rows
        assert.deepEqual([count('remove'), count('add')], [wanted.removed, wanted.added], `run ${run}`)
        rewritten += wanted.removed
        rows += before.size
      }
      before = after
      data = next
    }
    assert.ok(rewritten > 20 && rewritten < rows / 3, `${rewritten} of ${rows}`)
  })
})

/** By source and key. */
type Ids = ReadonlyMap<string, string>

async function idsOf(lab: IdentityLab): Promise<Ids> {
  const rows = await lab.rows('select source, record_id, person_id from sluice.person_identity')
  return new Map(
    rows.map((row) => [`${row.source} ${String(row.record_id).split('|').at(-1)}`, String(row.person_id)]),
  )
}

/** Whether a record stands in both with the same values. */
function isAsItWas(data: PeopleData, next: PeopleData): (record: string) => boolean {
  const texts = (of: PeopleData) =>
    new Map(
      Object.entries(of).flatMap(([source, rows]: [string, readonly PeopleRow[]]): [string, string][] =>
        rows.map(({ id, values }) => [`${source} ${id}`, JSON.stringify(values)]),
      ),
    )
  const [before, after] = [texts(data), texts(next)]
  return (record) => before.has(record) && before.get(record) === after.get(record)
}

function rewrittenOf(
  before: Ids,
  after: Ids,
  same: (record: string) => boolean,
): { readonly removed: number; readonly added: number } {
  const replaced = new Set(
    [...before].flatMap(([record, id]) => (same(record) && after.get(record) === id ? [] : [id])),
  )
  const isReplaced = (record: string) => replaced.has(before.get(record) ?? '')
  return {
    removed: [...before.keys()].filter(isReplaced).length,
    added: [...after.keys()].filter((record) => !before.has(record) || isReplaced(record)).length,
  }
}
