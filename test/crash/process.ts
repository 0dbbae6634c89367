import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../support/child.ts'
import { gapFile, type Orders, type Told } from './orders.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

/** An engine in a process of its own. */
export class EngineProcess {
  readonly journal: string
  readonly exited: Promise<void>
  readonly #child: Child

  /** `tellBug` is told when it ends otherwise than by a kill or, having done its task, with 0. */
  constructor(orders: Orders, tellBug: (what: string) => void) {
    this.journal = orders.journal
    writeFileSync(this.journal, '')
    // Most of a short life would go to compiling.
    this.#child = startChild(CHILD, orders, { NODE_COMPILE_CACHE: join(orders.directory, 'compiled') })
    this.exited = this.#child.ended.then(({ by, errors }) => {
      if (by === 'SIGKILL' || (by === 0 && orders.task !== 'work')) return
      tellBug(`${orders.name} (${orders.task}) ended with ${by}: ${errors.slice(-2000)}`)
    })
  }

  get isOver(): boolean {
    return this.#child.isOver
  }

  /** It stops itself before the bytes of its next request go out. */
  stopInTheGap(): void {
    writeFileSync(gapFile(this.journal), '')
  }

  get stoodInTheGap(): boolean {
    return !existsSync(gapFile(this.journal))
  }

  doNotStop(): void {
    rmSync(gapFile(this.journal), { force: true })
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.signal(name)
  }

  /** Waits until it ends by itself; gives all that it said. */
  async end(): Promise<readonly Told[]> {
    const { output } = await this.#child.endedWithin(LONGEST_TASK_MS)
    await this.exited
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Told)
  }
}

/** A lease may have to run out first, and each of some hundred requests may be tried again; else it takes seconds. */
const LONGEST_TASK_MS = 90_000
