import assert from 'node:assert/strict'
import type { Clock } from '../../src/base/clock.ts'
import { randomIds } from '../../src/base/ids.ts'
import { instantOf } from '../../src/base/instant.ts'
import { compileContext } from '../../src/build/compile-context.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { temporaryTable } from '../../src/compile/tables.ts'
import type { Manifest } from '../../src/connector/types.ts'
import type { TableName } from '../../src/dialect/dialect.ts'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { Graph } from '../../src/graph/graph.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open.ts'
import { optionalInstant } from '../../src/ledger/values.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import type { PlanSource } from '../../src/sync/plan/plan-source.ts'
import { warehousePlans } from '../../src/sync/plan/warehouse-plans.ts'
import { loadTemplates } from '../../src/template/load.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import type { EngineName } from '../support/engines.ts'
import { allRows } from '../support/model.ts'
import { memoryLedger } from './memory-ledger.ts'
import { type ModelRow, memoryPlans, type PlanRules } from './memory-plans.ts'
import { MemorySession, MemoryWarehouse } from './memory-session.ts'
import { MANIFEST } from './network.ts'
import { Process, World } from './world.ts'

/** A plan source and a ledger, with a view of what they keep. Hashes are told apart: each twin has its own. */
export interface Twin {
  readonly ledger: Ledger
  readonly plans: PlanSource
  /** The model from here on. */
  setModel(rows: readonly ModelRow[]): Promise<void>
  /** Waits for what was asked of it. */
  done<T>(work: Promise<T>): Promise<T>
  planRows(): Promise<readonly Hashed[]>
  snapshotRows(): Promise<readonly Hashed[]>
  receipts(): Promise<readonly Hashed[]>
}

/** In an order of its own, which is the same in both. */
export interface Hashed {
  readonly hash: string | undefined
  readonly row: Readonly<Record<string, unknown>>
}

/** What two twins have in common. */
export interface Pair {
  readonly sync: string
  readonly rules: PlanRules
  readonly clock: Clock
}

/** The simulator's. */
export function memoryTwin({ sync, rules, clock }: Pair): Twin {
  const warehouse = new MemoryWarehouse(true)
  const world = new World(1)
  const quick = { wayMs: () => 1, breaks: () => undefined }
  const session = new MemorySession(warehouse, new Process(world, 'twin'), clock, quick)
  let model: readonly ModelRow[] = []
  const run = { clock } as RunContext
  return {
    ledger: memoryLedger(session),
    plans: memoryPlans(session, { run, rules, model: () => model, hashVersion: () => 'one' }),
    setModel: async (rows) => {
      model = rows
    },
    done: async (work) => {
      let isDone = false
      const end = () => {
        isDone = true
      }
      work.then(end, end)
      assert.equal(await world.run(() => isDone), 'over')
      return work
    },
    planRows: async () =>
      inOrder(
        (warehouse.tables.plans[0]?.rows ?? []).map(({ hash, fields, ...row }) => ({
          hash: hash?.toString(),
          row: { ...row, fields: fields && JSON.parse(fields) },
        })),
      ),
    snapshotRows: async () =>
      inOrder(
        [...(warehouse.tables.snapshots.get(sync)?.rows ?? [])].map(([key, { hash, entity, gone }]) => ({
          hash: hash?.toString(),
          row: { key, entity, gone },
        })),
      ),
    receipts: async () =>
      inOrder(
        warehouse.tables.receipts.map(({ hash, status, reason, op, key, runId, attempts, nextTryAt }) => ({
          hash: hash?.toString(),
          row: { status, reason, op, key, runId, attempts, nextTryAt },
        })),
      ),
  }
}

/** A warehouse, with profiles that were built already. */
export async function warehouseTwin(
  warehouse: Warehouse,
  engine: EngineName,
  { sync, rules, clock }: Pair,
): Promise<Twin> {
  const graph = graphOf(engine, sync, rules)
  const [target] = graph.project.targets.values()
  const bound = graph.bound(sync)
  assert.ok(target !== undefined)
  const templates = await loadTemplates(warehouse.dialect, '/nowhere')
  const ledger = openLedger({
    ...{ warehouse, templates, clock, stateSchema: target.stateSchema },
    ...{ project: graph.project.name, target: target.name },
  })
  const run: RunContext = {
    ...{ graph, target, warehouse, ledger, templates, clock, env: {}, runId: 'run', allowPast: false },
    ...{ waitMs: 0, asOf: instantOf(clock.nowMs()), ids: randomIds, signal: new AbortController().signal },
    progress: { update: () => {}, done: () => {}, warn: () => {} },
  }
  const output = (name: string): TableName => ({ schema: undefined, name: `${name}_${sync}` })
  const context = compileContext(run, { output, published: output, temporary: temporaryTable })
  const profiles = `person_${sync}`
  const execute = (sql: string) => warehouse.execute({ step: 'test', sql })
  const name = ({ schema, name }: TableName) => `${schema}.${name}`
  await execute(
    `create table ${profiles} (person_id varchar(20), email varchar(20), v varchar(20), ok boolean)`,
  )
  return {
    ledger,
    plans: warehousePlans(run, context, bound, undefined),
    setModel: async (rows) => {
      await execute(`delete from ${profiles}`)
      const values = rows.map(
        ({ entity, key, value, consents }) =>
          `('${entity}', ${key === null ? 'null' : `'${key}'`}, '${value}', ${consents})`,
      )
      if (values.length > 0) await execute(`insert into ${profiles} values ${values.join(', ')}`)
    },
    done: (work) => work,
    planRows: async () =>
      inOrder(
        (await allRows(warehouse, `select * from ${name(ledger.syncs.planTable({ sync, runId: '' }))}`)).map(
          (row) => ({
            hash: row.hash?.toString(),
            row: {
              ...{ seq: numberIn(row.seq), batch: numberIn(row.batch), op: row.op, reason: row.reason },
              ...{ key: row.key, entity: row.entity_id },
              fields: row.fields && JSON.parse(String(row.fields)),
            },
          }),
        ),
      ),
    snapshotRows: async () =>
      inOrder(
        (await allRows(warehouse, `select * from ${name(ledger.syncs.snapshotTable(sync))}`)).map((row) => ({
          hash: row.hash?.toString(),
          row: { key: row.key, entity: row.entity_id, gone: row.gone },
        })),
      ),
    receipts: async () =>
      inOrder(
        (
          await allRows(
            warehouse,
            `select * from ${name(ledger.syncs.receiptsTable())} where sync = '${sync}'`,
          )
        ).map((row) => ({
          hash: row.hash?.toString(),
          row: {
            ...{ status: row.status, reason: row.reason, op: row.op, key: row.key, runId: row.run_id },
            attempts: Number(row.attempts ?? 0),
            nextTryAt: optionalInstant(row, 'next_try_at'),
          },
        })),
      ),
  }
}

function numberIn(value: unknown): number | null {
  return value === null ? null : Number(value)
}

function inOrder(rows: readonly Hashed[]): readonly Hashed[] {
  const place = ({ row }: Hashed) =>
    JSON.stringify([row.seq, row.key, row.status, row.op, row.entity, row.reason])
  return rows.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
}

/** Guards look on: rows come and go as they like here. */
function graphOf(engine: EngineName, sync: string, { mode, onRemove, idempotent }: PlanRules): Graph {
  const target =
    engine === 'duckdb'
      ? '{type: duckdb, path: w.duckdb}'
      : '{type: postgres, host: 127.0.0.1, user: u, database: d}'
  const text = `version: 1
name: twins
targets: {dev: ${target}}
sources:
  - {name: people, table: people, primary_key: id}
entities:
  - name: person
    source: people
    key: id
    profile:
      email: {from: [people.email], pick: most_recent}
      v: {from: [people.v], pick: most_recent}
      ok: {from: [people.ok], pick: most_recent}
destinations:
  - {name: crm, connector: ${MANIFEST.name}, settings: {}}
syncs:
  - name: ${sync}
    entity: person
    to: crm.contacts
    mode: ${mode}
    match: {email: email}
    map: {v: v}
    consent: {require: {trait: ok, eq: true}}
${mode === 'upsert' ? `    on_remove: ${onRemove}\n` : ''}    guard: {max_remove: 100%, min_rows: 0, max_rejected: 100%}
`
  const { project, errors } = parseProject('/project', [{ path: 'sluice.yml', text }])
  assert.deepEqual(
    errors.map(({ message }) => message),
    [],
  )
  assert.ok(project !== undefined)
  const contacts = MANIFEST.objects.contacts
  assert.ok(contacts !== undefined)
  const manifest: Manifest = { ...MANIFEST, objects: { contacts: { ...contacts, idempotent } } }
  const built = buildGraph(project, new Map([[MANIFEST.name, manifest]]))
  assert.deepEqual(
    built.errors.map(({ message }) => message),
    [],
  )
  assert.ok(built.graph !== undefined)
  return built.graph
}
