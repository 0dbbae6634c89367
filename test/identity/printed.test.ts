import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SluiceError } from '../../src/base/errors.ts'
import type { Instant } from '../../src/base/instant.ts'
import { compileSteps } from '../../src/compile/build-steps.ts'
import type { CompileContext } from '../../src/compile/context.ts'
import { printedIncrementalSteps } from '../../src/compile/identity/incremental-plan.ts'
import { renderStep } from '../../src/compile/render-step.ts'
import type { Step } from '../../src/compile/step.ts'
import { temporaryTable } from '../../src/compile/tables.ts'
import type { DialectName } from '../../src/dialect/dialect.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import { loadTemplates } from '../../src/template/load.ts'

const DIALECT_NAMES = Object.keys(DIALECTS) as DialectName[]

const GOLDEN = join(dirname(fileURLToPath(import.meta.url)), 'golden')

const YAML = (identifiers: string, limits: string) => `version: 1
name: printed
default_target: dev
targets: {dev: {type: duckdb, path: x.duckdb}}
sources:
  - {name: contacts, table: crm.contacts, primary_key: [tenant, id], columns: {tenant: {pii: none}}}
  - {name: orders, table: shop.orders, primary_key: id, occurred_at: ordered_at}
entities:
  - name: customer
    identity:
      from:
        - source: contacts
          ids: {email: {any: [mail, work_mail]}, phone: mobile, born: [last_name, birth_date], code: {sql: "upper(code)"}}
        - {source: orders, ids: {email: buyer, phone: phone}}
      identifiers: ${identifiers}
${limits}`

const RULES = `{email: {normalize: email, ignore: ["n/a"], max_records: 500}, phone: {normalize: phone, default_country: FR}, born: {normalize: text}}`

const LIMITED = `{email: {normalize: email, max_records: 500, priority: 2}, phone: {normalize: phone, default_country: FR, max_per_entity: 3}, code: {max_per_entity: 1, priority: 1}}`

const LIMITS = `      max_entity_size: 100
      block: [["contacts:t|1", "contacts:t|2", "orders:99"]]
`

const CANDIDATES = `      candidates:
        - {name: twins, compare: born, block_by: [{prefix: born, length: 2}, code], similarity: {edit_distance: 2}}
        - {name: sharers, compare: email, block_by: [code], similarity: {jaro_winkler: 0.92}, max_block: 20, link: true}
`

async function contextOf(dialect: DialectName, identifiers: string, limits = ''): Promise<CompileContext> {
  const { project, errors } = parseProject('/project', [
    { path: 'sluice.yml', text: YAML(identifiers, limits) },
  ])
  assert.ok(project !== undefined, errors.map(({ message }) => message).join('\n'))
  const { graph } = buildGraph(project, new Map())
  assert.ok(graph !== undefined)
  const published = (name: string) => ({ schema: 'sluice', name })
  return {
    graph,
    dialect: DIALECTS[dialect],
    targetType: dialect,
    templates: await loadTemplates(DIALECTS[dialect], '/project'),
    stateSchema: 'sluice',
    asOf: '2026-01-31T08:00:00.000Z' as Instant,
    env: {},
    tables: { output: published, published, temporary: temporaryTable },
  }
}

for (const dialect of DIALECT_NAMES)
  test(`${dialect}: the steps of an identity are the text that was reviewed`, async () => {
    const steps = compileSteps(await contextOf(dialect, RULES), ['identity:customer'])
    matchesGolden(steps, dialect, 'identity')
  })

for (const dialect of DIALECT_NAMES)
  test(`${dialect}: the steps that keep an identity within limits are the text that was reviewed`, async () => {
    const plain = compileSteps(await contextOf(dialect, RULES), ['identity:customer'])
    const steps = compileSteps(await contextOf(dialect, LIMITED, LIMITS), ['identity:customer'])
    const names = new Set(plain.map(({ name }) => name))
    matchesGolden(
      steps.filter(({ name }) => !names.has(name) || /known|unattached|refused/.test(name)),
      dialect,
      'limits',
    )
  })

test('duckdb: the steps that find and link records that look alike are the text that was reviewed', async () => {
  const limited = compileSteps(await contextOf('duckdb', LIMITED, LIMITS), ['identity:customer'])
  const steps = compileSteps(await contextOf('duckdb', LIMITED, LIMITS + CANDIDATES), ['identity:customer'])
  const names = new Set(limited.map(({ name }) => name))
  matchesGolden(
    steps.filter(({ name }) => !names.has(name) || /refused$/.test(name)),
    'duckdb',
    'candidates',
  )
})

test('postgres: a similarity that it does not have is told with its place', async () => {
  const context = await contextOf('postgres', LIMITED, CANDIDATES)
  assert.throws(
    () => compileSteps(context, ['identity:customer']),
    (error: SluiceError) => {
      assert.equal(error.code, 'SLU4203')
      assert.deepEqual([error.at?.line, error.at?.column], [17, 98])
      assert.equal(
        error.hint,
        'take the rule of "candidates" out, or build on duckdb or databricks or bigquery',
      )
      return true
    },
  )
})

for (const dialect of DIALECT_NAMES)
  test(`${dialect}: the steps of an incremental stitch are the text that was reviewed`, async () => {
    const context = await contextOf(dialect, RULES)
    const customer = context.graph.project.entities.get('customer')
    assert.ok(customer !== undefined)
    const run = { buildNumber: 2, runId: 'run', hasState: true, engine: 'engine', fingerprint: 'fingerprint' }
    matchesGolden(printedIncrementalSteps(context, customer, run), dialect, 'incremental')
  })

function matchesGolden(steps: readonly Step[], dialect: DialectName, name: string): void {
  assert.equal(new Set(steps.map((step) => step.name)).size, steps.length, 'each name once')
  const text = steps
    .map((step) => `-- ${step.summary}\n-- grain: ${step.grain}\n${renderStep(step, DIALECTS[dialect])};\n`)
    .join('\n')
  const file = join(GOLDEN, `${name}.${dialect}.sql`)
  if (process.env.UPDATE_GOLDEN !== undefined) {
    mkdirSync(GOLDEN, { recursive: true })
    writeFileSync(file, text)
  }
  assert.equal(text, readFileSync(file, 'utf8'))
}

test('a country without a calling code is told with its place', async () => {
  const context = await contextOf('duckdb', '{phone: {normalize: phone, default_country: UK}}')
  assert.throws(
    () => compileSteps(context, ['identity:customer']),
    (error: SluiceError) => {
      assert.equal(error.code, 'SLU4201')
      assert.deepEqual([error.at?.line, error.hint], [15, 'did you mean "GB"?'])
      return true
    },
  )
})
