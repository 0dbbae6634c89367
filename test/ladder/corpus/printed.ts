import assert from 'node:assert/strict'
import fc from 'fast-check'
import { CONNECTORS } from '../../../connectors/index.ts'
import type { Instant } from '../../../src/base/instant.ts'
import { compileSteps } from '../../../src/compile/build-steps.ts'
import type { CompileContext } from '../../../src/compile/context.ts'
import { printedIncrementalSteps } from '../../../src/compile/identity/incremental-plan.ts'
import { grantSteps } from '../../../src/compile/inspect/grants.ts'
import { RULESETS, type Ruleset } from '../../../src/compile/normalize/rulesets.ts'
import { printedChangedFields } from '../../../src/compile/profile/changed-fields.ts'
import { fieldStateSteps } from '../../../src/compile/profile/field-rows.ts'
import { statementOf } from '../../../src/compile/render-step.ts'
import type { Step } from '../../../src/compile/step.ts'
import { temporaryTable } from '../../../src/compile/tables.ts'
import type { Dialect } from '../../../src/dialect/dialect.ts'
import { sql } from '../../../src/dialect/fragment.ts'
import { loadTemplates } from '../../../src/template/load.ts'
import type { Raw } from '../../equivalence/model/raw.ts'
import { Trees, tree } from '../../equivalence/model/trees.ts'
import { projectHead } from '../../equivalence/model/world.ts'
import { makeAdPlatform } from '../../support/audience-destination.ts'
import { makeCrm } from '../../support/crm.ts'
import { modelContext, modelSteps } from '../../support/model.ts'
import { sceneGraph } from '../scene/graph.ts'
import { sceneProject } from '../scene/project.ts'

/** One statement of the corpus; `where` says which project and step it is of. */
export interface CorpusStatement {
  readonly where: string
  readonly sql: string
}

/**
 * What a dialect prints for projects that use every part of the language, without any warehouse: builds in full and of
 * what changed, conditions of every kind, and the rights of roles.
 */
export async function printedCorpus(dialect: Dialect): Promise<readonly CorpusStatement[]> {
  const context = await sceneContext(dialect)
  const { entities } = context.graph.project
  const stamp = { engine: 'engine', rules: 'fingerprint', runId: 'run' }
  const run = { buildNumber: 2, runId: 'run', hasState: true, engine: 'engine', fingerprint: 'fingerprint' }
  const customer = entities.get('customer')
  assert.ok(customer !== undefined)
  return [
    ...statementsOf('build', dialect, compileSteps(context, context.graph.order)),
    ...statementsOf('incremental', dialect, printedIncrementalSteps(context, customer, run)),
    ...statementsOf('changed fields', dialect, [
      ...fieldStateSteps(context, customer, stamp),
      ...printedChangedFields(context, customer),
    ]),
    ...statementsOf(
      'rulesets',
      dialect,
      [...RULESETS.values()].map((one) => rulesetStep(one, dialect)),
    ),
    ...statementsOf('grants', dialect, rightsOf(context)),
    ...statementsOf(
      'conditions',
      dialect,
      modelSteps(modelContext(conditionsProject(), dialect.name, AS_OF)),
    ),
  ]
}

/** All stages of a ruleset, one around the other, on a column of a table. */
function rulesetStep(ruleset: Ruleset, { fn, fence }: Dialect): Step {
  const query = ruleset
    .stages(fn, { defaultCountry: 'FR' })
    .reduce(
      (inner, stage) => sql`select ${stage(sql`q.x`)} as x from (${inner}${fence}) as q`,
      sql`select x from t`,
    )
  return { name: ruleset.name, summary: '', creates: undefined, query, grain: '' }
}

function rightsOf(context: CompileContext): readonly Step[] {
  const warehouse = WAREHOUSES[context.dialect.name]
  return grantSteps(context, { database: 'shop', user: 'ada', warehouse })
}

/** Where a target names what runs its statements. */
const WAREHOUSES: Readonly<Partial<Record<string, string>>> = { snowflake: 'wh' }

const AS_OF = '2026-03-31T08:00:00.000Z'

async function sceneContext(dialect: Dialect): Promise<CompileContext> {
  const candidates = dialect.similarity.jaro_winkler !== undefined
  const yaml = sceneProject({ url: 'https://hook.example/rows', candidates })
  const published = (name: string) => ({ schema: 'sluice', name })
  return {
    graph: sceneGraph(
      yaml,
      new Map([...CONNECTORS, ...makeCrm().connectors, ...makeAdPlatform().connectors]),
    ),
    dialect,
    targetType: dialect.name,
    templates: await loadTemplates(dialect, '/nowhere'),
    stateSchema: 'sluice',
    asOf: AS_OF as Instant,
    env: {},
    tables: { output: published, published, temporary: temporaryTable },
  }
}

function statementsOf(project: string, dialect: Dialect, steps: readonly Step[]): readonly CorpusStatement[] {
  return steps.map((step) => ({ where: `${project}: ${step.name}`, sql: statementOf(step, dialect).sql }))
}

/** Conditions as the property-based tests draw them, without the user's own SQL. */
function conditionsProject(): string {
  const trees = new Trees(AS_OF, 'Europe/Paris')
  const arbitrary = tree(fc.oneof(trees.event(), trees.sequence()))
  const drawn = fc.sample(arbitrary, { seed: 6, numRuns: 120 }).filter((where) => !hasSql(where))
  const segments = drawn.map(
    (where, at) => `  - {name: s${at}, entity: customer, where: ${JSON.stringify(where)}}\n`,
  )
  return `${projectHead('Europe/Paris')}entities:
  - name: customer
    identity:
      from:
        - {source: people, ids: {person: id}}
        - {source: events, ids: {person: mail}}
segments:
${segments.join('')}`
}

function hasSql(where: Raw): boolean {
  return JSON.stringify(where).includes('"sql":')
}
