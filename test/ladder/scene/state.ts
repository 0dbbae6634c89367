import { render } from '../../../src/dialect/fragment.ts'
import type { Row, Warehouse } from '../../../src/warehouse/warehouse.ts'
import { allRows } from '../../support/model.ts'

/**
 * The published tables, and what the ledger knows of rows, as sorted rows. An entity is called by the least of its
 * records: ids differ by engine, and so do hashes, which are left out.
 */
export async function publishedState(
  warehouse: Warehouse,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { dialect } = warehouse
  const names = await warehouse.read({ step: 'list', sql: render(dialect.table.list('sluice'), dialect) })
  const tables = names.map(({ name }) => String(name).toLowerCase()).sort()
  const read = (table: string) =>
    allRows(
      warehouse,
      `select * from ${dialect.quote(dialect.stored('sluice'))}.${dialect.quote(dialect.stored(table))}`,
    )
  const state: Record<string, readonly string[]> = {}
  const called = new Map<string, string>()
  for (const entity of ['customer', 'person'])
    for (const row of await read(`${entity}_identity`)) {
      const record = `${row.source}:${row.record_id}`
      const id = String(row[`${entity}_id`])
      if (record < (called.get(id) ?? '~')) called.set(id, record)
    }
  for (const table of tables.filter((name) => PUBLISHED.test(name)))
    state[table] = (await read(table)).map((row) => told(row, called)).sort()
  return state
}

const PUBLISHED =
  /^(?:customer|person|store|segment_\w+|(?:customer|person)_(?:identity|refused)|receipts|sync_runs|snapshot_\w+)$/

/** Of each engine's own, by the machine's clock, or an id that may be gone. */
const LEFT_OUT = /hash|digest|plan_id|entity_id|seconds|requests|bytes/

function told(row: Row, called: ReadonlyMap<string, string>): string {
  const kept = Object.entries(row).filter(([column]) => !LEFT_OUT.test(column.toLowerCase()))
  const cells = kept.map(([column, value]) => {
    const plain = /_id$/.test(column) ? (called.get(String(value)) ?? value) : value
    return [column.toLowerCase(), typeof plain === 'string' && NUMBER.test(plain) ? Number(plain) : plain]
  })
  return JSON.stringify(cells)
}

/** Decimals are printed with the zeros of their scale, which is the engine's. */
const NUMBER = /^-?\d{1,15}(?:\.\d{1,12})?$/
