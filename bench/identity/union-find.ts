import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'

/** Where identifier rows come from and labels go, as fast as the driver has it. */
export interface UnionFindPlace {
  /** Pages of two columns: the record, and the value with its type. */
  read(): AsyncIterable<{ readonly records: readonly unknown[]; readonly values: readonly unknown[] }>
  write(records: Iterable<string>, componentOf: (place: number) => number): Promise<void>
}

/**
 * What stitching costs outside the warehouse: read every identifier row, unite records in this process, write each
 * record and its component back. Gives how many components there are.
 */
export async function uniteInProcess(place: UnionFindPlace): Promise<number> {
  const records = new Map<string, number>()
  const holders = new Map<string, number>()
  const parent: number[] = []
  const find = (of: number): number => {
    let root = of
    for (let up = parent[root] ?? root; up !== root; up = parent[root] ?? root) {
      const above = parent[up] ?? up
      parent[root] = above
      root = above
    }
    return root
  }
  for await (const page of place.read())
    for (let row = 0; row < page.records.length; row += 1) {
      const record = numberOf(records, page.records[row] as string, parent)
      const value = page.values[row] as string
      const other = holders.get(value)
      if (other === undefined) holders.set(value, record)
      else {
        const [a, b] = [find(record), find(other)]
        parent[Math.max(a, b)] = Math.min(a, b)
      }
    }
  await place.write(records.keys(), find)
  let components = 0
  for (let record = 0; record < parent.length; record += 1) if (find(record) === record) components += 1
  return components
}

function numberOf(records: Map<string, number>, record: string, parent: number[]): number {
  const known = records.get(record)
  if (known !== undefined) return known
  const next = parent.length
  records.set(record, next)
  parent.push(next)
  return next
}

const SELECT = `select source || '|' || record_id as record, type || '=' || lower(trim(value)) as value
from data.identifier_rows`
const CREATE = 'create or replace table data.united (record_id varchar, component bigint)'

/** Columns of DuckDB's own chunks and its appender, in a file of its own with the same rows. */
export async function duckdbPlace(path: string, from: string): Promise<UnionFindPlace & { close(): void }> {
  const instance = await DuckDBInstance.create(path, { threads: '2' })
  const connection = await instance.connect()
  await connection.run('create schema data')
  await connection.run(`create table data.identifier_rows as from read_parquet('${from}')`)
  return {
    read: () => chunks(connection),
    write: async (records, componentOf) => {
      await connection.run(CREATE)
      const appender = await connection.createAppender('united', 'data')
      let place = 0
      for (const record of records) {
        appender.appendVarchar(record)
        appender.appendBigInt(BigInt(componentOf(place)))
        appender.endRow()
        place += 1
      }
      appender.closeSync()
    },
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function* chunks(connection: DuckDBConnection) {
  const result = await connection.stream(SELECT)
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return
    yield { records: chunk.getColumnValues(0), values: chunk.getColumnValues(1) }
  }
}

/** PostgreSQL's rows by cursor, and statements of many rows, which it takes apart quickly. */
export function postgresPlace(warehouse: Warehouse): UnionFindPlace {
  const execute = (sql: string, parameters: readonly string[] = []) =>
    warehouse.execute({ step: 'bench.write_back', sql, parameters })
  const send = (records: readonly string[], components: readonly number[]) =>
    execute(
      `insert into data.united select unnest(string_to_array($1, ',')), unnest(cast(string_to_array($2, ',') as bigint[]))`,
      [records.join(','), components.join(',')],
    )
  return {
    read: () => pages(warehouse),
    write: async (records, componentOf) => {
      await execute('drop table if exists data.united')
      await execute(CREATE.replace(' or replace', ''))
      let page: string[] = []
      let components: number[] = []
      let place = 0
      for (const record of records) {
        page.push(record)
        components.push(componentOf(place))
        place += 1
        if (page.length < PAGE) continue
        await send(page, components)
        page = []
        components = []
      }
      if (page.length > 0) await send(page, components)
    },
  }
}

const PAGE = 20_000

async function* pages(warehouse: Warehouse) {
  for await (const page of warehouse.stream({ step: 'bench.unite', sql: SELECT }))
    yield { records: page.map((row) => row.record), values: page.map((row) => row.value) }
}
