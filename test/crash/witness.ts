import { channel } from 'node:diagnostics_channel'
import { existsSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { DestinationError } from '../../src/connector/errors.ts'
import type { Batch, Connection, Connector, ConnectorEntry, Receipt } from '../../src/connector/types.ts'
import type { Statement, Warehouse } from '../../src/warehouse/warehouse.ts'
import type { Entry } from './journal.ts'
import { monotonicMs } from './oracle.ts'

type Write = (entry: Entry) => void

/** Who holds the sync's lease, as a connection knows it: one connection is opened a run, before the lease is taken. */
interface Holder {
  token: number
}

/** Notes, from outside of the engine, what it does to the ledger and to the destination. */
export class Witness {
  readonly #write: Write
  readonly #lease: string
  #holder: Holder = { token: 0 }
  #asked = 0
  /** By idempotency key: the holder that sends under it. */
  readonly #senders = new Map<string, Holder>()

  constructor(write: Write, sync: string, gap: string) {
    this.#write = write
    this.#lease = `sync:${sync}`
    // Told right before the bytes go out, in the same turn of the event loop.
    channel('undici:client:sendHeaders').subscribe((message) => {
      const { headers, socket } = message as { readonly headers: string; readonly socket: Socket }
      const key = /idempotency-key: (\w+)/i.exec(headers)?.[1] ?? ''
      const token = this.#senders.get(key)?.token ?? 0
      write({ kind: 'sent', atMs: monotonicMs(), token, port: socket.localPort ?? 0 })
      if (token === 0 || !existsSync(gap)) return
      rmSync(gap)
      process.kill(process.pid, 'SIGSTOP')
    })
  }

  warehouse(inner: Warehouse): Warehouse {
    let flushes = false
    return {
      ...inner,
      execute: async (statement) => {
        if (statement.step === 'ledger.acknowledge') flushes = true
        return inner.execute(statement)
      },
      read: async (statement) => {
        const rows = await inner.read(statement)
        if (this.#isOurToken(statement)) this.#took(Number(rows[0]?.token ?? 0))
        return rows
      },
      transaction: async (work) => {
        flushes = false
        const result = await inner.transaction(work)
        if (flushes) this.#write({ kind: 'flushed', atMs: monotonicMs() })
        return result
      },
    }
  }

  entry(inner: ConnectorEntry): ConnectorEntry {
    return { ...inner, load: async () => this.#connector(await inner.load()) }
  }

  #isOurToken({ step, parameters }: Statement): boolean {
    return step === 'ledger.read_token' && parameters?.includes(this.#lease) === true
  }

  #took(token: number): void {
    if (token === 0) return
    this.#holder.token = token
    this.#write({ kind: 'took', atMs: monotonicMs(), token })
  }

  #connector(inner: Connector): Connector {
    return {
      ...inner,
      connect: (settings, tools, use) => {
        const holder = { token: 0 }
        this.#holder = holder
        const connection = inner.connect(settings, tools, use)
        return { ...connection, write: (batch) => this.#writeBatch(connection, holder, batch) }
      },
    }
  }

  async #writeBatch(connection: Connection, holder: Holder, batch: Batch): Promise<readonly Receipt[]> {
    this.#asked += 1
    const n = this.#asked
    const ids = batch.changes().map(({ key }) => String(key.id))
    this.#senders.set(batch.idempotencyKey, holder)
    this.#write({ kind: 'asked', atMs: monotonicMs(), n, token: holder.token, runId: batch.runId, ids })
    try {
      const receipts = await connection.write(batch)
      this.#told(n, ids, (at) => receipts[at]?.status)
      return receipts
    } catch (error) {
      // A row that was refused alone.
      if (error instanceof DestinationError && error.action === 'split' && ids.length === 1)
        this.#told(n, ids, () => 'rejected')
      throw error
    }
  }

  #told(n: number, ids: readonly string[], statusOf: (at: number) => Receipt['status'] | undefined): void {
    const applied = ids.filter((_, at) => statusOf(at) === 'applied')
    const refused = ids.filter((_, at) => statusOf(at) === 'rejected')
    this.#write({ kind: 'told', atMs: monotonicMs(), n, applied, refused })
  }
}
