import { DestinationError } from '../../src/connector/errors.ts'
import type { Batch, Change, JsonValue } from '../../src/connector/types.ts'

/**
 * RFC 4180, with a header. Columns are those of the first batch: `sync`, `run_id`, `op`, the key, the fields; a later
 * batch that has others stops, because a file cannot grow sideways. Null is nothing, the empty text is `""`.
 */
export function csvLines(batch: Batch, header: string | undefined): string {
  const changes = batch.changes()
  const columns = header === undefined ? columnsOf(changes) : undefined
  const known = columns ?? headerColumns(header ?? '')
  const lines = changes.map((change) => lineOf(valuesOf(batch, change), known))
  return [...(columns === undefined ? [] : [rowText(columns)]), ...lines].map((line) => `${line}\n`).join('')
}

type Values = ReadonlyMap<string, JsonValue>

const OF_EVERY_LINE = ['sync', 'run_id', 'op']

function columnsOf(changes: readonly Change[]): readonly string[] {
  const names = (rows: readonly object[]) => rows.flatMap((row) => Object.keys(row))
  const keys = new Set(names(changes.map(({ key }) => key)))
  const fields = new Set(names(changes.map(({ fields }) => fields)))
  return [...new Set([...OF_EVERY_LINE, ...keys, ...fields])]
}

function valuesOf({ sync, runId }: Batch, { op, key, fields }: Change): Values {
  // The key last: a field of the same name says the same, or is wrong.
  return new Map([...Object.entries(fields), ...Object.entries({ sync, run_id: runId, op, ...key })])
}

function lineOf(values: Values, columns: readonly string[]): string {
  for (const name of values.keys())
    if (!columns.includes(name))
      throw new DestinationError('stop', {
        message: `expected a change with the columns of the file (${columns.join(', ')}), found "${name}" too; a sync whose columns differ needs a file of its own`,
      })
  return rowText(columns.map((name) => values.get(name) ?? null))
}

function rowText(values: readonly JsonValue[]): string {
  return values.map(cellOf).join(',')
}

function cellOf(value: JsonValue): string {
  if (value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function headerColumns(header: string): readonly string[] {
  const cells = header.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
