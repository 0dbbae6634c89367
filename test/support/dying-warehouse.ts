import { SluiceError } from '../../src/base/errors.ts'
import { tableId } from '../../src/dialect/common.ts'
import { sql } from '../../src/dialect/fragment.ts'
import type { Statement, Warehouse } from '../../src/warehouse/warehouse.ts'

/** A warehouse whose process is killed after some statements: from then on nothing that it asks is done. */
export interface Dying {
  readonly warehouse: Warehouse
  /** The steps of the statements that were done. */
  readonly steps: readonly string[]
}

/**
 * One in which every statement is a transaction of its own, as on a warehouse that has no others, over a session of one
 * that has. It dies after `lives` statements.
 */
export function dyingWarehouse(session: Warehouse, lives: number): Dying {
  const steps: string[] = []
  const { dialect } = session
  const alive = <Result>(run: (statement: Statement) => Promise<Result>) => {
    return async (statement: Statement): Promise<Result> => {
      if (steps.length >= lives) throw killed()
      steps.push(statement.step)
      return run(statement)
    }
  }
  const warehouse: Warehouse = {
    ...session,
    dialect: {
      ...dialect,
      supports: { ...dialect.supports, transactions: 'none' },
      table: {
        ...dialect.table,
        replace: (made, published) =>
          sql`create or replace table ${tableId(published)} as select * from ${tableId(made)}`,
      },
    },
    execute: alive((statement) => session.execute(statement)),
    read: alive((statement) => session.read(statement)),
    describe: alive((statement) => session.describe(statement)),
    transaction: (work) => work(),
    openSession: async () => warehouse,
    close: async () => {},
  }
  return { warehouse, steps }
}

/** A process that is killed when it is told so: nothing that it asks of its warehouse is done from then on. */
export function killable(): {
  now(): never
  warehouse(session: Warehouse): Warehouse
} {
  let isAlive = true
  const alive = <Given extends readonly unknown[], Result>(run: (...given: Given) => Promise<Result>) => {
    return async (...given: Given): Promise<Result> => {
      if (!isAlive) throw killed()
      return run(...given)
    }
  }
  const warehouse = (session: Warehouse): Warehouse => ({
    ...session,
    execute: alive((statement: Statement) => session.execute(statement)),
    read: alive((statement: Statement) => session.read(statement)),
    describe: alive((statement: Statement) => session.describe(statement)),
    transaction: (work) => session.transaction(work),
    openSession: async () => warehouse(await session.openSession()),
    close: () => session.close(),
  })
  const now = () => {
    isAlive = false
    throw killed()
  }
  return { now, warehouse }
}

function killed(): SluiceError {
  return new SluiceError('SLU3011', { message: 'expected the process to live, found it killed' })
}
