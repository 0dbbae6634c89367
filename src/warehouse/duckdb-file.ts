import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { SluiceError } from '../base/errors.ts'
import { duckdb } from '../dialect/duckdb.ts'
import { OpenConnection } from './duckdb-connection.ts'
import { duckdbProblem, isLocked } from './duckdb-errors.ts'
import type { OpenRequest } from './open-request.ts'
import { warehouseError } from './problem.ts'

/** The file under one name, so that how it is called can never clash with a schema in it. */
const ATTACHED_AS = 'warehouse'

export interface OpenFile {
  readonly connection: OpenConnection
  /** Another connection of the same instance; it ends with the file. */
  connect(): Promise<OpenConnection>
  /** Writes out what is in memory and lets the file go, whatever still runs, and whatever results are unread. */
  close(): Promise<void>
}

/** Files that this process has open: DuckDB's own lock holds between processes only. */
const OPEN = new Set<string>()

/** Opens the target's file in an instance of its own, waiting while another process has it. Throws SLU3xxx. */
export async function openFile(request: OpenRequest): Promise<OpenFile> {
  const path = pathOf(request)
  const instance = await createInstance(request)
  try {
    const connection = await instance.connect()
    await prepare(connection, request, path)
    if (path === ':memory:') await attach(connection, path)
    else await attachWhenFree(connection, path, request)
    await connection.run(`use ${ATTACHED_AS}`)
    return openedFile(instance, connection, path)
  } catch (error) {
    instance.closeSync()
    throw error
  }
}

function openedFile(instance: DuckDBInstance, connection: DuckDBConnection, path: string): OpenFile {
  const first = new OpenConnection(connection)
  const others = new Set<OpenConnection>()
  return {
    connection: first,
    connect: async () => {
      const another = await instance.connect()
      await another.run(`use ${ATTACHED_AS}`)
      const opened = new OpenConnection(another)
      others.add(opened)
      return opened
    },
    close: async () => {
      await Promise.all([first, ...others].map((one) => one.end()))
      for (const { duckdb: other } of others) other.closeSync()
      // a result that nobody read to its end keeps the instance alive until it is collected, but not the file
      await connection.run('rollback').catch(() => {})
      const isDetached = await connection.run(`use memory; detach ${ATTACHED_AS}`).then(
        () => true,
        () => false,
      )
      connection.closeSync()
      instance.closeSync()
      // Who opens a file twice loses what was written through one of both.
      if (isDetached) OPEN.delete(path)
    },
  }
}

function pathOf(request: OpenRequest): string {
  const written = request.settings.get('path')
  if (typeof written !== 'string' || written === '')
    throw new SluiceError('SLU3013', { message: 'expected "path" of a DuckDB target, found none' })
  if (written === ':memory:') return written
  const path = resolve(request.directory, written)
  if (!existsSync(dirname(path)))
    throw new SluiceError('SLU3013', {
      message: `expected the folder of the DuckDB file "${written}", found none`,
      hint: 'make the folder; the file itself is created',
    })
  return path
}

async function createInstance(request: OpenRequest): Promise<DuckDBInstance> {
  const options: Record<string, string> = {}
  for (const name of ['memory_limit', 'threads']) {
    const value = request.settings.get(name)
    if (value !== undefined) options[name] = String(value)
  }
  try {
    return await DuckDBInstance.create(':memory:', options)
  } catch {
    const given = Object.entries(options).map(([name, value]) => `${name}: ${value}`)
    throw new SluiceError('SLU3013', {
      message: `expected settings that DuckDB takes, found ${given.join(', ')}`,
      hint: 'memory_limit is such as 4GB, threads a whole number from 1',
    })
  }
}

async function prepare(connection: DuckDBConnection, request: OpenRequest, path: string): Promise<void> {
  const spill = path === ':memory:' ? '' : `${path}.tmp`
  for (const statement of [
    "set global TimeZone = 'UTC'",
    `set global file_search_path = ${duckdb.literal(request.directory)}`,
    `set global temp_directory = ${duckdb.literal(spill)}`,
  ])
    await connection.run(statement)
}

/** How long between two tries for a file that another process has open. */
const RETRY_MS = 200

async function attachWhenFree(
  connection: DuckDBConnection,
  path: string,
  request: OpenRequest,
): Promise<void> {
  const deadline = request.clock.monotonicMs() + (request.waitMs ?? 0)
  for (;;) {
    if (!OPEN.has(path) && (await tryAttach(connection, path))) return
    if (request.clock.monotonicMs() + RETRY_MS > deadline)
      throw new SluiceError('SLU3003', {
        message: `expected the DuckDB file "${request.settings.get('path')}" to be free, found that ${OPEN.has(path) ? 'this process' : 'another process'} has it open`,
        hint: 'DuckDB lets one process write; close the other one, or wait for it with --wait',
      })
    await request.clock.sleep(RETRY_MS)
  }
}

async function tryAttach(connection: DuckDBConnection, path: string): Promise<boolean> {
  OPEN.add(path)
  try {
    await attach(connection, path)
    return true
  } catch (error) {
    OPEN.delete(path)
    const text = error instanceof Error ? error.message : String(error)
    if (isLocked(text)) return false
    throw attachError(text)
  }
}

async function attach(connection: DuckDBConnection, path: string): Promise<void> {
  await connection.run(`attach ${duckdb.literal(path)} as ${ATTACHED_AS}`)
}

function attachError(text: string): SluiceError {
  const problem = duckdbProblem(text)
  if (problem.code === 'SLU3005' || problem.code === 'SLU3006') return warehouseError(problem, undefined)
  if (/Permission denied|Read-only file system|Cannot open file|Is a directory/i.test(text))
    return new SluiceError('SLU3002', {
      message: 'expected the right to write the DuckDB file, found that it cannot be opened',
    })
  return new SluiceError('SLU3012', {
    message: 'expected a DuckDB database file, found one that this version of DuckDB cannot read',
    hint: 'it may be another kind of file, or written by a newer DuckDB',
  })
}
