import type { OpenRequest } from './open-request.ts'
import { type Connected, connect } from './postgres-connect.ts'
import { streamed } from './postgres-cursor.ts'
import { statementsOn, tryingAgain } from './postgres-statements.ts'
import { typeName } from './postgres-types.ts'
import { nestedTransaction, tooManyRows } from './problem.ts'
import type { ServerProfile } from './server-profile.ts'
import { createTurns } from './turns.ts'
import { READ_LIMIT, type Statement, type Warehouse } from './warehouse.ts'

/** A warehouse in one database of a server that speaks PostgreSQL's protocol; a session is a connection. */
export async function openServer(profile: ServerProfile, request: OpenRequest): Promise<Warehouse> {
  return session(profile, await connect(profile, request), request)
}

function session(profile: ServerProfile, connected: Connected, request: OpenRequest): Warehouse {
  const { client } = connected
  const others = new Set<Warehouse>()
  const turns = createTurns()
  let inTransaction = false
  let closed = false

  const query = statementsOn(client, profile, request)
  const alone = tryingAgain(query, profile, request)
  const run = (statement: Statement) =>
    turns.take(statement.step, () => (inTransaction ? query : alone)(statement))

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    if (inTransaction) throw nestedTransaction()
    inTransaction = true
    try {
      await run({ step: 'transaction', sql: profile.begin })
      const result = await work()
      await run({ step: 'transaction', sql: 'commit' })
      return result
    } catch (error) {
      // a connection that was lost has rolled back by itself
      await run({ step: 'transaction', sql: 'rollback' }).catch(() => {})
      throw error
    } finally {
      inTransaction = false
    }
  }

  return {
    dialect: profile.dialect,
    exclusive: false,
    version: async () => profile.versionOf(connected.identity),
    execute: async (statement) => (await run(statement)).rowCount ?? 0,
    read: async (statement) => {
      const { rows } = await run(statement)
      if (rows.length > READ_LIMIT) throw tooManyRows(statement.step, READ_LIMIT)
      return rows
    },
    stream: (statement) =>
      streamed({ profile, turns, run: query, inTransaction: () => inTransaction }, statement),
    describe: async (select) => {
      const { fields } = await run({
        ...select,
        sql: `select * from (${select.sql}\n) as described limit 0`,
      })
      return fields.map(({ name, dataTypeID }) => ({
        name,
        type: profile.dialect.columnType(typeName(dataTypeID)),
      }))
    },
    transaction,
    openSession: async () => {
      const another = session(profile, await connect(profile, request), request)
      others.add(another)
      return another
    },
    cancel: () => cancelOf(profile, connected, request),
    close: async () => {
      if (closed) return
      closed = true
      for (const other of others) await other.close()
      await client.end().catch(() => {})
    },
  }
}

/** The server stops a statement of another connection only, so this takes one for a moment. */
async function cancelOf(
  profile: ServerProfile,
  { identity }: Connected,
  request: OpenRequest,
): Promise<void> {
  const other = await connect(profile, request)
  try {
    await other.client.query(`select pg_cancel_backend(${Math.trunc(identity.pid)})`)
  } finally {
    await other.client.end()
  }
}
