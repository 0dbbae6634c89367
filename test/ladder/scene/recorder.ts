import type { SqlValue, Statement, Warehouse } from '../../../src/warehouse/warehouse.ts'

export type StatementKind = 'execute' | 'read' | 'stream' | 'describe' | 'begin' | 'commit' | 'rollback'

/** One statement as it was sent. `session` counts the sessions of one warehouse from 0. */
export interface Recorded {
  readonly kind: StatementKind
  readonly session: number
  readonly step: string
  readonly sql: string
  readonly parameters: readonly SqlValue[]
  /** How many rows it made or changed, once that is known. */
  readonly rows?: number
}

/** A warehouse that notes every statement of all its sessions, in the order in which they were sent. */
export function recorded(warehouse: Warehouse): {
  readonly warehouse: Warehouse
  readonly statements: Recorded[]
} {
  const statements: Recorded[] = []
  let sessions = 0
  return { statements, warehouse: noted(warehouse) }

  function noted(inner: Warehouse): Warehouse {
    const session = sessions
    sessions += 1
    const note = (kind: StatementKind, { step, sql, parameters = [] }: Statement) => {
      return statements.push({ kind, session, step, sql, parameters }) - 1
    }
    const control = (kind: 'begin' | 'commit' | 'rollback') => note(kind, { step: 'transaction', sql: kind })
    return {
      ...inner,
      execute: async (statement) => {
        const at = note('execute', statement)
        const rows = await inner.execute(statement)
        const noted = statements[at]
        if (noted !== undefined) statements[at] = { ...noted, rows }
        return rows
      },
      read: (statement) => {
        note('read', statement)
        return inner.read(statement)
      },
      stream: (statement) => {
        note('stream', statement)
        return inner.stream(statement)
      },
      describe: (statement) => {
        note('describe', statement)
        return inner.describe(statement)
      },
      transaction: async (work) => {
        let begun = false
        try {
          const result = await inner.transaction(() => {
            begun = true
            control('begin')
            return work()
          })
          control('commit')
          return result
        } catch (error) {
          if (begun) control('rollback')
          throw error
        }
      },
      openSession: async () => noted(await inner.openSession()),
    }
  }
}
