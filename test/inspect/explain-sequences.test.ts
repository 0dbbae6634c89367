import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CompileContext } from '../../src/compile/context.ts'
import { rawAnswerSteps, reachStepsOfOne } from '../../src/compile/inspect/explain.ts'
import { askingOf } from '../../src/compile/inspect/explain-tree.ts'
import { statementOf } from '../../src/compile/render-step.ts'
import type { Row, Warehouse } from '../../src/warehouse/warehouse.ts'
import { loadWorld } from '../equivalence/model/load.ts'
import { Oracle } from '../equivalence/model/oracle.ts'
import type { Raw } from '../equivalence/model/raw.ts'
import { ROW_SQL, Trees } from '../equivalence/model/trees.ts'
import { projectHead, type Record_, type World, worldOf } from '../equivalence/model/world.ts'
import { forEachEngine } from '../support/engines.ts'
import { allRows, modelContext, modelSteps, runSteps } from '../support/model.ts'

const CUSTOMER = `entities:
  - name: customer
    identity: {from: [{source: people, ids: {person: id}}, {source: events, ids: {person: mail}}]}
`
const AS_OF = '2026-03-31T08:00:00.000Z'
const SEED = 41

forEachEngine((engine, open) => {
  test(`${engine}: the rows that explain a sequence do satisfy it, and one step fails of one that does not hold`, async (context) => {
    const sequences = fc.sample(new Trees(AS_OF, 'Europe/Paris').sequence(), { seed: SEED, numRuns: 40 })
    const world = worldOf(SEED, { asOf: AS_OF, timezone: 'Europe/Paris', customers: 6, events: 50 })
    const oracle = new Oracle(world, ROW_SQL)
    const warehouse = await open(context)
    const yaml = `${projectHead(world.timezone)}${CUSTOMER}segments:\n${sequences
      .map((where, index) => `  - {name: s${index}, entity: customer, where: ${JSON.stringify(where)}}\n`)
      .join('')}`
    const compiling = modelContext(yaml, engine, AS_OF)
    await loadWorld(warehouse, world)
    await runSteps(warehouse, modelSteps(compiling))
    let chosen = 0
    for (const customer of world.customers) {
      await onlyRowsOf(warehouse, compiling, customer)
      for (const [index, sequence] of sequences.entries()) {
        const told = await explained(warehouse, compiling, `s${index}`, customer)
        const what = `${customer} s${index}: ${JSON.stringify(sequence)}`
        assert.equal(told.holds, oracle.holds(sequence, customer), what)
        assert.equal(
          told.steps.every(({ holds }) => holds === true),
          told.holds,
          what,
        )
        const failed = told.steps.filter(({ holds }) => holds === false)
        assert.equal(failed.length, told.holds ? 0 : 1, what)
        if (!told.holds) continue
        chosen += told.steps.length > 1 ? 1 : 0
        assert.ok(
          isSatisfied(world, oracle, sequence, told.steps, customer),
          `${what} ${JSON.stringify(told)}`,
        )
      }
    }
    assert.ok(chosen > 30, `only ${chosen} sequences of several steps hold`)
  })
})

interface Told {
  readonly holds: boolean
  readonly steps: readonly { readonly holds: unknown; readonly at: unknown }[]
}

/** The reach tables of all segments, cut down to one customer. */
async function onlyRowsOf(warehouse: Warehouse, context: CompileContext, customer: string): Promise<void> {
  const entity = context.graph.project.entities.get('customer')
  assert.ok(entity !== undefined)
  const steps = reachStepsOfOne(context, entity, customer, [...context.graph.project.segments.keys()])
  for (const { creates } of steps)
    await warehouse.execute({ step: 'test', sql: `drop table if exists ${creates?.name}` })
  await runSteps(warehouse, steps)
}

async function explained(
  warehouse: Warehouse,
  context: CompileContext,
  name: string,
  customer: string,
): Promise<Told> {
  const { entities, segments } = context.graph.project
  const entity = entities.get('customer')
  const segment = segments.get(name)
  assert.ok(entity !== undefined && segment !== undefined)
  const asking = askingOf(context, entity, segment)
  let row: Row = {}
  for (const step of rawAnswerSteps(context, asking, customer))
    row = { ...row, ...(await allRows(warehouse, statementOf(step, context.dialect).sql))[0] }
  const [judged, member] = asking.equal.get(name) ?? []
  assert.equal(row[judged ?? ''], row[member ?? ''], `${name} of ${customer}`)
  return {
    holds: row[asking.root.holds] === true,
    steps: asking.root.of.map(({ holds, values }) => ({
      holds: row[holds],
      at: row[values.find((value) => value.name === 'at')?.column ?? ''],
    })),
  }
}

/** The sequence once more, each event held to the row of the moment that was told. */
function isSatisfied(
  world: World,
  oracle: Oracle,
  sequence: Raw,
  told: Told['steps'],
  customer: string,
): boolean {
  const steps = sequence.sequence ?? []
  // Of a single event any row will do, also one without a time.
  if (steps.length === 1) return true
  const meaning = new Map(ROW_SQL)
  const pinned = steps.map((step, index): Raw => {
    if (step.event === undefined) return step
    const at = Date.parse(String(told[index]?.at))
    const source = step.event
    const isChosen = (row: Record_) =>
      oracle.of(source, customer).some((one) => one.row === row && one.at === at)
    meaning.set(`pin ${index}`, isChosen)
    return {
      ...step,
      where: { all: [...(step.where === undefined ? [] : [step.where]), { sql: `pin ${index}` }] },
    }
  })
  return new Oracle(world, meaning).holds({ ...sequence, sequence: pinned }, customer)
}
