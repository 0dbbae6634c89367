import { type ChildProcess, spawn } from 'node:child_process'
import { endsWithUs } from './living.ts'

/** How a process ended, and what it said. */
export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly by: number | NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** A process that runs a file of the tests. It never outlives this one. */
export interface Child {
  readonly isOver: boolean
  readonly ended: Promise<Ended>
  signal(name: NodeJS.Signals): void
  /** The same as `ended`; one that takes longer is killed, and that is an error. */
  endedWithin(ms: number): Promise<Ended>
}

/** `file` should call `endWithParent`. Takes its orders as JSON in the first argument. */
export function startChild(
  file: string,
  orders: object,
  environment: Readonly<Record<string, string>> = {},
): Child {
  const child = endsWithUs(
    spawn(process.execPath, [file, JSON.stringify(orders)], {
      // Its input ends when this process does, whatever ends it.
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    }),
  )
  const ended = endOf(child)
  return {
    get isOver() {
      return child.exitCode !== null || child.signalCode !== null
    },
    ended,
    signal: (name) => void child.kill(name),
    endedWithin: async (ms) => {
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        child.kill('SIGKILL')
      }, ms)
      const end = await ended
      clearTimeout(timer)
      if (!isLate) return end
      throw new Error(
        `expected ${file} to end within ${ms / 1000} s, found that it had to be killed: ${end.errors.slice(-2000)}`,
      )
    },
  }
}

/** For the child's side: a process whose parent is gone is of no use to anybody. */
export function endWithParent(): void {
  process.stdin
    .on('close', () => process.exit(1))
    .resume()
    .unref()
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const closed = new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve())
    child.once('error', reject)
  })
  const [output, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr), closed])
  return { by: child.signalCode ?? child.exitCode, output, errors }
}

async function textOf(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream ?? []) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}
