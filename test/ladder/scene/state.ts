import { render } from '../../../src/dialect/fragment.ts'
import type { Row, Warehouse } from '../../../src/warehouse/warehouse.ts'
import { allRows } from '../../support/model.ts'

/** The published tables as sorted rows, an entity being called by the least of its records: ids differ by engine. */
export async function publishedState(
  warehouse: Warehouse,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { dialect } = warehouse
  const names = await warehouse.read({ step: 'list', sql: render(dialect.table.list('sluice'), dialect) })
  const tables = names.map(({ name }) => String(name).toLowerCase()).sort()
  const read = (table: string) =>
    allRows(warehouse, `select * from ${dialect.quote('sluice')}.${dialect.quote(table)}`)
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

const PUBLISHED = /^(?:customer|person|store|segment_\w+|(?:customer|person)_(?:identity|refused))$/

function told(row: Row, called: ReadonlyMap<string, string>): string {
  const cells = Object.entries(row).map(([column, value]) => {
    const plain = /_id$/.test(column) ? (called.get(String(value)) ?? value) : value
    return [column.toLowerCase(), typeof plain === 'string' && NUMBER.test(plain) ? Number(plain) : plain]
  })
  return JSON.stringify(cells)
}

/** Decimals are printed with the zeros of their scale, which is the engine's. */
const NUMBER = /^-?\d{1,15}(?:\.\d{1,12})?$/
