import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Statement } from '../../src/warehouse/warehouse.ts'
import type { EngineName } from '../support/engines.ts'
import { forEachEngine } from '../support/engines.ts'
import { openIdentityLab } from '../support/identity-lab.ts'

const YAML = `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: {user: user_id, mail: mail}}]
      identifiers: {user: {max_per_entity: 1}}
      max_entity_size: 50
`

/** Joined pair by pair they would be 20 billion edges; what a warehouse of ten million does is the same, only longer. */
const RECORDS = 200_000

const NUMBERS: Readonly<Record<EngineName, string>> = {
  duckdb: `range(${RECORDS})`,
  postgres: `generate_series(0, ${RECORDS - 1})`,
}

interface Long {
  readonly what: string
  readonly yaml: string
  readonly rows: readonly (readonly [id: string, a: string | null, b: string | null, user: string | null])[]
  /** Whether entities of these sizes, the largest first, are what must be. */
  readonly together: (sizes: readonly number[]) => boolean
}

const LENGTH = 5000
const LEAVES = 400

function marks(limits: string): string {
  return `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: {mark: {any: [a, b]}, user: user_id}}]
${limits}
`
}

const LONG: readonly Long[] = [
  {
    what: `a chain of ${LENGTH} records, of which 50 may be one`,
    yaml: marks('      max_entity_size: 50'),
    rows: Array.from({ length: LENGTH }, (_, index) => [`r${index}`, `m${index}`, `m${index + 1}`, null]),
    // Two pieces side by side are more than 50.
    together: (sizes) => sizes.every((size) => size <= 50) && sizes.length < (2 * LENGTH) / 50,
  },
  {
    what: `an account with ${LEAVES} strangers, one of whom leads to another account`,
    yaml: marks('      identifiers: {mark: {max_records: 1000000}, user: {max_per_entity: 1}}'),
    rows: [
      ...Array.from({ length: LEAVES }, (_, index) => [`hub${index}`, `m${index}`, null, 'u1'] as const),
      ...Array.from({ length: LEAVES }, (_, index) => [`leaf${index}`, `m${index}`, null, null] as const),
      ['between', `m${LEAVES - 1}`, 'way', null],
      ['other', 'way', null, 'u2'],
    ],
    // The one between is with either, and everybody else with the first account.
    together: ([first = 0, second = 0, ...rest]) =>
      first + second === 2 * LEAVES + 2 && second <= 3 && rest.length === 0,
  },
]

forEachEngine((engine, open) => {
  test(`${engine}: a value that ${RECORDS} records share is dropped before it makes an edge, limits or not`, async (context) => {
    const warehouse = await open(context)
    const rows = new Map<string, number>()
    const counting = {
      ...warehouse,
      execute: async (statement: Statement) => {
        const made = await warehouse.execute(statement)
        rows.set(statement.step, Math.max(made, rows.get(statement.step) ?? 0))
        return made
      },
    }
    const lab = await openIdentityLab(counting, YAML)
    // Two records an account, all with one mail address.
    await lab.execute(
      `create table data.people as select cast(n as varchar) as id, 'u' || cast(n - n % 2 as varchar) as user_id, 'all@x.example' as mail from ${NUMBERS[engine]} as t(n)`,
    )
    await lab.build()
    const [row] = await lab.rows(
      'select count(*) as records, count(distinct person_id) as people from sluice.person_identity',
    )
    assert.deepEqual([Number(row?.records), Number(row?.people)], [RECORDS, RECORDS / 2])
    const refused = await lab.rows('select value, reason, records from sluice.person_refused')
    assert.deepEqual(
      refused.map((one) => [one.value, one.reason, Number(one.records)]),
      [['all@x.example', 'max_records', RECORDS]],
    )
    assert.equal(
      rows.get('identity.person.edges'),
      RECORDS / 2,
      'an edge for each account, none for the address',
    )
    const most = [...rows].filter(([step, made]) => step.startsWith('identity.') && made > 2 * RECORDS)
    assert.deepEqual(most, [], 'no step writes more than it read')
    assert.equal(rows.has('identity.person.guarded'), false, 'nobody is over a limit')
  })

  for (const { what, yaml, rows, together } of LONG)
    test(`${engine}: ${what} is cut within few passes`, async (context) => {
      const warehouse = await open(context)
      const passes: string[] = []
      const counting = {
        ...warehouse,
        execute: (statement: Statement) => {
          if (statement.step.endsWith('_refuse')) passes.push(statement.step)
          return warehouse.execute(statement)
        },
      }
      const lab = await openIdentityLab(counting, yaml)
      await lab.load('people', ['id', 'a', 'b', 'user_id'], rows)
      await lab.build()
      const sizes = await lab.rows('select count(*) as n from sluice.person_identity group by person_id')
      assert.deepEqual(together(sizes.map((row) => Number(row.n)).sort((a, b) => b - a)), true)
      assert.ok(passes.length <= 30, `${passes.length} passes`)
    })
})
