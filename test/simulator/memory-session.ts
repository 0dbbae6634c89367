import type { Clock } from '../../src/base/clock.ts'
import { SluiceError } from '../../src/base/errors.ts'
import type { LeaseKeeper, TakenLease } from '../../src/ledger/held-lease.ts'
import { Turns } from '../../src/ledger/turns.ts'
import { emptyTables, type MemoryTables } from './memory-tables.ts'
import type { Process } from './world.ts'

/** What a warehouse may do to those who ask it. */
export interface WarehouseWeather {
  /** How long one way of one statement takes. */
  wayMs(): number
  /** The connection breaks: before the statement got there, or after it was done. */
  breaks(): 'before' | 'after' | undefined
}

/** A warehouse whose tables are plain values. Its leases' rows are locked from fence to commit, as in PostgreSQL. */
export class MemoryWarehouse {
  tables: MemoryTables = emptyTables()
  /** No other process can have it open, as with DuckDB: a lease found in it is a dead run's. */
  readonly exclusive: boolean
  /** What must never happen, and did. */
  readonly breaches: string[] = []
  readonly #locks = new Map<string, object>()
  readonly #waiting = new Map<string, (() => void)[]>()

  constructor(exclusive: boolean) {
    this.exclusive = exclusive
  }

  /** False: another has it; `again` is called when it lets go. */
  lock(name: string, who: object, again: () => void): boolean {
    const holder = this.#locks.get(name)
    if (holder !== undefined && holder !== who) {
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), again])
      return false
    }
    this.#locks.set(name, who)
    return true
  }

  unlock(who: object): void {
    for (const [name, holder] of [...this.#locks]) {
      if (holder !== who) continue
      this.#locks.delete(name)
      const waiting = this.#waiting.get(name) ?? []
      this.#waiting.delete(name)
      for (const again of waiting) again()
    }
  }
}

interface Transaction {
  /** Whose token it proved. */
  lease: TakenLease | undefined
  /** The tables as this transaction sees them, once it has written. */
  seen: MemoryTables | undefined
  readonly writes: ((tables: MemoryTables) => unknown)[]
  /** `lost`: nobody is there any more to end it; its locks stay until that is noticed. */
  state: 'open' | 'committing' | 'lost' | 'over'
}

/** One process's connection to the warehouse: statements one after the other, transactions that are there or not. */
export class MemorySession implements LeaseKeeper {
  readonly clock: Clock
  readonly #warehouse: MemoryWarehouse
  readonly #process: Process
  readonly #weather: WarehouseWeather
  readonly #turns = new Turns('transaction')
  readonly #unfenced: boolean
  #open: Transaction | undefined

  /** `unfenced`: tokens are not looked at, for a control. */
  constructor(
    warehouse: MemoryWarehouse,
    process: Process,
    clock: Clock,
    weather: WarehouseWeather,
    unfenced = false,
  ) {
    this.#warehouse = warehouse
    this.#process = process
    this.clock = clock
    this.#weather = weather
    this.#unfenced = unfenced
    process.onDeath(() => this.#died())
  }

  get exclusive(): boolean {
    return this.#warehouse.exclusive
  }

  /** One statement that only reads. */
  read<T>(what: string, work: (tables: MemoryTables) => T): Promise<T> {
    return this.#turns.join(() => this.#statement(what, () => work(this.#seen())))
  }

  /** One statement that writes: in the transaction that is open, or by itself. */
  write<T>(what: string, work: (tables: MemoryTables) => T): Promise<T> {
    return this.#turns.join(() =>
      this.#statement(what, () => {
        const { tables } = this.#warehouse
        const open = this.#open
        if (open === undefined) return work(tables)
        open.seen ??= copyOf(tables)
        open.writes.push(work)
        return work(open.seen)
      }),
    )
  }

  /** A statement by itself that writes the row of a lease: it waits for whoever has it locked. */
  writeLease<T>(what: string, name: string, work: (tables: MemoryTables) => T): Promise<T> {
    return this.#turns.join(() => this.#locking(what, name, work))
  }

  turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work)
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const transaction: Transaction = { lease: undefined, seen: undefined, writes: [], state: 'open' }
    this.#open = transaction
    try {
      const result = await work()
      await this.#commit(transaction)
      return result
    } catch (error) {
      this.#rollBack(transaction)
      throw error
    } finally {
      this.#open = undefined
    }
  }

  async extend(lease: TakenLease): Promise<boolean> {
    return this.#fence('fence', lease, this.#open)
  }

  /** Its own session: it waits for the lock that a transaction of ours has too. */
  extendBeside(lease: TakenLease): Promise<boolean> {
    return this.#fence('renew', lease, undefined)
  }

  async release({ name, token }: TakenLease): Promise<void> {
    await this.#locking('release lease', name, (tables) => {
      const row = tables.leases.get(name)
      if (row?.token === token) row.expiresAtMs = this.nowMs()
    })
  }

  #seen(): MemoryTables {
    return this.#open?.seen ?? this.#warehouse.tables
  }

  /** The warehouse's own clock. */
  nowMs(): number {
    return this.#process.world.nowMs
  }

  #fence(what: string, { name, token, seconds }: TakenLease, of: Transaction | undefined): Promise<boolean> {
    const lease = { name, token, seconds }
    if (of !== undefined) of.lease = lease
    const extend = (tables: MemoryTables) => {
      if (tables.leases.get(name)?.token !== token && !this.#unfenced) return false
      const expiresAtMs = this.nowMs() + seconds * 1000
      const write = ({ leases }: MemoryTables) => Object.assign(leases.get(name) ?? {}, { expiresAtMs })
      if (of === undefined) write(tables)
      else of.writes.push(write)
      return true
    }
    return this.#locking(what, name, extend, of)
  }

  /** Keeps the lock until the transaction `of` ends, else only while it works. */
  #locking<T>(
    what: string,
    name: string,
    work: (tables: MemoryTables) => T,
    of?: Transaction | undefined,
  ): Promise<T> {
    const { world } = this.#process
    const who = of ?? {}
    let waited = false
    return new Promise((resolve, reject) => {
      const arrive = () => {
        if (of?.state === 'over' || of?.state === 'lost' || !this.#process.gotThrough()) return
        if (!this.#warehouse.lock(name, who, arrive)) {
          waited = true
          world.note(this.#process.name, `${what}: waits`)
          return
        }
        const conflict = waited && of !== undefined && world.random.chance(50)
        const answer = this.#answer(what, () => {
          if (conflict) throw new SluiceError('SLU3010', { message: 'another session wrote the row' })
          return work(this.#warehouse.tables)
        })
        if (of === undefined) this.#warehouse.unlock(who)
        world.deliver(this.#process, this.#weather.wayMs(), () => answer(resolve, reject))
      }
      world.after(this.#weather.wayMs(), arrive)
    })
  }

  #statement<T>(what: string, work: () => T): Promise<T> {
    const { world } = this.#process
    return new Promise((resolve, reject) => {
      world.after(this.#weather.wayMs(), () => {
        if (!this.#process.gotThrough()) return
        const answer = this.#answer(what, work)
        world.deliver(this.#process, this.#weather.wayMs(), () => answer(resolve, reject))
      })
    })
  }

  /** Does it now, and gives how its answer is told. */
  #answer<T>(
    what: string,
    work: () => T,
  ): (resolve: (value: T) => void, reject: (error: unknown) => void) => void {
    const breaks = this.#weather.breaks()
    this.#process.world.note(this.#process.name, breaks === undefined ? what : `${what}: breaks ${breaks}`)
    if (breaks === 'before') return (_, reject) => reject(connectionLost())
    try {
      const value = work()
      if (breaks === 'after') return (_, reject) => reject(connectionLost())
      return (resolve) => resolve(value)
    } catch (error) {
      return (_, reject) => reject(error)
    }
  }

  #commit(transaction: Transaction): Promise<void> {
    const { world } = this.#process
    transaction.state = 'committing'
    return new Promise((resolve, reject) => {
      world.after(this.#weather.wayMs(), () => {
        if (transaction.state !== 'committing') return
        const answer = this.#answer('commit', () => {
          this.#checkHolder(transaction)
          for (const write of transaction.writes) write(this.#warehouse.tables)
        })
        // Done or not, it is over, whether or not its owner hears of it.
        this.#end(transaction)
        world.deliver(this.#process, this.#weather.wayMs(), () => answer(resolve, reject))
      })
    })
  }

  /** Told by the tables, whatever the fence said. */
  #checkHolder({ lease, writes }: Transaction): void {
    const { tables, breaches } = this.#warehouse
    if (writes.length === 0 || (lease && tables.leases.get(lease.name)?.token === lease.token)) return
    breaches.push(`${this.#process.name} wrote state without holding the lease`)
  }

  #rollBack(transaction: Transaction): void {
    if (transaction.state !== 'over') this.#end(transaction)
  }

  #end(transaction: Transaction): void {
    transaction.state = 'over'
    this.#warehouse.unlock(transaction)
  }

  /** A commit that was on its way gets there or not; the warehouse notices what else was open a while later. */
  #died(): void {
    const open = this.#open
    if (open === undefined || open.state === 'over') return
    if (open.state === 'committing' && this.#process.gotThrough()) return
    const { world } = this.#process
    open.state = 'lost'
    world.after(world.random.below(NOTICED_MS), () => this.#end(open))
  }
}

const NOTICED_MS = 3000

function connectionLost(): SluiceError {
  return new SluiceError('SLU3011', {
    message: 'expected an answer of the warehouse, found the connection lost',
  })
}

function copyOf(tables: MemoryTables): MemoryTables {
  return {
    leases: tables.leases,
    snapshots: new Map(
      [...tables.snapshots].map(([name, one]) => [
        name,
        { ...one, rows: new Map([...one.rows].map(([key, row]) => [key, { ...row }])) },
      ]),
    ),
    plans: tables.plans.map((one) => ({ ...one })),
    starts: tables.starts.map((one) => ({ ...one })),
    acks: tables.acks.map((one) => ({ ...one })),
    jobs: tables.jobs.map((one) => ({ ...one })),
    late: [...tables.late],
    receipts: tables.receipts.map((one) => ({ ...one })),
    syncRuns: [...tables.syncRuns],
  }
}
