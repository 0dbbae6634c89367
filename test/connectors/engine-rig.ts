import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type {
  Change,
  ConnectorFake,
  HeldRow,
  JsonValue,
  ObjectMode,
  Settings,
} from '../../src/connector/types.ts'
import type { SyncResult } from '../../src/sync/results.ts'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type Lab, type LabOptions, labOn } from '../support/sync-lab.ts'
import { asHeld, plainOf } from './people.ts'
import { fakeOf, objectNameOf, sampleChanges } from './rig.ts'
import type { Subject } from './subjects.ts'
import { sqlType, sqlValue } from './warehouse-values.ts'
import { type Watch, watched } from './watched.ts'

/** A table in a warehouse and a sync of it to the fake, as a user has them. */
export interface EngineRig extends Subject {
  readonly fake: ConnectorFake
  /** As the project names it. */
  readonly objectName: string
  readonly lab: Lab
  readonly watch: Watch
  /** Rows that the object takes, of different keys: the first has the index `from`. */
  changes(count: number, from?: number): readonly Change[]
  /** So many more that the plan of a bulk object goes out in bulk, 0 for others. */
  readonly filler: number
  insert(rows: readonly Change[]): Promise<void>
  drop(row: Change): Promise<void>
  /** The person is found by what finds the other one. */
  identify(row: Change, other: Change): Promise<void>
  /** One more field of the destination is mapped from here on. */
  alsoMap(field: string): void
  sync(options?: LabOptions): Promise<SyncResult>
  held(): readonly HeldRow[]
  /** What it should hold of these rows. */
  asHeld(rows: readonly Change[]): readonly HeldRow[]
  /** The same project as another process has it, which sends what the first one left. */
  another(): Promise<Lab>
}

export interface EngineOptions {
  readonly settings?: Settings
  readonly on?: (warehouse: Warehouse) => Warehouse
}

const SYNC = 'conformance'

export async function engineRig(
  context: TestContext,
  subject: Subject,
  options: EngineOptions = {},
): Promise<EngineRig> {
  const fake = await fakeOf(context, subject)
  const object = objectNameOf(subject, fake)
  const { entry, watch } = watched(subject.entry)
  const connectors = new Map([[entry.manifest.name, entry]])
  const warehouse = await inMemory(context)
  const shape = sampleChanges(subject, fake, 1, 0)[0] ?? assert.fail('there is a sample')
  const yaml = projectOf(subject, { fake, object, shape, options })
  const lab = await labOn(options.on?.(warehouse) ?? warehouse, 'duckdb', yaml, { connectors })
  const { names, types } = columnsOf(shape)
  await lab.sql(
    `create table people (${names.map((name, at) => `${name} ${types[at]}`).join(', ')}, extra varchar)`,
  )
  return {
    ...subject,
    ...{ fake, lab, watch, objectName: object },
    filler: subject.isBulk ? (subject.definition.bulk?.aboveRows ?? 0) : 0,
    changes: (count, from = 0) => sampleChanges(subject, fake, count, from),
    insert: (rows) => insert(lab, rows, shape),
    drop: ({ key }) => lab.sql(`delete from people where ${sameKey(key)}`),
    identify: (row, other) => {
      const set = Object.values(plainOf(other)).map((value, at) => `p_${at} = ${sqlValue(value)}`)
      return lab.sql(`update people set ${set.join(', ')} where ${sameKey(row.key)}`)
    },
    alsoMap: (field) => lab.use(projectOf(subject, { fake, object, shape, options, alsoMapped: field })),
    sync: (given) => lab.sync(SYNC, given),
    held: () => fake.held(SYNC, object),
    asHeld: (rows) => asHeld(subject, rows),
    another: () => labOn(warehouse, 'duckdb', yaml, { connectors, runs: 'other' }),
  }
}

/** Nothing is left of it. */
async function inMemory(context: TestContext): Promise<Warehouse> {
  const settings = new Map([['path', ':memory:']])
  const warehouse = await openWarehouse({ type: 'duckdb', directory: '.', settings, runId: 'conformance' })
  context.after(() => warehouse.close())
  return warehouse
}

function projectOf(
  { entry, definition }: Subject,
  parts: {
    readonly fake: ConnectorFake
    readonly object: string
    readonly shape: Change
    readonly options: EngineOptions
    readonly alsoMapped?: string
  },
): string {
  const { fake, object, shape, options, alsoMapped } = parts
  const settings = { ...fake.settings, ...options.settings }
  const use = fake.useOf?.(object)
  const map = Object.fromEntries(Object.keys(shape.fields).map((field, at) => [field, `f_${at}`]))
  const mapped = { ...map, ...(alsoMapped === undefined ? {} : { [alsoMapped]: 'extra' }) }
  const plain = Object.keys(plainOf(shape)).map((name, at) => [name, `p_${at}`])
  const sync = {
    name: SYNC,
    source: 'people',
    to: `out.${object}`,
    mode: modeOf(definition.modes),
    match: Object.fromEntries(Object.keys(shape.key).map((field, at) => [field, `k_${at}`])),
    ...(definition.membersOnly === true || Object.keys(mapped).length === 0 ? {} : { map: mapped }),
    ...(plain.length === 0 ? {} : { identifiers: Object.fromEntries(plain) }),
    ...(use === undefined ? {} : { settings: use }),
    guard: { max_remove: '100%', max_rejected: '100%' },
  }
  // JSON is YAML.
  return `sources: [{name: people, table: people, primary_key: k_0}]
destinations: ${JSON.stringify([{ name: 'out', connector: entry.manifest.name, settings }])}
syncs: ${JSON.stringify([sync])}
`
}

function modeOf(modes: readonly ObjectMode[]): ObjectMode {
  const wanted: readonly ObjectMode[] = ['mirror', 'upsert', 'insert', 'update']
  return wanted.find((mode) => modes.includes(mode)) ?? assert.fail('it has a mode')
}

function columnsOf(shape: Change) {
  const keys = Object.keys(shape.key)
  const values = Object.values(shape.fields)
  const plain = Object.keys(plainOf(shape))
  return {
    names: [
      ...keys.map((_, at) => `k_${at}`),
      ...values.map((_, at) => `f_${at}`),
      ...plain.map((_, at) => `p_${at}`),
    ],
    types: [...keys.map(() => 'varchar'), ...values.map(sqlType), ...plain.map(() => 'varchar')],
  }
}

/** In parts, so that no statement is too long. */
async function insert(lab: Lab, rows: readonly Change[], shape: Change): Promise<void> {
  const { names } = columnsOf(shape)
  const order = Object.keys(shape.fields)
  const keyOrder = Object.keys(shape.key)
  for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) {
    const some = rows.slice(at, at + ROWS_A_STATEMENT).map((row) => {
      const { key, fields } = row
      const values = [
        ...keyOrder.map((name) => sqlValue(textOf(key[name]))),
        ...order.map((name) => sqlValue(fields[name] ?? null)),
        ...Object.values(plainOf(row)).map(sqlValue),
      ]
      return `(${values.join(', ')})`
    })
    await lab.sql(`insert into people (${names.join(', ')}) values ${some.join(', ')}`)
  }
}

const ROWS_A_STATEMENT = 2000

/** The values of keys are texts. */
function textOf(value: JsonValue | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function sameKey(key: Change['key']): string {
  return Object.values(key)
    .map((value, at) => `k_${at} = ${sqlValue(textOf(value))}`)
    .join(' and ')
}
