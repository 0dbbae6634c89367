import { join } from 'node:path'
import type { Random } from '../support/random.ts'
import { type Entry, readJournal } from './journal.ts'
import { fillModel } from './model.ts'
import type { Oracle } from './oracle.ts'
import { type Engine, LEASE_SECONDS, type Orders, projectYaml, type Told } from './orders.ts'
import { EngineProcess } from './process.ts'

export interface CrashOrder {
  readonly engine: Engine
  /** Of the target: an empty database. */
  readonly settings: ReadonlyMap<string, string | number>
  /** For the journals, and DuckDB's file. */
  readonly directory: string
  readonly seed: number
  readonly kills: number
  readonly pauses: number
  /** The control: each process forgets the plan that it finds, and what was sent of it, so it compares again. */
  readonly forgets?: boolean
}

/** Engines in processes of their own, one model, one destination, and what is done to the processes. */
export class World {
  readonly order: CrashOrder
  readonly oracle: Oracle
  readonly counts = { kills: 0, killsWhileSending: 0, pauses: 0, pausesInTheGap: 0, takenOverInPause: 0 }
  /** What is our bug whatever the rows say. */
  readonly told: string[] = []
  readonly #random: Random
  readonly #all: EngineProcess[] = []
  /** Waits for requests, in a row, in which too few came. */
  #silences = 0

  constructor(order: CrashOrder, random: Random, oracle: Oracle) {
    this.order = order
    this.oracle = oracle
    this.#random = random
  }

  journals(): readonly (readonly Entry[])[] {
    return this.#all.map(({ journal }) => readJournal(journal))
  }

  /** One process alone, before a destination that only refuses poison. */
  async quiet(task: 'fill' | 'finish'): Promise<Told> {
    this.oracle.hostile = false
    const told = await this.#start(task).end()
    this.oracle.hostile = true
    const last = told.at(-1)
    if (last === undefined) throw new Error(`the process that should ${task} said nothing: ${this.told}`)
    // Without a first run there is nothing to disturb.
    const { status, code, error } = last.synced
    if (task === 'fill' && status !== 'done')
      throw new Error(`expected the first run, in peace, to be done, found ${status}: ${code} ${error}`)
    return last
  }

  /** Kills and pauses in an order that the seed says, until all were. What runs then is killed too. */
  async disturb(): Promise<void> {
    const { kills, pauses } = this.order
    const events = this.#random.shuffled([
      ...Array.from({ length: kills }, () => 'kill' as const),
      ...Array.from({ length: pauses }, () => 'pause' as const),
    ])
    for (const event of events) {
      // What follows would show nothing more, and take long.
      if (this.told.length > 0) break
      this.#startSome()
      if (event === 'kill') await this.#kill()
      else await this.#pause()
      if (this.#silences > MOST_SILENCES)
        this.told.push(`no request came in ${this.#silences} waits of ${LONGEST_WAIT_MS / 1000} s in a row`)
    }
    await this.end()
  }

  async end(): Promise<void> {
    for (const one of this.#living()) one.signal('SIGKILL')
    await Promise.all(this.#all.map(({ exited }) => exited))
  }

  #living(): readonly EngineProcess[] {
    return this.#all.filter(({ isOver }) => !isOver)
  }

  /** Where two can have the warehouse open there are often rivals from the start. */
  #startSome(): void {
    if (this.#living().length > 0) return
    this.#start('work')
    if (this.order.engine !== 'duckdb' && this.#random.chance(35)) this.#start('work')
  }

  #start(task: Orders['task']): EngineProcess {
    const { engine, settings, directory, forgets } = this.order
    const name = `p${this.#all.length}`
    const forget = ['plans', 'starts', 'acks'].map((table) => `delete from sluice.${table}`)
    const one = new EngineProcess(
      {
        ...{ engine, settings: [...settings], directory, name, task },
        yaml: projectYaml(this.oracle.url),
        seed: this.#random.below(1_000_000),
        journal: join(directory, `${name}.jsonl`),
        sql: task === 'fill' ? fillModel() : forgets === true ? forget : [],
      },
      (what) => this.told.push(what),
    )
    this.#all.push(one)
    return one
  }

  async #kill(): Promise<void> {
    const killed = await this.#atSomeMoment(() => {
      const victim = this.#random.chance(75) ? this.#holder() : this.#anyone()
      victim?.signal('SIGKILL')
      return victim
    })
    if (killed === undefined) return
    await killed.exited
    this.counts.kills += 1
    if (isSending(readJournal(killed.journal))) this.counts.killsWhileSending += 1
  }

  /** For longer than the lease lasts. Where a rival can, it takes the lease, and is at work when the other wakes. */
  async #pause(): Promise<void> {
    const isInTheGap = this.#random.chance(GAP_PERCENT)
    const paused = isInTheGap ? await this.#inTheGap() : await this.#stopped()
    if (paused === undefined) return
    if (isInTheGap) this.counts.pausesInTheGap += 1
    this.counts.pauses += 1
    if (this.order.engine === 'duckdb') await sleep(LEASE_MS + this.#random.below(1000))
    else {
      const rivals = this.#living().filter((one) => one !== paused)
      if (rivals.length === 0) rivals.push(this.#start('work'))
      if (await this.#takenBy(rivals)) this.counts.takenOverInPause += 1
      await sleep(this.#random.below(isInTheGap ? LONG_ENOUGH_TO_PLAN_MS : 300))
    }
    const ends = endsIn(paused.journal)
    paused.signal('SIGCONT')
    if (isInTheGap) await within(LONGEST_WAIT_MS, () => paused.isOver || endsIn(paused.journal) > ends)
    await sleep(this.#random.below(800))
  }

  #stopped(): Promise<EngineProcess | undefined> {
    return this.#atSomeMoment(() => {
      const victim = this.#holder()
      victim?.signal('SIGSTOP')
      return victim
    })
  }

  /** Where a pause of any other moment seldom falls: it stops itself. */
  async #inTheGap(): Promise<EngineProcess | undefined> {
    const victim = this.#holder()
    if (victim === undefined) return undefined
    victim.stopInTheGap()
    await within(LONGEST_WAIT_MS, () => victim.isOver || victim.stoodInTheGap)
    if (victim.stoodInTheGap) return victim
    victim.doNotStop()
    return undefined
  }

  /** Whoever asked the destination last, of those that live; undefined: all ended by themselves, which is a bug. */
  #holder(): EngineProcess | undefined {
    const asked = (one: EngineProcess) =>
      readJournal(one.journal).findLast(({ kind }) => kind === 'asked')?.atMs ?? 0
    const [first, ...others] = this.#living()
    return others.reduce((a, b) => (a !== undefined && asked(b) <= asked(a) ? a : b), first)
  }

  #anyone(): EngineProcess | undefined {
    const living = this.#living()
    return living.length === 0 ? undefined : this.#random.pick(living)
  }

  /** Acts as soon as it is time: between two requests of a run, or whenever. */
  #atSomeMoment<T>(act: () => T): Promise<T> {
    const random = this.#random
    const byRequest = random.chance(70)
    let left = 1 + random.below(30)
    const when = random.pick(['before', 'after'])
    const afterMs = byRequest ? LONGEST_WAIT_MS : random.below(1500)
    return new Promise((resolve, reject) => {
      const now = (isSilence: boolean): void => {
        clearTimeout(timer)
        this.#silences = isSilence ? this.#silences + 1 : 0
        this.oracle.watch = () => {}
        try {
          resolve(act())
        } catch (error) {
          reject(error)
        }
      }
      const timer = setTimeout(() => now(byRequest), afterMs)
      if (!byRequest) return
      this.oracle.watch = (at) => {
        if (at !== when) return
        left -= 1
        if (left === 0) now(false)
      }
    })
  }

  /** Whether one of them takes the lease while the others wait for it. */
  async #takenBy(rivals: readonly EngineProcess[]): Promise<boolean> {
    const since = rivals.map(({ journal }) => tokensIn(journal))
    for (let waited = 0; waited < LEASE_MS + TAKE_OVER_MS; waited += 50) {
      if (rivals.some(({ journal }, at) => tokensIn(journal) > (since[at] ?? 0))) return true
      await sleep(50)
    }
    return false
  }
}

/** Of the pauses. */
const GAP_PERCENT = 40
/** What stands in the gap says something old when it goes on. */
const LONG_ENOUGH_TO_PLAN_MS = 2500

const LEASE_MS = LEASE_SECONDS * 1000
/** A rival looks every second; a process needs about that long to start. */
const TAKE_OVER_MS = 4000
/** Runs follow each other at once, after a kill when the lease is over. */
const LONGEST_WAIT_MS = 10_000
/** Retries and a lease that runs out may take one such wait, on a slow machine two. */
const MOST_SILENCES = 3

function tokensIn(journal: string): number {
  return readJournal(journal).filter(({ kind }) => kind === 'took').length
}

/** Something was handed over since its last run ended. */
function isSending(journal: readonly Entry[]): boolean {
  const last = journal.findLastIndex(({ kind }) => kind === 'synced')
  return journal.slice(last + 1).some(({ kind }) => kind === 'asked')
}

function endsIn(journal: string): number {
  return readJournal(journal).filter(({ kind }) => kind === 'synced').length
}

async function within(ms: number, isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < ms && !isSo(); waited += 20) await sleep(20)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
