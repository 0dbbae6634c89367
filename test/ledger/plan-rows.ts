import type { PlanCounts } from '../../src/ledger/ledger.ts'
import type { Statement, Warehouse } from '../../src/warehouse/warehouse.ts'

export interface TestPlanRow {
  readonly seq: number | null
  readonly batch: number | null
  readonly op: 'add' | 'change' | 'remove' | 'held' | 'left' | 'back'
  readonly reason: string | null
  readonly key: string | null
  readonly entity: string | null
  readonly hash: number | null
}

/** The statements that make `plan_<sync>` of these rows. */
export function planTable(
  warehouse: Warehouse,
  sync: string,
  rows: readonly TestPlanRow[],
  partCount = 0,
): readonly Statement[] {
  const { types } = warehouse.dialect
  const parts = Array.from({ length: partCount }, (_, index) => `part_${index + 1} text`)
  const columns = [
    'seq bigint',
    'batch bigint',
    'op text',
    'reason text',
    'key text',
    ...parts,
    'entity_id text',
    `hash ${types.hash64}`,
    'fields text',
  ]
  const values = rows.map((row) => {
    const pieces = Array.from({ length: partCount }, (_, index) => text(row.key && `${row.key}${index + 1}`))
    const cells = [row.seq, row.batch, text(row.op), text(row.reason), text(row.key), ...pieces]
    return `(${[...cells, text(row.entity), row.hash, text('{}')].map((cell) => cell ?? 'null').join(', ')})`
  })
  const create = `create table sluice.plan_${sync} (${columns.join(', ')})`
  const insert = `insert into sluice.plan_${sync} values ${values.join(', ')}`
  return [create, ...(rows.length === 0 ? [] : [insert])].map((sql) => ({ step: 'test', sql }))
}

export function countsOf(rows: readonly TestPlanRow[]): Partial<PlanCounts> {
  const of = (op: TestPlanRow['op']) => rows.filter((row) => row.op === op).length
  return { add: of('add'), change: of('change'), remove: of('remove'), left: of('left'), held: of('held') }
}

function text(value: string | null): string {
  return value === null ? 'null' : `'${value}'`
}
