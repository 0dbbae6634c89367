import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileContext } from '../../src/build/compile-context.ts'
import { contract } from '../../src/build/contract.ts'
import { publishedTables } from '../../src/build/published-tables.ts'
import { StepRunner } from '../../src/build/step-runner.ts'
import { contractionOf } from '../../src/compile/identity/contraction.ts'
import { identityScope } from '../../src/compile/identity/scope.ts'
import { tableOf } from '../../src/compile/sources/relation.ts'
import { type Fragment, lit, render, sql, userSql } from '../../src/dialect/fragment.ts'
import type { Statement } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { openIdentityLab } from '../support/identity-lab.ts'

const YAML = `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity: {from: [{source: people, ids: {mail: a}}]}
`

const CHAIN = `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity: {from: [{source: people, ids: {mail: {any: [a, b]}}}]}
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
      lab.session.execute(`create temp table ${render(tableOf(table), dialect)} as ${sql}`)
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
    const { labels, endsAreLeast } = await contract(runner, rounds, 4998)
    assert.equal(endsAreLeast, false)
    const table = render(tableOf(labels), dialect)
    const nodes = render(tableOf(scope.temporary('nodes')), dialect)
    const found = await lab.session.rows(`select min(n.r) as low, max(n.r) as high, count(*) as members
from ${nodes} as n left join ${table} as l on l.v = n.r
group by coalesce(l.r, n.r) order by 1`)
    assert.deepEqual(
      found.map((row) => [row.low, row.high, row.members].map(Number)),
      [
        [1, 2000, 2000],
        [2001, 5000, 3000],
      ],
    )
    const rows = await lab.session.rows(`select count(*) as n, count(distinct v) as v from ${table}`)
    assert.equal(Number(rows[0]?.n), Number(rows[0]?.v), 'one label a record')
    const resalts = statements.filter((step) => step.endsWith('_resalt')).length
    assert.ok(resalts >= 1, 'the order was drawn anew')
    assert.ok(
      statements.filter((step) => step.endsWith('_hook')).length <= 16,
      `${statements.length} statements`,
    )
  })

  test(`${engine}: a first build whose order was drawn anew gives each entity the id of its least record`, async (context) => {
    const warehouse = await open(context)
    const { fn, types } = warehouse.dialect
    const before = '0|people|'
    // An engine that hashes a record to its own number: the chain is in the worst order.
    const hash64 = (text: Fragment) =>
      sql`case when ${fn.startsWith(text, lit(before))} then cast(substring(${text}, ${before.length + 1}) as ${userSql(types.hash64)}) else ${fn.hash64(text)} end`
    const dialect = { ...warehouse.dialect, fn: { ...fn, hash64 } }
    const told: string[] = []
    const update = (line: string) => void told.push(line)
    const lab = await openIdentityLab({ ...warehouse, dialect }, CHAIN)
    const rows = Array.from({ length: 600 }, (_, index) => [`${index + 1}`, `m${index}`, `m${index + 1}`])
    await lab.load('people', ['id', 'a', 'b'], rows)
    await lab.build({ progress: { update, done: () => {}, warn: () => {} } })
    assert.ok(
      told.some((line) => line.includes('_resalt')),
      'the order was drawn anew',
    )
    const found = await lab.session.rows('select distinct person_id from sluice.person_identity')
    const least = createHash('md5').update('person|people|1|1').digest('hex')
    assert.deepEqual(
      found.map((row) => row.person_id),
      [least],
    )
  })
})
