import type { DatabricksEngine, EngineResult, EngineStatement } from './databricks-engine.ts'
import type { DatabricksFailure } from './databricks-failures.ts'

export interface Answer {
  readonly status: number
  readonly body: object | string
}

/** What is read of a request. */
export interface StatementBody {
  readonly statement: string
  readonly warehouse_id: string
  readonly wait_timeout?: string
  readonly disposition?: 'INLINE' | 'EXTERNAL_LINKS'
  readonly row_limit?: number
  readonly query_tags?: readonly { readonly key: string; readonly value: string }[]
}

interface Known {
  readonly id: string
  readonly body: StatementBody
  readonly running: EngineStatement
  result: EngineResult | DatabricksFailure | undefined
  /** How often its state was asked: it is PENDING at first. */
  asked: number
}

/** The statements of the SQL warehouse: submitted, asked for, cancelled, and their results in chunks. */
export class FakeStatements {
  readonly known = new Map<string, Known>()
  /** Links to storage are taken this often; then they are as if they had ended. */
  linkUses = Number.POSITIVE_INFINITY
  /** What a link says of its end, from now. */
  linkLifeMs = 900_000
  /** How long a submission waits for the result, whatever it asks for; undefined: as long as it asks. */
  waitMs: number | undefined
  readonly #engine: DatabricksEngine
  readonly #chunkRows: number
  readonly #host: string
  readonly #uses = new Map<string, number>()

  constructor(engine: DatabricksEngine, chunkRows: number, host: string) {
    this.#engine = engine
    this.#chunkRows = chunkRows
    this.#host = host
  }

  async submit(body: StatementBody): Promise<Answer> {
    const id = `01ef-${String(this.known.size + 1).padStart(8, '0')}`
    const running = this.#engine.run(body.statement)
    const one: Known = { id, body, running, result: undefined, asked: 0 }
    this.known.set(id, one)
    const ended = running.done.then((result) => {
      one.result = result
    })
    const waitMs = this.waitMs ?? Number.parseInt(body.wait_timeout ?? '10s', 10) * 1000
    await Promise.race([ended, pause(waitMs)])
    return this.status(id)
  }

  status(id: string): Answer {
    const one = this.known.get(id)
    if (one === undefined) return notFound(id)
    const { result } = one
    one.asked += 1
    if (result === undefined)
      return {
        status: 200,
        body: { statement_id: id, status: { state: one.asked === 1 ? 'PENDING' : 'RUNNING' } },
      }
    if ('state' in result) {
      const { state, error, sql_state } = result
      return { status: 200, body: { statement_id: id, status: { state, error, sql_state } } }
    }
    return { status: 200, body: this.#succeeded(one, result) }
  }

  chunk(id: string, index: number): Answer {
    const one = this.known.get(id)
    if (one?.result === undefined || 'state' in one.result) return notFound(id)
    return { status: 200, body: this.#chunkOf(one, one.result, index) }
  }

  cancel(id: string): Answer {
    const one = this.known.get(id)
    if (one === undefined) return notFound(id)
    if (one.result === undefined) one.running.stop()
    return { status: 200, body: {} }
  }

  /** A presigned link is a right by itself; a log-in beside it is refused, as clouds do. */
  stored(name: string, authorization: string | undefined): Answer {
    if (authorization !== undefined) return { status: 400, body: 'two ways of authentication' }
    const uses = (this.#uses.get(name) ?? 0) + 1
    this.#uses.set(name, uses)
    if (uses > this.linkUses) return { status: 403, body: 'the link has ended' }
    const [, id = '', index = ''] = /^GET \/storage\/([^/]+)\/(\d+)/.exec(name) ?? []
    const one = this.known.get(id)
    if (one?.result === undefined || 'state' in one.result) return { status: 404, body: 'none' }
    return { status: 200, body: JSON.stringify(this.#rowsOf(one, one.result, Number(index))) }
  }

  async settled(): Promise<void> {
    for (const one of this.known.values()) {
      if (one.result === undefined) one.running.stop()
      await one.running.done
    }
  }

  #succeeded(one: Known, result: EngineResult): object {
    const total = limited(one, result).length
    return {
      statement_id: one.id,
      status: { state: 'SUCCEEDED' },
      manifest: {
        format: 'JSON_ARRAY',
        schema: {
          column_count: result.columns.length,
          columns: result.columns.map((column, position) => ({ ...column, position })),
        },
        total_chunk_count: Math.ceil(total / this.#chunkRows),
        total_row_count: total,
        truncated: total < result.rows.length,
      },
      result: total === 0 ? {} : this.#chunkOf(one, result, 0),
    }
  }

  #chunkOf(one: Known, result: EngineResult, index: number): object {
    const rows = this.#rowsOf(one, result, index)
    const isLast = (index + 1) * this.#chunkRows >= limited(one, result).length
    const link = `/api/2.0/sql/statements/${one.id}/result/chunks/${index + 1}?row_offset=${(index + 1) * this.#chunkRows}`
    const next = isLast ? {} : { next_chunk_index: index + 1, next_chunk_internal_link: link }
    const place = { chunk_index: index, row_offset: index * this.#chunkRows, row_count: rows.length }
    if (one.body.disposition !== 'EXTERNAL_LINKS') return { ...place, data_array: rows, ...next }
    const external_link = `${this.#host}/storage/${one.id}/${index}?signature=${this.#signature()}`
    const expiration = new Date(Date.now() + this.linkLifeMs).toISOString()
    return { external_links: [{ external_link, expiration, ...place, ...next }] }
  }

  #signed = 0

  #signature(): string {
    this.#signed += 1
    return String(this.#signed)
  }

  #rowsOf(one: Known, result: EngineResult, index: number) {
    return limited(one, result).slice(index * this.#chunkRows, (index + 1) * this.#chunkRows)
  }
}

function limited({ body }: Known, { rows }: EngineResult) {
  return body.row_limit === undefined ? rows : rows.slice(0, body.row_limit)
}

function notFound(id: string): Answer {
  return { status: 404, body: { error_code: 'NOT_FOUND', message: `Statement ${id} does not exist` } }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
