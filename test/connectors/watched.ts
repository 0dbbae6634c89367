import type { Batch, Connection, ConnectorEntry, JobAnswer, JobBatch } from '../../src/connector/types.ts'

/** What the engine hands to a connector, seen on its way; nothing of it is changed. */
export interface Watch {
  /** Each batch that was handed over, repeats too. */
  readonly batches: Batch[]
  readonly polls: string[]
  /** The last connection can say which fields there are. */
  tellsFields: boolean
  /** Waited for before a batch is handed over; what it throws, the connection throws. */
  before: (batch: Batch, index: number) => void | Promise<void>
  beforePoll: (jobId: string) => void | Promise<void>
}

export function watched(entry: ConnectorEntry): { readonly entry: ConnectorEntry; readonly watch: Watch } {
  const watch: Watch = { batches: [], polls: [], tellsFields: false, before: () => {}, beforePoll: () => {} }
  const load: ConnectorEntry['load'] = async () => {
    const { manifest, connect } = await entry.load()
    return {
      manifest,
      connect: (settings, tools, use) => watchedConnection(connect(settings, tools, use), watch),
    }
  }
  return { entry: { ...entry, load }, watch }
}

function watchedConnection(connection: Connection, watch: Watch): Connection {
  const seen = async (batch: Batch) => {
    watch.batches.push(batch)
    await watch.before(batch, watch.batches.length - 1)
  }
  const { start, poll, fields, erase, close } = connection
  watch.tellsFields = fields !== undefined
  return {
    account: () => connection.account(),
    write: async (batch) => {
      await seen(batch)
      return connection.write(batch)
    },
    ...(start === undefined ? {} : { start: startSeen }),
    ...(poll === undefined ? {} : { poll: pollSeen }),
    ...(fields === undefined ? {} : { fields: () => fields.call(connection) }),
    ...(close === undefined ? {} : { close: () => close.call(connection) }),
    ...(erase === undefined ? {} : { erase: (keys) => erase.call(connection, keys) }),
  }

  async function startSeen(batch: Batch) {
    await seen(batch)
    if (start === undefined) throw new TypeError('expected a connection that starts jobs')
    return start.call(connection, batch)
  }

  async function pollSeen(jobId: string, batch: JobBatch): Promise<JobAnswer> {
    watch.polls.push(jobId)
    await watch.beforePoll(jobId)
    if (poll === undefined) throw new TypeError('expected a connection that polls jobs')
    return poll.call(connection, jobId, batch)
  }
}
