import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import { Client } from 'pg'
import { DestinationError } from '../../src/connector/errors.ts'
import type { GuardedSocket } from '../../src/connector/sockets.ts'
import type { ConnectorTools, Settings } from '../../src/connector/types.ts'
import { errorOf, keepsSession } from './errors.ts'
import type { Statement } from './statements.ts'

interface Session {
  readonly client: Client
  readonly guarded: GuardedSocket
}

type Row = Readonly<Record<string, unknown>>

/** Connections to one server, opened when one is needed: as many as there are statements at once. */
export class Sessions {
  readonly #settings: Settings
  readonly #tools: ConnectorTools
  readonly #timeoutMs: number
  readonly #free: Session[] = []
  #isClosed = false

  constructor(settings: Settings, tools: ConnectorTools) {
    this.#settings = settings
    this.#tools = tools
    this.#timeoutMs = Number(settings.timeout_seconds) * 1000
  }

  /**
   * One statement, which is applied whole or not at all. `wordsOf` takes values out of what the server says; without, it
   * has none. Throws a DestinationError.
   */
  async rows(
    { text, values }: Statement,
    wordsOf: (said: string) => string | undefined = (said) => said,
  ): Promise<readonly Row[]> {
    const session = this.#free.pop() ?? (await this.#open())
    try {
      session.guarded.leaving(values.reduce((sum, value) => sum + Buffer.byteLength(value), text.length))
      const { rows } = await session.client.query<Row>(text, [...values])
      await this.#giveBack(session)
      return rows
    } catch (error) {
      if (keepsSession(error)) await this.#giveBack(session)
      else session.guarded.socket.destroy()
      throw errorOf(error, { wordsOf, sent: true })
    }
  }

  /** Says goodbye to the server; statements that run end first. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#free.splice(0).map(ended))
  }

  async #giveBack(session: Session): Promise<void> {
    if (this.#isClosed) await ended(session)
    else this.#free.push(session)
  }

  async #open(): Promise<Session> {
    const { host, port, user, password, database, allow_private_network: allow } = this.#settings
    const ssl = tlsOf(this.#settings)
    const guarded = await this.#tools.openSocket({
      ...{ host: String(host), port: Number(port), encrypted: ssl !== false },
      ...{ allowPrivateNetwork: allow === true, timeoutMs: this.#timeoutMs },
    })
    const client = new Client({
      ...{ host: String(host), port: Number(port), user: String(user), database: String(database) },
      ...(password === undefined ? {} : { password: String(password) }),
      ssl,
      application_name: 'sluice',
      stream: () => connectedStream(guarded),
      connectionTimeoutMillis: this.#timeoutMs * LOGIN_SHARE,
      query_timeout: this.#timeoutMs * ANSWER_SHARE,
    })
    // A session that breaks while nobody asks is told of by the next statement.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(`set statement_timeout = ${Math.floor(this.#timeoutMs * STATEMENT_SHARE)}`)
      return { client, guarded }
    } catch (error) {
      guarded.socket.destroy()
      throw errorOf(error, { wordsOf: (said) => said, sent: false })
    }
  }
}

/** It may have broken meanwhile. */
async function ended({ client }: Session): Promise<void> {
  await client.end().catch(() => {})
}

/** Of the time that a statement may take: to log in, to be worked on, and until the answer is there. */
const LOGIN_SHARE = 0.25
const STATEMENT_SHARE = 0.5
const ANSWER_SHARE = 0.7

/** The driver connects what it is given; this one is connected already, to the address that was judged. */
function connectedStream({ socket }: GuardedSocket): GuardedSocket['socket'] {
  socket.connect = () => {
    setImmediate(() => socket.emit('connect'))
    return socket
  }
  return socket
}

/** Throws a DestinationError `stop` for a mode that is none. */
function tlsOf({ sslmode, ca, host }: Settings): ConnectionOptions | false {
  const own = ca === undefined ? {} : { ca: String(ca).replaceAll('\\n', '\n') }
  switch (sslmode) {
    case 'disable':
      return false
    case 'require':
      return { ...own, rejectUnauthorized: false }
    case 'verify-ca':
      return { ...own, rejectUnauthorized: true, checkServerIdentity: () => undefined }
    case 'verify-full':
      // An address has no name to send, and would else be checked as `localhost`.
      return {
        ...own,
        rejectUnauthorized: true,
        checkServerIdentity: (_, certificate) => checkServerIdentity(String(host), certificate),
      }
    default:
      throw new DestinationError('stop', {
        message: 'expected sslmode verify-full, verify-ca, require or disable, found another',
      })
  }
}
