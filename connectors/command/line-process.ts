import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { DestinationError } from '../../src/connector/errors.ts'
import type { ConnectorTools } from '../../src/connector/types.ts'

type Clock = ConnectorTools['clock']

export interface Program {
  /** The program, then its arguments. */
  readonly command: readonly string[]
  readonly directory: string | undefined
  /** All that it sees of an environment. */
  readonly env: Readonly<Record<string, string>>
}

/** What it means for the request when the program does not answer. */
export interface IfBroken {
  readonly action: 'retry' | 'stop'
  /** It may have done its work. */
  readonly ambiguous: boolean
}

/** An answer is as long as the receipts of a batch; who writes more than this writes something else. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024

/** A program that is told to end by the end of its input has so long before it is killed. */
const LAST_WORDS_MS = 2000

/**
 * A running program that is asked by a line and answers by a line, one at a time. Whatever else happens ends it for good:
 * nobody could tell any more which answer belongs to which question.
 */
export class LineProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #clock: Clock
  readonly #parts: Buffer[] = []
  #bytes = 0
  #stderrLines = 0
  /** Why it answers no more. */
  #broken: string | undefined
  #waiting: { readonly take: (line: string) => void; readonly fail: () => void } | undefined
  readonly #closed: Promise<void>

  constructor({ command, directory, env }: Program, clock: Clock) {
    const [file = '', ...args] = command
    this.#clock = clock
    // A group of its own: an interrupted terminal must not kill it amid a batch, and what it started ends with it.
    this.#child = spawn(file, args, { cwd: directory, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    const { stdin, stdout, stderr } = this.#child
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#break(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`)
        resolve()
      })
      this.#child.once('error', (error) => {
        this.#break(`it cannot be started (${codeOf(error)})`)
        resolve()
      })
    })
    // Told by its end.
    stdin.on('error', () => {})
    stdout.on('data', (chunk: Buffer) => this.#take(chunk))
    stderr.on('data', (chunk: Buffer) => {
      this.#stderrLines += chunk.toString('latin1').split('\n').length - 1
    })
    this.#letGo()
  }

  get isOver(): boolean {
    return this.#broken !== undefined
  }

  /** Writes the parts and a line end, and gives the line that comes back. Throws a DestinationError and ends it. */
  async ask(parts: readonly string[], timeoutMs: number, ifBroken: IfBroken): Promise<string> {
    const answered = new AbortController()
    this.#hold()
    try {
      const answer = new Promise<string | undefined>((resolve) => {
        this.#waiting = { take: resolve, fail: () => resolve(undefined) }
      })
      if (this.#broken === undefined) this.#write(parts)
      else this.#waiting?.fail()
      void this.#clock.sleep(timeoutMs, answered.signal).then(() => {
        if (!answered.signal.aborted) this.kill(`it did not answer within ${timeoutMs / 1000} seconds`)
      })
      const line = await answer
      if (line !== undefined) return line
      throw this.error(ifBroken)
    } finally {
      answered.abort()
      this.#waiting = undefined
      this.#letGo()
    }
  }

  /** Why it is over, in words that hold nothing of what it wrote. */
  error({ action, ambiguous }: IfBroken): DestinationError {
    const lines = this.#stderrLines
    const more =
      lines === 0
        ? ''
        : `; it wrote ${lines} ${lines === 1 ? 'line' : 'lines'} to standard error, not shown since rows may be in them`
    const advice = action === 'stop' ? '; check the settings command and env' : ''
    return new DestinationError(action, {
      message: `expected the command to answer by a line, found that ${this.#broken ?? 'it does not'}${more}${advice}`,
      ambiguous,
    })
  }

  /** At once, with all that it started. */
  kill(why: string): void {
    this.#break(why)
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It is over already.
    }
  }

  /** Ends its input and waits until it is over; amid a question it is killed. */
  async end(): Promise<void> {
    if (this.#waiting !== undefined) this.kill('it was stopped')
    this.#child.stdin.end()
    const ended = new AbortController()
    const limit = this.#clock.sleep(LAST_WORDS_MS, ended.signal)
    await Promise.race([this.#closed, limit])
    ended.abort()
    this.kill('it was stopped')
  }

  #write(parts: readonly string[]): void {
    for (const part of parts) this.#child.stdin.write(oneLine(part))
    this.#child.stdin.write('\n')
  }

  #take(chunk: Buffer): void {
    if (this.#broken !== undefined) return
    const end = chunk.indexOf(LINE_END)
    this.#parts.push(end < 0 ? chunk : chunk.subarray(0, end))
    this.#bytes += chunk.length
    if (this.#bytes > LONGEST_LINE_BYTES)
      this.kill(`it wrote a line of more than ${LONGEST_LINE_BYTES} bytes`)
    if (end < 0 || this.isOver) return
    const line = Buffer.concat(this.#parts.splice(0)).toString()
    this.#bytes = 0
    const waiting = this.#waiting
    if (end < chunk.length - 1) this.kill('it wrote a line that it was not asked for')
    else if (waiting === undefined) this.kill('it wrote a line that it was not asked for')
    else waiting.take(line)
    this.#waiting = undefined
  }

  #break(why: string): void {
    this.#broken ??= why
    this.#waiting?.fail()
  }

  /** While it is asked, this process must wait for it; between questions it must not. */
  #hold(): void {
    this.#child.ref()
    for (const pipe of this.#pipes()) pipe.ref?.()
  }

  #letGo(): void {
    this.#child.unref()
    for (const pipe of this.#pipes()) pipe.unref?.()
  }

  #pipes(): readonly { ref?: () => void; unref?: () => void }[] {
    const { stdin, stdout, stderr } = this.#child
    return [stdin, stdout, stderr] as readonly { ref?: () => void; unref?: () => void }[]
  }
}

const LINE_END = 10

/**
 * Between tokens JSON may hold line ends; inside strings those are escaped. What some languages take for line ends too
 * stands in strings only.
 */
function oneLine(json: string): string {
  return json
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.name
}
