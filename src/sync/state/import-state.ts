import { SluiceError } from '../../base/errors.ts'
import type { RunContext } from '../../build/run-context.ts'
import type { CellText, ForeignHashes, StateTable } from '../../ledger/state-schema.ts'
import { EXPORT_VERSION, type ExportHeader, type ExportLine, notAnExport, readLine } from './export-form.ts'

export interface ImportedState {
  readonly header: ExportHeader
  readonly tables: number
  readonly rows: number
  /** Rows that are sent once more, because another engine's hashes mean nothing here. */
  readonly dirty: number
}

/**
 * Reads an export into an empty state schema, in one transaction: all of it or nothing. `lines` are read as they come.
 *
 * Throws: SLU5008 for a file that is no whole export, SLU5009 for one of another project or a later version, SLU5010
 * when the schema has snapshots or a build, SLU5001 (busy) while another run is at work.
 */
export async function importState(run: RunContext, lines: AsyncIterable<string>): Promise<ImportedState> {
  const read = linesOf(lines)
  const first = await read.next()
  if (first.done === true || first.value.kind !== 'header') throw notAnExport('no header')
  const { header } = first.value
  checkFits(run, header)
  await run.ledger.prepare()
  const lease = await run.ledger.acquire('build', run.runId, 0)
  try {
    return await lease.fenced(async () => {
      await requireEmpty(run)
      const receiver = new Receiver(run, foreignTo(run, header))
      for await (const line of read) await receiver.take(line)
      return { header, ...(await receiver.end()) }
    })
  } finally {
    await lease.release()
  }
}

async function* linesOf(lines: AsyncIterable<string>): AsyncGenerator<ExportLine> {
  let number = 0
  for await (const text of lines) {
    number += 1
    yield readLine(text, number)
  }
}

function checkFits({ graph, ledger }: RunContext, header: ExportHeader): void {
  if (header.project !== graph.project.name)
    throw new SluiceError('SLU5009', {
      message: `expected an export of the project "${graph.project.name}", found one of "${header.project}"`,
      hint: "a state belongs to its project: its snapshots say what that project's syncs sent",
    })
  if (header.version > EXPORT_VERSION || header.schemaVersion > ledger.schemaVersion)
    throw new SluiceError('SLU5009', {
      message: `expected an export of version ${EXPORT_VERSION} with tables of version ${ledger.schemaVersion}, found ${header.version} with ${header.schemaVersion}`,
      hint: 'use the version of Sluice that wrote it, or a later one',
    })
}

async function requireEmpty({ ledger, target }: RunContext): Promise<void> {
  const snapshots = await ledger.syncs.snapshots()
  const built = await ledger.published.lastAsOf()
  if (snapshots.length === 0 && built === undefined) return
  const found = snapshots.length > 0 ? `${snapshots.length} snapshots` : `a build of ${built}`
  throw new SluiceError('SLU5010', {
    message: `expected the state schema "${target.stateSchema}" to be empty, found ${found}`,
    hint: 'import into another `state_schema`, or throw this one away first: sluice state destroy',
  })
}

/** From one engine to another hashes are kept only where they order, moved between signed and unsigned. */
function foreignTo({ warehouse }: RunContext, { engine, hash64 }: ExportHeader): ForeignHashes | undefined {
  const { name, types } = warehouse.dialect
  if (engine === name) return undefined
  if (hash64 === types.hash64) return { shift: 0n }
  return { shift: isUnsigned(hash64) ? -HALF : HALF }
}

const HALF = 2n ** 63n

function isUnsigned(type: string): boolean {
  return type.startsWith('u')
}

/** Puts rows into their tables, some hundreds at once. */
class Receiver {
  readonly #run: RunContext
  readonly #foreign: ForeignHashes | undefined
  #table: StateTable | undefined
  #rows: (readonly CellText[])[] = []
  #rowCount = 0
  #tableCount = 0
  #told: number | undefined

  constructor(run: RunContext, foreign: ForeignHashes | undefined) {
    this.#run = run
    this.#foreign = foreign
  }

  async take(line: ExportLine): Promise<void> {
    if (this.#told !== undefined || line.kind === 'header') throw notAnExport('more after its end')
    if (line.kind === 'row') return this.#row(line.cells)
    await this.#flush()
    if (line.kind === 'end') {
      this.#told = line.rows
      return
    }
    this.#run.progress.update(`importing ${line.table.name}`)
    await this.#run.ledger.transfer.receive(line.table)
    this.#table = line.table
    this.#tableCount += 1
  }

  async end(): Promise<Omit<ImportedState, 'header'>> {
    if (this.#told === undefined) throw notAnExport('no end: it was cut off')
    if (this.#told !== this.#rowCount)
      throw notAnExport(`${this.#rowCount} rows where its end tells of ${this.#told}`)
    const dirty = this.#foreign === undefined ? 0 : await this.#run.ledger.transfer.distrustHashes()
    return { tables: this.#tableCount, rows: this.#rowCount, dirty }
  }

  async #row(cells: readonly CellText[]): Promise<void> {
    const table = this.#table
    if (table === undefined || cells.length !== table.columns.length) throw notAnExport('a row of no table')
    this.#rows.push(cells)
    this.#rowCount += 1
    if (this.#rows.length >= this.#run.ledger.transfer.rowsPerInsert(table)) await this.#flush()
  }

  async #flush(): Promise<void> {
    if (this.#table === undefined || this.#rows.length === 0) return
    await this.#run.ledger.transfer.insert(this.#table, this.#rows, this.#foreign)
    this.#rows = []
  }
}
