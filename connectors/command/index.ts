import { isAbsolute, join } from 'node:path'
import { DestinationError } from '../../src/connector/errors.ts'
import type {
  Batch,
  Connection,
  Connector,
  ConnectorTools,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import { LineProcess, type Program } from './line-process.ts'
import { COMMAND_MANIFEST } from './manifest.ts'
import { accountIn, DESCRIBE, receiptsIn, writeLine } from './protocol.ts'

export const connector: Connector = { manifest: COMMAND_MANIFEST, connect }

function connect(settings: Settings, tools: ConnectorTools): Connection {
  const command = new Command(settings, tools)
  return {
    account: () => command.account(),
    write: (batch) => command.write(batch),
    close: () => command.close(),
  }
}

interface Running {
  readonly process: LineProcess
  readonly account: string
}

/** Started when it is first needed, and again when it broke; asked one question after the other. */
class Command {
  readonly #program: Program
  readonly #tools: ConnectorTools
  readonly #timeoutMs: number
  #running: Running | undefined
  #last: Promise<unknown> = Promise.resolve()
  /** What it said first: one that is started again must be the same. */
  #account: string | undefined
  #isClosed = false

  constructor(settings: Settings, tools: ConnectorTools) {
    const { directory } = tools
    const env = (settings.env ?? {}) as Readonly<Record<string, string>>
    this.#program = { command: commandOf(settings.command as readonly string[], directory), directory, env }
    this.#timeoutMs = Number(settings.timeout_seconds) * 1000
    this.#tools = tools
    // No request is made: this tells how long an answer may take, which leases must outlast.
    tools.http({ timeoutMs: this.#timeoutMs })
  }

  account(): Promise<string> {
    return this.#inTurn(async () => (await this.#started()).account)
  }

  async write(batch: Batch): Promise<readonly Receipt[]> {
    if (batch.count === 0) return []
    return this.#inTurn(async () => {
      const { process } = await this.#started()
      const parts = writeLine(batch)
      this.#tools.onWritten?.(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 1))
      const line = await process.ask(parts, this.#timeoutMs, { action: 'retry', ambiguous: true })
      return receiptsIn(line, batch)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running?.process.end()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #started(): Promise<Running> {
    if (this.#running?.process.isOver === false) return this.#running
    if (this.#isClosed)
      throw new DestinationError('retry', { message: 'expected the command to be open, found it closed' })
    const process = new LineProcess(this.#program, this.#tools.clock)
    const ifBroken = { action: 'stop', ambiguous: false } as const
    try {
      const account = accountIn(await process.ask([DESCRIBE], this.#timeoutMs, ifBroken))
      this.#account ??= account
      if (account !== this.#account)
        throw new DestinationError('stop', {
          message: 'expected the command to name the account that it named before, found another',
        })
      this.#running = { process, account }
      return this.#running
    } catch (error) {
      process.kill('it could not be described')
      throw error
    }
  }
}

/** A program that is named without a slash is looked for as a shell would. */
function commandOf([program = '', ...args]: readonly string[], directory: string | undefined) {
  if (program === '')
    throw new DestinationError('stop', {
      message: 'expected a program in the setting command, found an empty list',
    })
  const isPath = program.includes('/') && !isAbsolute(program) && directory !== undefined
  return [isPath ? join(directory, program) : program, ...args]
}
