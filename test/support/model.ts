import assert from 'node:assert/strict'
import type { SluiceError } from '../../src/base/errors.ts'
import { instantOf } from '../../src/base/instant.ts'
import type { CompileContext } from '../../src/compile/context.ts'
import { profileSteps } from '../../src/compile/profile/profile-steps.ts'
import { reachSteps } from '../../src/compile/reach/reach-steps.ts'
import { statementOf } from '../../src/compile/render-step.ts'
import { segmentSteps } from '../../src/compile/segments/segment-steps.ts'
import type { Step } from '../../src/compile/step.ts'
import { temporaryTable } from '../../src/compile/tables.ts'
import type { DialectName } from '../../src/dialect/dialect.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import type { Row, Warehouse } from '../../src/warehouse/warehouse.ts'

/** A project that is right, or the test fails with what is wrong. */
export function projectGraph(yaml: string): Graph {
  const parsed = parseProject('/project', [{ path: 'sluice.yml', text: yaml }])
  assert.deepEqual(parsed.errors.map(told), [])
  assert.ok(parsed.project !== undefined)
  const { graph, errors } = buildGraph(parsed.project, new Map())
  assert.deepEqual(errors.map(told), [])
  assert.ok(graph !== undefined)
  return graph
}

function told(error: SluiceError): string {
  return `line ${error.at?.line}: ${error.message}`
}

/** The context of a build that makes nothing but temporary tables. */
export function modelContext(yaml: string, dialect: DialectName, asOf: string): CompileContext {
  // where no session has tables of its own, a bare name is one of the default schema
  const plain = (name: string) => ({ schema: dialect === 'databricks' ? 'default' : undefined, name })
  // a column of that name stands in quotes in the SQL of users
  const quoted = DIALECTS[dialect].quote('at').replaceAll('"', '\\"')
  return {
    graph: projectGraph(yaml.replaceAll('\\"at\\"', quoted)),
    dialect: DIALECTS[dialect],
    targetType: dialect,
    templates: { fill: () => assert.fail('no template is needed'), fileOf: () => '' },
    stateSchema: 'sluice',
    asOf: instantOf(Date.parse(asOf)),
    env: {},
    tables: { output: plain, published: plain, temporary: temporaryTable },
  }
}

/** Everything of a project but identity, which the test makes itself as a table `<entity>_identity`. */
export function modelSteps(context: CompileContext): readonly Step[] {
  const { entities, segments } = context.graph.project
  const ids = [
    ...[...entities.keys()].map((name) => `entity:${name}`),
    ...[...segments.keys()].map((name) => `segment:${name}`),
  ]
  const order = context.graph.order.filter((id) => id.startsWith('segment:'))
  return [
    ...reachSteps(context, ids),
    ...[...entities.values()].flatMap((entity) => profileSteps(context, entity)),
    ...order.flatMap((id) => {
      const segment = segments.get(id.slice('segment:'.length))
      return segment === undefined ? [] : segmentSteps(context, segment)
    }),
  ]
}

export async function runSteps(warehouse: Warehouse, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const statement = statementOf(step, warehouse.dialect)
    try {
      await warehouse.execute(statement)
    } catch (error) {
      const message = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)
      assert.fail(`${message}\n${statement.sql}`)
    }
  }
}

/** All rows, whatever their number. */
export async function allRows(warehouse: Warehouse, sql: string): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const page of warehouse.stream({ step: 'test', sql })) rows.push(...page)
  return rows
}
