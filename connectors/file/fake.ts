import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change, ConnectorFake, HeldRow } from '../../src/connector/types.ts'

/** A file in a folder of its own, read as its readers should: the last line of a key wins. */
export async function startFake(): Promise<ConnectorFake> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-file-'))
  const path = join(folder, 'rows.ndjson')
  return {
    server: undefined,
    settings: { path, format: 'ndjson' },
    held: (sync) => [...rowsOf(readFileSync(path, 'utf8'), sync).values()],
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

function rowsOf(text: string, sync: string): ReadonlyMap<string, HeldRow> {
  const rows = new Map<string, HeldRow>()
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const change: Change & { readonly sync: string } = JSON.parse(line)
    if (change.sync !== sync) continue
    const key = JSON.stringify(change.key)
    if (change.op === 'remove') rows.delete(key)
    else rows.set(key, { key: change.key, fields: change.fields })
  }
  return rows
}
