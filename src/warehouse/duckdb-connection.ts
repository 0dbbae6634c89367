import type { DuckDBConnection } from '@duckdb/node-api'
import { SluiceError } from '../base/errors.ts'

/**
 * A connection, and the calls into DuckDB that run on it. One that is closed meanwhile takes the process with it, or
 * leaves the file open behind our back: then the next instance of this process writes what nobody ever reads.
 */
export class OpenConnection {
  readonly duckdb: DuckDBConnection
  readonly #running = new Set<Promise<unknown>>()
  #ended = false

  constructor(connection: DuckDBConnection) {
    this.duckdb = connection
  }

  /** Every use of the connection. Throws SLU3011 when it was ended. */
  async call<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#ended)
      throw new SluiceError('SLU3011', {
        message: 'expected the DuckDB file to be open, found that it was closed meanwhile',
      })
    const running = use(this.duckdb)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Lets nothing begin any more, and ends what runs: nobody waits for it. */
  async end(): Promise<void> {
    this.#ended = true
    while (this.#running.size > 0) {
      // What is between two of its steps does not hear it.
      this.duckdb.interrupt()
      await Promise.race([Promise.allSettled(this.#running), pause()])
    }
  }
}

const INTERRUPT_AGAIN_MS = 20

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, INTERRUPT_AGAIN_MS))
}
