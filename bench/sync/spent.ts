import { readdirSync, readFileSync } from 'node:fs'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'

export interface Spent {
  /** Seconds of this process, and of a PostgreSQL server that works for it. */
  readonly cpu: number
  readonly wall: number
}

/** Tells what was spent since it was made. */
export type Meter = () => () => Spent

/** `serverCpu` gives the seconds that a server has used up to now. */
export function meterOf(serverCpu: () => number): Meter {
  return () => {
    const server = serverCpu()
    const before = process.cpuUsage()
    const startedAt = process.hrtime.bigint()
    return () => {
      const wall = Number(process.hrtime.bigint() - startedAt) / 1e9
      const { user, system } = process.cpuUsage(before)
      return { wall, cpu: (user + system) / 1e6 + serverCpu() - server }
    }
  }
}

export async function spentOn(meter: Meter, work: () => Promise<unknown>): Promise<Spent> {
  const end = meter()
  await work()
  return end()
}

export function sum(all: readonly Spent[]): Spent {
  return all.reduce((a, b) => ({ cpu: a.cpu + b.cpu, wall: a.wall + b.wall }), { cpu: 0, wall: 0 })
}

/** The least of each: the machine is not always equally busy. */
export function least(all: readonly Spent[]): Spent {
  return { cpu: Math.min(...all.map(({ cpu }) => cpu)), wall: Math.min(...all.map(({ wall }) => wall)) }
}

export function ratio(a: Spent, b: Spent): Spent {
  return { cpu: rounded(a.cpu / b.cpu), wall: rounded(a.wall / b.wall) }
}

export function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

/** What the PostgreSQL server of this session has used: its first process with all children, ended ones too. */
export async function serverCpuOf(warehouse: Warehouse): Promise<() => number> {
  if (warehouse.dialect.name === 'duckdb') return () => 0
  const [row] = await warehouse.read({ step: 'bench.server', sql: 'select pg_backend_pid() as pid' })
  const server = statOf(String(row?.pid))?.parent ?? ''
  return () => {
    const own = statOf(server)
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => statOf(pid) ?? [])
      .filter(({ parent }) => parent === server)
    return (
      ((own?.ticks ?? 0) + (own?.childTicks ?? 0) + children.reduce((all, { ticks }) => all + ticks, 0)) /
      TICKS
    )
  }
}

/** As Linux counts CPU time wherever Node runs. */
const TICKS = 100

interface Stat {
  readonly parent: string
  readonly ticks: number
  /** Of children that ended. */
  readonly childTicks: number
}

function statOf(pid: string): Stat | undefined {
  try {
    // The name before the last bracket may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const number = (index: number) => Number(fields[index])
    return { parent: fields[1] ?? '', ticks: number(11) + number(12), childTicks: number(13) + number(14) }
  } catch {
    return undefined
  }
}
