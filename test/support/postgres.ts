import { after } from 'node:test'
import { freshSettings, type PostgresServer, startPostgres } from './postgres-process.ts'

/**
 * The PostgreSQL of this process: started when a test first asks for it, and stopped after the last test.
 * Most tests want `forEachEngine` of engines.ts.
 */
export function postgresServer(): Promise<PostgresServer> {
  started ??= startPostgres().then((server) => {
    stop = () => server.stop()
    return server
  })
  return started
}

/** The settings of a target, as `sluice.yml` would have them, for a database of its own. */
export async function freshPostgres(): Promise<ReadonlyMap<string, string | number>> {
  return freshSettings(await postgresServer())
}

let started: Promise<PostgresServer> | undefined
let stop: (() => Promise<void>) | undefined

after(() => stop?.())
