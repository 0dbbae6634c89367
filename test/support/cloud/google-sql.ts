import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { ZetaSQLClient } from '@fivetrandevelopers/zetasql'

/** Numbers of `zetasql.TypeKind`. */
export const KINDS = {
  int64: 2,
  bool: 5,
  float64: 7,
  string: 8,
  bytes: 9,
  date: 10,
  timestamp: 19,
  array: 16,
  struct: 17,
  time: 20,
  datetime: 21,
  numeric: 23,
  bignumeric: 24,
  json: 26,
} as const

/** A type as the analyser gives and takes it. */
export interface GoogleType {
  readonly typeKind: number
}

export interface GoogleColumn {
  readonly name: string
  readonly type: GoogleType
}

/** The default dataset of every job of ours. */
export const DEFAULT_DATASET = 'main'

/** Datasets by name, each with its tables by name. */
export type GoogleTables = ReadonlyMap<string, ReadonlyMap<string, readonly GoogleColumn[]>>

/** Why the analyser cannot be started here; undefined where it can. */
export function whyNoGoogleSql(): string | undefined {
  return existsSync(binary())
    ? undefined
    : `not run: no GoogleSQL analyser for ${process.platform} on ${process.arch}`
}

/**
 * The analyser and reference evaluator of GoogleSQL, in the edition of 2022 that npm has: a process of its own that
 * answers on loopback.
 */
export class GoogleSql {
  readonly #options: object

  private constructor(options: object) {
    this.#options = options
  }

  static async start(): Promise<GoogleSql> {
    const port = await freePort()
    const server = spawn(binary(), ['127.0.0.1', String(port)], { stdio: 'ignore' })
    // Keeps nobody waiting, and ends with us, however we end.
    server.unref()
    process.once('exit', () => server.kill('SIGKILL'))
    ZetaSQLClient.init(port)
    await ZetaSQLClient.getInstance().testConnection()
    const language = await ask('getLanguageOptions', { maximumFeatures: true })
    return new GoogleSql({
      languageOptions: {
        ...(language as object),
        productMode: 'PRODUCT_EXTERNAL',
        supportedStatementKinds: [],
      },
      defaultTimezone: 'UTC',
    })
  }

  /** The statement with its names and types resolved. Rejects with the analyser's own message. */
  analyse(sql: string, tables: GoogleTables): Promise<unknown> {
    return ask('analyze', { sqlStatement: sql, options: this.#options, simpleCatalog: this.#catalog(tables) })
  }

  /** What a query without tables gives, as GoogleSQL's reference implementation computes it. */
  async evaluate(sql: string): Promise<readonly (readonly unknown[])[]> {
    const answer = (await ask('evaluateQuery', {
      sql,
      options: this.#options,
      simpleCatalog: this.#catalog(new Map()),
    })) as {
      readonly content: {
        readonly tableData: { readonly row: readonly { readonly cell: readonly Cell[] }[] }
      }
    }
    return answer.content.tableData.row.map((row) => row.cell.map(plainOf))
  }

  #catalog(tables: GoogleTables): object {
    return {
      name: 'project',
      builtinFunctionOptions: this.#options,
      // Names without a dataset are looked up in the default one.
      ...tablesOf(tables.get(DEFAULT_DATASET) ?? new Map()),
      catalog: [...tables].map(([dataset, held]) => ({
        name: dataset,
        ...tablesOf(held),
        catalog: viewsOf(dataset),
      })),
    }
  }
}

let shared: Promise<GoogleSql> | undefined

/** One for all tests of a process, which ends with it; undefined where it cannot be started. */
export function sharedGoogleSql(): Promise<GoogleSql> | undefined {
  if (whyNoGoogleSql() !== undefined) return undefined
  shared ??= GoogleSql.start()
  return shared
}

function binary(): string {
  const root = dirname(createRequire(import.meta.url).resolve('@fivetrandevelopers/zetasql'))
  const cpu = process.arch.startsWith('arm') ? '_arm' : ''
  return join(root, 'zetasql', `remote_server${cpu}${process.platform === 'darwin' ? '' : '.so'}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
    })
  })
}

function ask(method: string, request: object): Promise<unknown> {
  const api = ZetaSQLClient.API as unknown as Record<string, (request: object, done: Done) => void>
  return new Promise((resolve, reject) => {
    api[method]?.call(api, request, (error, answer) => {
      if (error === null || error === undefined) resolve(answer)
      else reject(new Error(error.details ?? error.message))
    })
  })
}

type Done = (error: { readonly details?: string; readonly message: string } | null, answer: unknown) => void

function tablesOf(tables: ReadonlyMap<string, readonly GoogleColumn[]>): object {
  return { table: [...tables].map(([name, column]) => ({ name, column })) }
}

const text = (name: string): GoogleColumn => ({ name, type: { typeKind: KINDS.string } })

/** What every dataset has of the catalog, as far as Sluice reads it. */
function viewsOf(dataset: string): readonly object[] {
  const columns = new Map([
    ['TABLES', [text('table_schema'), text('table_name'), text('table_type')]],
    [
      'COLUMNS',
      [
        text('table_schema'),
        text('table_name'),
        text('column_name'),
        text('data_type'),
        { name: 'ordinal_position', type: { typeKind: KINDS.int64 } },
      ],
    ],
  ])
  const rights = new Map([
    [
      'OBJECT_PRIVILEGES',
      ['object_schema', 'object_name', 'object_type', 'privilege_type', 'grantee'].map(text),
    ],
  ])
  return [{ name: 'INFORMATION_SCHEMA', ...tablesOf(dataset.includes('region') ? rights : columns) }]
}

interface Cell {
  readonly value?: string
  readonly [kind: string]: unknown
}

interface Long {
  readonly low: number
  readonly high: number
}

/** As `Row` has it, for the types that tests ask for. */
function plainOf(cell: Cell): unknown {
  const kind = cell.value
  if (kind === undefined) return null
  const value = cell[kind]
  if (kind === 'int64Value') return longOf(value as Long)
  if (kind === 'timestampValue') return momentOf(value as { seconds: Long; nanos: number })
  return value
}

function longOf({ low, high }: Long): number | bigint {
  const whole = (BigInt(high) << 32n) | BigInt(low >>> 0)
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
}

function momentOf({ seconds, nanos }: { seconds: Long; nanos: number }): string {
  const iso = new Date(Number(longOf(seconds)) * 1000).toISOString().slice(0, 19)
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0')
  return `${iso}.${micros.replace(/000$/, '')}Z`
}
