import type { Row, Statement, Warehouse } from '../../src/warehouse/warehouse.ts'

export interface Watched {
  readonly warehouse: Warehouse
  /** Statements so far, by step. */
  readonly steps: string[]
  /** Of texts in rows that were read; numbers count as eight. */
  bytesLeft: number
  /** Told of a statement before it starts. */
  onStep: (step: string) => void
}

/** A warehouse that tells of its statements, and counts what leaves it. */
export function watched(warehouse: Warehouse): Watched {
  const self: Watched = { warehouse, steps: [], bytesLeft: 0, onStep: () => {} }
  const told = (statement: Statement) => {
    self.steps.push(statement.step)
    self.onStep(statement.step)
    return statement
  }
  const left = (rows: readonly Row[]) => {
    for (const row of rows)
      for (const value of Object.values(row))
        self.bytesLeft += typeof value === 'string' ? Buffer.byteLength(value) : 8
    return rows
  }
  async function* stream(statement: Statement) {
    for await (const page of warehouse.stream(told(statement))) yield left(page)
  }
  return Object.assign(self, {
    warehouse: {
      ...warehouse,
      execute: (statement: Statement) => warehouse.execute(told(statement)),
      read: async (statement: Statement) => left(await warehouse.read(told(statement))),
      stream,
    },
  })
}
