import type { Statement, Warehouse } from '../../src/warehouse/warehouse.ts'

/** What one statement took. `cpu` is this process's own, so it says nothing of a server beside it. */
export interface StepSpent {
  readonly step: string
  readonly wall: number
  readonly cpu: number
  readonly rows: number
}

/** A warehouse that remembers what each statement took. */
export function metered(warehouse: Warehouse): {
  readonly warehouse: Warehouse
  readonly steps: StepSpent[]
} {
  const steps: StepSpent[] = []
  const timed = async <T>(statement: Statement, work: () => Promise<T>): Promise<T> => {
    const { result, wall, cpu } = await spent(work)
    steps.push({ step: statement.step, wall, cpu, rows: typeof result === 'number' ? result : 0 })
    return result
  }
  return {
    steps,
    warehouse: {
      ...warehouse,
      execute: (statement) => timed(statement, () => warehouse.execute(statement)),
      read: (statement) => timed(statement, () => warehouse.read(statement)),
    },
  }
}

export interface Spent<T> {
  readonly result: T
  readonly wall: number
  readonly cpu: number
}

export async function spent<T>(work: () => Promise<T>): Promise<Spent<T>> {
  const cpuBefore = process.cpuUsage()
  const startedAt = process.hrtime.bigint()
  const result = await work()
  const wall = Number(process.hrtime.bigint() - startedAt) / 1e9
  const { user, system } = process.cpuUsage(cpuBefore)
  return { result, wall, cpu: (user + system) / 1e6 }
}
