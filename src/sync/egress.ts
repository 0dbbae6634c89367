import type { Batch, Connection } from '../connector/types.ts'

/** What left for a destination during one sync of a run, counted when it left: also what failed or was sent again. */
export interface Egress {
  /** Requests, also those without rows (who am I, a job's state) and redirects that were followed. */
  readonly requests: number
  /** Rows handed to the connector, each as often as it was. */
  readonly rows: number
  /** Of `rows`: those that this run had handed over before. */
  readonly repeatedRows: number
  /** Of request bodies, or appended to a file. */
  readonly bytes: number
  /** Entries of requests that the destination counted as invalid, without saying which. */
  readonly invalid: number
}

export const NOTHING_SENT: Egress = { requests: 0, rows: 0, repeatedRows: 0, bytes: 0, invalid: 0 }

/** Adds up an `Egress`. */
export class EgressMeter {
  #sent = NOTHING_SENT

  get sent(): Egress {
    return this.#sent
  }

  request(bytes: number): void {
    this.#sent = { ...this.#sent, requests: this.#sent.requests + 1, bytes: this.#sent.bytes + bytes }
  }

  /** What leaves by another way than a request. */
  written(bytes: number): void {
    this.#sent = { ...this.#sent, bytes: this.#sent.bytes + bytes }
  }

  /** What the destination did not take, of rows that it took. */
  invalid(entries: number): void {
    this.#sent = { ...this.#sent, invalid: this.#sent.invalid + entries }
  }

  /** The same connection; what it is given is counted. */
  around(connection: Connection): Connection {
    const { start, poll, fields, audienceStatus, erase, close } = connection
    return {
      ...(start && { start: (batch) => this.#counted(batch, () => start.call(connection, batch)) }),
      ...(poll && { poll: (jobId, batch) => poll.call(connection, jobId, batch) }),
      ...(fields && { fields: () => fields.call(connection) }),
      ...(audienceStatus && { audienceStatus: () => audienceStatus.call(connection) }),
      ...(erase && { erase: (keys) => erase.call(connection, keys) }),
      ...(close && { close: () => close.call(connection) }),
      account: () => connection.account(),
      write: (batch) => this.#counted(batch, () => connection.write(batch)),
    }
  }

  #counted<T>({ count, attempt = 1 }: Batch, send: () => Promise<T>): Promise<T> {
    const { rows, repeatedRows } = this.#sent
    this.#sent = {
      ...this.#sent,
      rows: rows + count,
      repeatedRows: repeatedRows + (attempt > 1 ? count : 0),
    }
    return send()
  }
}
