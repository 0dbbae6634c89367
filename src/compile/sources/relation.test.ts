import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantOf } from '../../base/instant.ts'
import { render, sql } from '../../dialect/fragment.ts'
import { DIALECTS } from '../../dialect/registry.ts'
import { buildGraph } from '../../graph/build-graph.ts'
import { parseProject } from '../../spec/parse-project.ts'
import type { CompileContext } from '../context.ts'
import { temporaryTable } from '../tables.ts'
import { usedColumns } from './columns.ts'
import { primaryKeyText, relationOf, stageSteps } from './relation.ts'

const HEAD = 'version: 1\nname: shop\ntargets: {dev: {type: duckdb, path: a.duckdb}}\n'

function contextOf(yaml: string, more: Partial<CompileContext> = {}): CompileContext {
  const parsed = parseProject('/project', [{ path: 'sluice.yml', text: `${HEAD}${yaml}` }])
  assert.ok(parsed.project !== undefined, parsed.errors.join('\n'))
  const { graph, errors } = buildGraph(parsed.project, new Map())
  assert.ok(graph !== undefined, errors.join('\n'))
  const plain = (name: string) => ({ schema: undefined, name })
  return {
    graph,
    dialect: DIALECTS.duckdb,
    targetType: 'duckdb',
    templates: { fill: () => assert.fail(), fileOf: () => '' },
    stateSchema: 'sluice',
    asOf: instantOf(0),
    env: { SCHEMA: 'raw', FOLDER: 'data' },
    tables: { output: plain, published: plain, temporary: temporaryTable },
    ...more,
  }
}

function sourceOf(context: CompileContext, name: string) {
  const source = context.graph.project.sources.get(name)
  assert.ok(source !== undefined)
  return source
}

function printed(context: CompileContext, name: string): string {
  return render(relationOf(context, sourceOf(context, name)), context.dialect)
}

test('a table stands as it was written, with variables read', () => {
  const context = contextOf(`sources:
  - {name: a, table: "\${SCHEMA}.orders", primary_key: id}
  - {name: b, table: '"Odd Schema".orders', primary_key: id}
  - {name: c, table: "\${MISSING}.orders", primary_key: id}
`)
  assert.equal(printed(context, 'a'), '"raw"."orders"')
  assert.equal(printed(context, 'b'), '"Odd Schema"."orders"')
  assert.throws(() => printed(context, 'c'), { code: 'SLU1018', message: /MISSING/ })
})

test('a query stands in parentheses, its semicolon cut and its last comment ended', () => {
  const context = contextOf(`sources:
  - {name: a, query: "select 1 as id; ", primary_key: id}
  - {name: b, query: "select 1 as id -- one", primary_key: id}
  - {name: c, query: {duckdb: "select 2 as id", default: "select 3 as id"}, primary_key: id}
`)
  assert.equal(printed(context, 'a'), '(select 1 as id\n)')
  assert.equal(printed(context, 'b'), '(select 1 as id -- one\n)')
  assert.equal(printed(context, 'c'), '(select 2 as id\n)')
})

test('a query reads other sources: tables and files where they stand, queries with a name', () => {
  const context = contextOf(`sources:
  - {name: a, table: t, primary_key: id}
  - {name: f, file: f.csv, primary_key: id}
  - {name: q, query: "select * from {a}", primary_key: id}
  - {name: r, query: "select * from {q} as x join {f} using (id)", primary_key: id}
`)
  assert.equal(printed(context, 'q'), '(select * from "t"\n)')
  assert.equal(
    printed(context, 'r'),
    `(with "src_q" as (select * from (select * from "t"
) as q)
select * from (select * from "src_q" as x join "sl_src_f" using (id)
) as q)`,
  )
})

test('files are read once, those behind a query too, with the columns of keys as text', () => {
  const context = contextOf(`sources:
  - {name: f, file: "\${FOLDER}/f.csv", primary_key: [id, '"Line No"'], belongs_to: {g: g_id}, types: {g_id: bigint, total: "decimal(10,2)"}}
  - {name: g, file: /elsewhere/g.csv, primary_key: id}
  - {name: q, query: "select * from {f} join {f} using (id)", primary_key: id}
  - {name: h, file: "s3://bucket/h.parquet", primary_key: id}
`)
  const [step, ...more] = stageSteps(context, [sourceOf(context, 'q'), sourceOf(context, 'f')])
  assert.deepEqual(more, [])
  assert.ok(step !== undefined)
  assert.deepEqual(step.creates, { schema: undefined, name: 'sl_src_f' })
  const text = render(step.query, context.dialect)
  assert.match(text, /'\/project\/data\/f\.csv'/)
  assert.match(text, /'id': 'varchar'/)
  assert.match(text, /'line no': 'varchar'/)
  assert.match(text, /'g_id': 'bigint'/)
  assert.match(text, /'total': 'decimal\(10,2\)'/)
  const paths = stageSteps(context, [...context.graph.project.sources.values()]).map((one) =>
    render(one.query, context.dialect),
  )
  assert.equal(paths.length, 3)
  assert.ok(paths.some((one) => one.includes("'/elsewhere/g.csv'")))
  assert.ok(paths.some((one) => one.includes("'s3://bucket/h.parquet'")))
})

test('a file on a warehouse that reads none is told at its place', () => {
  const yaml = `sources:
  - {name: f, file: f.csv, primary_key: id}
`
  const context = contextOf(yaml, { dialect: DIALECTS.postgres, targetType: 'postgres' })
  assert.throws(() => stageSteps(context, [sourceOf(context, 'f')]), { code: 'SLU4303', message: /postgres/ })
})

test('record_id escapes what joins its parts', () => {
  const context = contextOf(
    'sources: [{name: a, table: t, primary_key: [x, y]}, {name: b, table: t, primary_key: x}]\n',
  )
  const text = (name: string) =>
    render(primaryKeyText(context, sourceOf(context, name), sql`r`), context.dialect)
  assert.equal(text('b'), "replace(replace(cast(r.\"x\" as varchar), '\\', '\\\\'), '|', '\\|')")
  assert.ok(text('a').includes(`|| '|' ||`))
})

test('every column that the project names is used', () => {
  const context = contextOf(`sources:
  - {name: people, table: people, primary_key: id, updated_at: changed, columns: {note: {pii: none}}}
  - {name: orders, table: orders, primary_key: [a, b], occurred_at: at, belongs_to: {people: person}}
entities:
  - name: customer
    identity: {from: [{source: people, ids: {one: mail, two: [x, y], three: {any: [z, [u, v]]}, four: {sql: "lower(w)"}}}]}
    profile: {first: {from: [people.first_name, orders.buyer]}}
traits:
  - {name: spent, entity: customer, sum: orders.total, where: {all: [{column: status, eq: paid}, {not: {column: kind, eq: x}}]}}
  - {name: band, entity: customer, case: [{when: {event: orders, where: {column: band_column, eq: 1}}, then: a}]}
segments:
  - {name: s, entity: customer, where: {any: [{event: orders, max: {column: price, gt: 1}, where: {column: sku, eq: a}}, {sequence: [{event: orders, where: {column: step, eq: 1}}], same: session}]}}
`)
  const names = (source: string) =>
    [...new Set(usedColumns(context.graph, sourceOf(context, source)).map((one) => one.value))].sort()
  assert.deepEqual(names('people'), ['changed', 'first_name', 'id', 'mail', 'note', 'u', 'v', 'x', 'y', 'z'])
  assert.deepEqual(names('orders'), [
    'a',
    'at',
    'b',
    'band_column',
    'buyer',
    'kind',
    'person',
    'price',
    'session',
    'sku',
    'status',
    'step',
    'total',
  ])
})
