import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Orders, Told } from './orders.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

/** An engine in a process of its own. */
export class EngineProcess {
  readonly journal: string
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  readonly #output: Promise<string>

  /** `tellBug` is told when it ends otherwise than by a kill or with 0. */
  constructor(orders: Orders, tellBug: (what: string) => void) {
    this.journal = orders.journal
    writeFileSync(this.journal, '')
    const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Most of a short life would go to compiling.
      env: { ...process.env, NODE_COMPILE_CACHE: join(orders.directory, 'compiled') },
    })
    this.#child = child
    this.#output = textOf(child.stdout)
    const errors = textOf(child.stderr)
    this.exited = new Promise<void>((resolve) => child.once('close', () => resolve())).then(async () => {
      if (child.signalCode !== 'SIGKILL' && child.exitCode !== 0)
        tellBug(`a process ended with ${child.exitCode ?? child.signalCode}: ${(await errors).slice(-2000)}`)
    })
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** Waits until it ends by itself; gives all that it said. */
  async end(): Promise<readonly Told[]> {
    await this.exited
    return (await this.#output)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Told)
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
