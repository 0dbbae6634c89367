import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishBuild } from '../../src/build/publish-build.ts'
import { dyingWarehouse } from '../support/dying-warehouse.ts'
import { openEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

const YAML = `
sources:
  - {name: people, table: data.people, primary_key: id}
entities:
  - name: person
    identity: {from: [{source: people, ids: {mail: mail, phone: phone}}]}
    profile: {city: {from: [people.city], pick: most_recent}}
segments:
  - {name: here, entity: person, where: {trait: city, eq: Here}}
`
const ALL = ['entity:person', 'segment:here']

/** Everything that is published, but for what names runs and times. */
const TOLD = {
  person_identity: 'source, record_id, person_id',
  person_nodes: 'source, node_key, first_run, owned_id, entity_id, is_anchor',
  person_node_ids: 'r, t, x, y',
  person_field_rows: 'c, e, n',
  person: 'person_id, city',
  segment_here: 'person_id',
}

test('a build that is killed after any statement, where tables stand outside of transactions, published nothing or is finished by the next', async (t) => {
  const whole = await openEngine('duckdb', t)
  const lab = await openIdentityLab(dyingWarehouse(whole, Number.POSITIVE_INFINITY).warehouse, YAML)
  await load(lab, 0)
  await lab.build({ nodes: ALL })
  const seen = { nothing: 0, partly: 0 }
  let lives = 1
  for (let done = false; !done; lives += lives < STEADY ? 15 : 2) {
    await load(lab, lives)
    const before = await told(lab)
    const session = await whole.openSession()
    const dying = dyingWarehouse(session, lives)
    const dead = await openIdentityLab(dying.warehouse, YAML).catch(() => undefined)
    done = dead !== undefined && (await finishes(dead, `killed_${lives}`))
    await session.close()
    const meant = dying.steps.includes('ledger.record_build')
    if (!meant) assert.deepEqual(await told(lab), before, `killed after ${lives} statements`)
    if (meant && !done) seen.partly += 1
    else if (!done) seen.nothing += 1
    await lab.build({ nodes: ALL })
    const next = await told(lab)
    assert.deepEqual(await left(lab), [], `killed after ${lives} statements`)
    await lab.build({ nodes: ALL, fullRefresh: true })
    assert.deepEqual(next, await told(lab), `killed after ${lives} statements: the next is as one in full`)
  }
  assert.ok(seen.nothing > 4 && seen.partly > 9, JSON.stringify(seen))
})

/** Before it a build only makes tables of its own session, of which each is like the other. */
const STEADY = 90

async function finishes(lab: IdentityLab, runId: string): Promise<boolean> {
  try {
    await publishBuild({ ...(await lab.run()), runId }, { nodes: ALL, fullRefresh: false })
    return true
  } catch {
    return false
  }
}

/** A few people out of many come, go, move and are linked, so that it pays to stitch only what changed. */
async function load(lab: IdentityLab, turn: number): Promise<void> {
  const people = Array.from({ length: 40 }, (_, at) => [
    at === turn % 40 ? `new${turn}` : `p${at}`,
    `m${at}@x.example`,
    at === (turn + 3) % 40
      ? `+49301234${String((turn + 4) % 40).padStart(3, '0')}`
      : `+49301234${String(at).padStart(3, '0')}`,
    at === (turn + 7) % 40 || at % 5 === 0 ? 'Here' : 'There',
  ])
  await lab.load('people', ['id', 'mail', 'phone', 'city'], people)
}

async function told(lab: IdentityLab): Promise<unknown> {
  const all: Record<string, unknown> = {}
  for (const [table, columns] of Object.entries(TOLD))
    all[table] = await lab.rows(`select ${columns} from sluice.${table} order by all`)
  return all
}

async function left(lab: IdentityLab): Promise<unknown> {
  return lab.rows(
    "select table_name from information_schema.tables where table_schema = 'sluice' and contains(table_name, '__new')",
  )
}
