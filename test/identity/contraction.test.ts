import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileContext } from '../../src/build/compile-context.ts'
import { contract } from '../../src/build/contract.ts'
import { publishedTables } from '../../src/build/published-tables.ts'
import { StepRunner } from '../../src/build/step-runner.ts'
import { contractionOf } from '../../src/compile/identity/contraction.ts'
import { identityScope } from '../../src/compile/identity/scope.ts'
import { tableOf } from '../../src/compile/sources/relation.ts'
import { render } from '../../src/dialect/fragment.ts'
import type { Statement } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { openIdentityLab } from '../support/identity-lab.ts'

const YAML = `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity: {from: [{source: people, ids: {mail: a}}]}
`

forEachEngine((engine, open) => {
  test(`${engine}: edges in the worst order are contracted in few rounds, because the order is drawn anew`, async (context) => {
    const statements: string[] = []
    const warehouse = await open(context)
    const counting = {
      ...warehouse,
      execute: (statement: Statement) => {
        statements.push(statement.step)
        return warehouse.execute(statement)
      },
    }
    const lab = await openIdentityLab(counting, YAML)
    const run = await lab.run()
    const compiling = compileContext(run, publishedTables(run).tables)
    const entity = run.graph.project.entities.get('person')
    assert.ok(entity !== undefined)
    const scope = identityScope(compiling, entity)
    const rounds = contractionOf(scope, tableOf(scope.temporary('nodes')))
    const { dialect } = warehouse
    const create = async (table: ReturnType<typeof rounds.edges>, sql: string) =>
      lab.execute(`create temp table ${render(tableOf(table), dialect)} as ${sql}`)
    // Two chains in the order of their nodes: each node's least smaller neighbour is the one before it.
    const numbers = engine === 'duckdb' ? 'range(2, 5001)' : 'generate_series(2, 5000)'
    const type = dialect.types.hash64
    await create(
      rounds.edges(0),
      `select cast(n as ${type}) as u, cast(n - 1 as ${type}) as w from ${numbers} as t(n) where n <> 2001`,
    )
    await create(
      scope.temporary('nodes'),
      `select cast(n as ${type}) as r from ${numbers} as t(n) union all select cast(1 as ${type})`,
    )
    const runner = new StepRunner(run)
    statements.length = 0
    const labels = await contract(runner, rounds, 4998)
    const table = render(tableOf(labels), dialect)
    const nodes = render(tableOf(scope.temporary('nodes')), dialect)
    const found = await lab.rows(`select min(n.r) as low, max(n.r) as high, count(*) as members
from ${nodes} as n left join ${table} as l on l.v = n.r
group by coalesce(l.r, n.r) order by 1`)
    assert.deepEqual(
      found.map((row) => [row.low, row.high, row.members].map(Number)),
      [
        [1, 2000, 2000],
        [2001, 5000, 3000],
      ],
    )
    const rows = await lab.rows(`select count(*) as n, count(distinct v) as v from ${table}`)
    assert.equal(Number(rows[0]?.n), Number(rows[0]?.v), 'one label a record')
    const resalts = statements.filter((step) => step.endsWith('_resalt')).length
    assert.ok(resalts >= 1, 'the order was drawn anew')
    assert.ok(
      statements.filter((step) => step.endsWith('_hook')).length <= 16,
      `${statements.length} statements`,
    )
  })
})
