import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { Change, ConnectorFake, HeldRow } from '../../src/connector/types.ts'

/** A program that writes down what it was told, and takes no key that is no address. */
export async function startFake(): Promise<ConnectorFake> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-command-'))
  const journal = join(folder, 'journal.ndjson')
  // Beside this file, in the sources and in the package.
  const program = join(import.meta.dirname, `fake-program${extname(import.meta.filename)}`)
  return {
    server: undefined,
    settings: {
      command: [process.execPath, program],
      env: { JOURNAL: journal },
      timeout_seconds: 30,
      batch_size: 500,
    },
    held: (sync) => (existsSync(journal) ? heldIn(readFileSync(journal, 'utf8'), sync) : []),
    refused: (_, index) => ({ key: { email: `no-address-${index}-canary` }, fields: { city: null } }),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

function heldIn(text: string, sync: string): readonly HeldRow[] {
  const rows = new Map<string, HeldRow>()
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { change, ...told }: { readonly sync: string; readonly change: Change } = JSON.parse(line)
    if (told.sync !== sync) continue
    const key = JSON.stringify(change.key)
    if (change.op === 'remove') rows.delete(key)
    else rows.set(key, { key: change.key, fields: { ...rows.get(key)?.fields, ...change.fields } })
  }
  return [...rows.values()]
}
