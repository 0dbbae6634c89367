import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { RunContext } from '../../src/build/run-context.ts'
import { identityStats } from '../../src/inspect/identity-stats.ts'
import { identityWhy } from '../../src/inspect/identity-why.ts'
import type { Entity } from '../../src/spec/project.ts'
import { openEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

const PLAIN = `sources:
  - {name: people, table: data.people, primary_key: id}
entities:
  - name: customer
    identity:
      from: [{source: people, ids: {mail: mail}, facts: {name: name, zip: zip}}]
`

const RULES = (link: boolean) => `${PLAIN}
      candidates:
        - {name: names, compare: name, block_by: [zip], similarity: {jaro_winkler: 0.9}, max_block: 4, link: ${link}}
        - {name: typos, compare: name, block_by: [zip], similarity: {edit_distance: 2}, max_block: 4}
`

/** p1 - p2 by mail; p2 and p3 have names that look alike; of p5 to p9 there are too many in one place. */
async function shop(context: TestContext, yaml: string): Promise<IdentityLab> {
  const lab = await openIdentityLab(await openEngine('duckdb', context), yaml)
  await lab.load(
    'people',
    ['id', 'mail', 'name', 'zip'],
    [
      ['p1', 'a@x.example', null, null],
      ['p2', 'a@x.example', 'Martha Smith', '1010'],
      ['p3', 'c@x.example', 'Marhta Smith', '1010'],
      ['p4', 'd@x.example', 'Someone Else', '1010'],
      ...['p5', 'p6', 'p7', 'p8', 'p9'].map((id) => [id, null, 'Same Name', '2020']),
    ],
  )
  await lab.build()
  return lab
}

async function why(lab: IdentityLab, first: string, second: string) {
  const run = await lab.run()
  return identityWhy(run, customerOf(run), { first, second, unmask: false })
}

function customerOf(run: RunContext): Entity {
  const entity = run.graph.project.entities.get('customer')
  assert.ok(entity !== undefined)
  return entity
}

async function stats(lab: IdentityLab) {
  const run = await lab.run()
  return identityStats(run, customerOf(run))
}

test('of two who look alike and are not one it is told how alike they are', async (context) => {
  const lab = await shop(context, RULES(false))
  const { same, path, candidates } = await why(lab, 'people:p3', 'people:p1')
  assert.deepEqual([same, path], [false, []])
  assert.deepEqual(
    candidates.map(({ rule, shown }) => `${rule}: ${shown}`),
    ['names: 0.9805 alike', 'typos: 2 edits apart'],
  )
  assert.deepEqual((await why(lab, 'people:p1', 'people:p4')).candidates, [])
})

test('a link that a rule made is a step of the way, with the rule and the score', async (context) => {
  const lab = await shop(context, RULES(true))
  const { same, path, candidates } = await why(lab, 'people:p1', 'people:p3')
  assert.deepEqual([same, candidates], [true, []])
  assert.deepEqual(
    path.map(({ record, by }) => [record.recordId, by?.type, by?.shown]),
    [
      ['p1', undefined, undefined],
      ['p2', 'mail', 'a***@x***.example'],
      ['p3', 'names', '0.9805 alike'],
    ],
  )
  assert.ok(Math.abs((path.at(-1)?.by?.score ?? 0) - 0.98056) < 0.0001)
})

test('stats count pairs that wait and pairs that were linked, and blocks that were too large', async (context) => {
  const waiting = await shop(context, RULES(false))
  assert.deepEqual((await stats(waiting)).candidates, [
    { rule: 'names', waiting: 1, linked: 0 },
    { rule: 'typos', waiting: 1, linked: 0 },
  ])
  const linked = await shop(context, RULES(true))
  const { candidates, refused } = await stats(linked)
  assert.deepEqual(candidates, [{ rule: 'names', waiting: 0, linked: 1 }])
  assert.deepEqual(refused, [
    { identifier: 'names', reason: 'max_block', values: 1, records: 5 },
    { identifier: 'typos', reason: 'max_block', values: 1, records: 5 },
  ])
})

test('rules that came after the build have found nothing yet, and nothing breaks', async (context) => {
  const lab = await shop(context, PLAIN)
  const run = await lab.run({ yaml: RULES(true) })
  assert.deepEqual((await identityStats(run, customerOf(run))).candidates, [])
  const ask = { first: 'people:p1', second: 'people:p3', unmask: false }
  assert.deepEqual((await identityWhy(run, customerOf(run), ask)).candidates, [])
})
