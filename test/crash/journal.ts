import { appendFileSync, readFileSync } from 'node:fs'

/** What a child process wrote down while it lived; times by the machine's monotonic clock. */
export type Entry = { readonly atMs: number } & (
  | { readonly kind: 'took'; readonly token: number }
  /** The engine handed a batch to the connector: number `n` of the process. */
  | {
      readonly kind: 'asked'
      readonly n: number
      readonly token: number
      readonly runId: string
      readonly ids: readonly string[]
    }
  /** The bytes of a request go to the socket that has this port at our end. */
  | { readonly kind: 'sent'; readonly token: number; readonly port: number }
  /** What came of number `n`; rows that neither were applied nor refused are sent again. */
  | {
      readonly kind: 'told'
      readonly n: number
      readonly applied: readonly string[]
      readonly refused: readonly string[]
    }
  /** Answers were committed to the ledger. */
  | { readonly kind: 'flushed' }
  | {
      readonly kind: 'synced'
      readonly status: string
      readonly code: string | undefined
      readonly resumed: boolean
      readonly error: string | undefined
    }
)

/** Written at once and by nobody else, so that a kill loses nothing but the last line. */
export function writeTo(file: string): (entry: Entry) => void {
  return (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`)
}

export function readJournal(file: string): readonly Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  // The last one is empty, or was cut by a kill.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry)
}
