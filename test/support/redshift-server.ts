import { type AddressInfo, connect as connectTcp, createServer, type Server, type Socket } from 'node:net'
import { after } from 'node:test'
import { TLSSocket } from 'node:tls'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { ServerIdentity } from './certificates.ts'
import { freshPostgres, postgresServer } from './postgres.ts'
import { REDSHIFT_FUNCTIONS } from './redshift-functions.ts'
import { postgresText } from './redshift-text.ts'
import { type Translate, translated } from './wire.ts'

/**
 * PostgreSQL under the rules of Redshift that its dialect and session count on, behind its protocol: a backslash escapes
 * in texts, the functions that Redshift has otherwise, or alone, do here what its manual says, transactions see one
 * snapshot and conflict in its words, no key is enforced, and what it refuses is refused. It proves what the text means
 * by these rules, and nothing of the rules themselves.
 */
export async function freshRedshift(): Promise<ReadonlyMap<string, string | number>> {
  const [settings, port] = await Promise.all([freshDatabase(), redshiftPort()])
  return new Map<string, string | number>([...settings, ['port', port], ['sslmode', 'disable']])
}

/** Another door to the same databases, which encrypts as this server would. Closed after the test. */
export async function encryptedPort(
  identity: ServerIdentity,
): Promise<{ readonly port: number; close(): void }> {
  const { port: postgres } = await postgresServer()
  const server = await listening(postgres, identity)
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

let opened: Promise<Server> | undefined

async function redshiftPort(): Promise<number> {
  opened ??= postgresServer().then(({ port }) => listening(port))
  return ((await opened).address() as AddressInfo).port
}

after(async () => (await opened)?.close())

/** One whose texts compare by bytes without being told so, and whose letters are Unicode's. */
async function freshDatabase(): Promise<ReadonlyMap<string, string | number>> {
  template ??= redshiftTemplate()
  const { settings, name: copied } = await template
  databases += 1
  const name = `redshift_${databases}`
  await executed(settings, [
    `create database ${name} template ${copied}`,
    ...Object.entries(SETTINGS).map(([key, value]) => `alter database ${name} set ${key} = ${value}`),
  ])
  return new Map([...settings, ['database', name] as const])
}

let template: ReturnType<typeof redshiftTemplate> | undefined
let databases = 0

async function redshiftTemplate() {
  const settings = await freshPostgres()
  const name = `${settings.get('database')}_redshift`
  await executed(settings, [
    `create database ${name} template template0 locale_provider builtin builtin_locale 'C.UTF-8'`,
  ])
  await executed(new Map([...settings, ['database', name] as const]), [
    'set search_path = public, redshift, pg_catalog',
    'set standard_conforming_strings = off; set escape_string_warning = off',
    REDSHIFT_FUNCTIONS,
  ])
  return { settings, name }
}

const SETTINGS = {
  search_path: 'public, redshift, pg_catalog',
  standard_conforming_strings: 'off',
  escape_string_warning: 'off',
  // As the snapshot isolation that databases of Redshift have since 2024 unless made otherwise.
  default_transaction_isolation: `'repeatable read'`,
}

async function executed(
  settings: ReadonlyMap<string, string | number>,
  statements: readonly string[],
): Promise<void> {
  const warehouse = await openWarehouse({ type: 'postgres', directory: '.', settings, runId: 'prepare' })
  for (const sql of statements) await warehouse.execute({ step: 'prepare', sql })
  await warehouse.close()
}

function listening(postgres: number, identity?: ServerIdentity): Promise<Server> {
  const server = createServer((client) => serve(client, postgres, identity))
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.unref())))
}

function serve(client: Socket, postgres: number, identity: ServerIdentity | undefined): void {
  const server = connectTcp(postgres, '127.0.0.1')
  for (const socket of [client, server]) socket.on('error', () => {})
  client.once('data', (first: Buffer) => {
    if (!isTlsRequest(first)) return joined(client, server, first)
    if (identity === undefined) {
      client.write('N')
      client.once('data', (next: Buffer) => joined(client, server, next))
      return
    }
    client.write('S')
    const encrypted = new TLSSocket(client, { isServer: true, ...identity })
    encrypted.on('error', () => client.destroy())
    encrypted.once('data', (next: Buffer) => joined(encrypted, server, next))
  })
}

const TLS_REQUEST = 80_877_103

function isTlsRequest(first: Buffer): boolean {
  return first.length >= 8 && first.readInt32BE(4) === TLS_REQUEST
}

/** The first message of a client has no type; all others have. */
function joined(client: Socket, server: Socket, first: Buffer): void {
  server.write(first)
  client.on(
    'data',
    translated(inPostgres, (bytes) => server.write(bytes)),
  )
  server.on(
    'data',
    translated(inRedshift, (bytes) => client.write(bytes)),
  )
  client.on('close', () => server.destroy())
  server.on('close', () => client.destroy())
}

/** Queries, and statements that are prepared: a name, the text, the rest. */
const inPostgres: Translate = (type, body) => {
  if (type !== 'Q' && type !== 'P') return body
  const start = type === 'Q' ? 0 : body.indexOf(0) + 1
  const end = body.indexOf(0, start)
  const text = postgresText(body.toString('utf8', start, end))
  return Buffer.concat([body.subarray(0, start), Buffer.from(text), body.subarray(end)])
}

/** Fields of an error, each with its letter; that one transaction was in the way of another has a number of its own. */
const inRedshift: Translate = (type, body) => {
  if (type !== 'E' || !/\0C40(?:001|P01)\0/.test(`\0${body.toString('utf8')}`)) return body
  const detail =
    'Serializable isolation violation on table - 100167, transactions forming the cycle are: 55705701, 55705754 (pid:16606)'
  return Buffer.from(`SERROR\0CXX000\0M1023\0D${detail}\0\0`)
}
