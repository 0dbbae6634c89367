import { freshSettings, startPostgres } from '../test/support/postgres-process.ts'

/** A PostgreSQL of this process with one empty database: its settings as a target has them. */
export interface BenchPostgres {
  readonly settings: ReadonlyMap<string, string | number>
  stop(): Promise<void>
}

/** Memory as a small server has it. */
const MEMORY = { shared_buffers: '1GB', work_mem: '128MB', max_wal_size: '8GB' }

export async function startBenchPostgres(): Promise<BenchPostgres> {
  const server = await startPostgres(MEMORY)
  return { settings: await freshSettings(server), stop: () => server.stop() }
}
