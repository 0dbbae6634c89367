import type { Entry } from './journal.ts'
import { MODEL_QUERY } from './model.ts'

export type Engine = 'duckdb' | 'postgres'

/** What a child process is told. */
export interface Orders {
  readonly engine: Engine
  readonly directory: string
  readonly settings: readonly (readonly [string, string | number])[]
  readonly yaml: string
  /** Its run ids begin with it. */
  readonly name: string
  readonly seed: number
  readonly journal: string
  readonly task: 'fill' | 'work' | 'once' | 'finish'
  /** Run first. */
  readonly sql: readonly string[]
}

/** One line of its output. */
export interface Told {
  readonly synced: Entry & { readonly kind: 'synced' }
  /** Of the last child: the same run once more. */
  readonly again?: Entry & { readonly kind: 'synced' }
  /** Of the last child: id and value of each row of the model. */
  readonly model?: readonly (readonly string[])[]
  /** Of the last child: keys that have a receipt with a reason. */
  readonly explained?: readonly string[]
}

/** While it is there, the process with this journal stops itself before its next request. */
export function gapFile(journal: string): string {
  return `${journal}.gap`
}

export const SYNC = 'out'
/** The shortest with which a request of one second may still start, and its answer be written down. */
export const LEASE_SECONDS = 3
export const WINDOW = 4
export const BATCH_ROWS = 5

export function projectYaml(url: string): string {
  return `sources:
  - {name: people, query: "${MODEL_QUERY}", primary_key: id}
destinations:
  - name: hook
    connector: http
    settings: {url: "${url}", allow_private_network: true, batch_size: ${BATCH_ROWS}, timeout_seconds: 1}
syncs:
  - name: ${SYNC}
    source: people
    to: hook.rows
    mode: mirror
    match: {id: id}
    map: {city: city}
    guard: {max_remove: 100%, max_rejected: 100%}
`
}
