import { SluiceError } from '../../base/errors.ts'
import { instantOf } from '../../base/instant.ts'
import type { RunContext } from '../../build/run-context.ts'
import type { CellText } from '../../ledger/state-schema.ts'
import { EXPORT_VERSION, endLine, headerLine, rowLine, tableLine } from './export-form.ts'
import { liveLeases } from './live-leases.ts'

export interface ExportedState {
  readonly tables: number
  readonly rows: number
  readonly snapshots: number
}

/**
 * Writes all that another state schema needs to go on from this one, as one state of the data: some pages of rows are
 * in memory, never a table. Throws SLU5001 (busy) while a run is at work: what it sends would not be in the copy.
 */
export async function exportState(
  run: RunContext,
  write: (text: string) => Promise<void>,
): Promise<ExportedState> {
  const { ledger, warehouse, graph, target, clock } = run
  await refuseWhileRunning(run)
  let [rows, tables] = [0, 0]
  const snapshots = await ledger.syncs.snapshots()
  await warehouse.transaction(async () => {
    await write(
      headerLine({
        version: EXPORT_VERSION,
        schemaVersion: ledger.schemaVersion,
        project: graph.project.name,
        target: target.name,
        engine: warehouse.dialect.name,
        hash64: warehouse.dialect.types.hash64,
        exportedAt: instantOf(clock.nowMs()),
      }),
    )
    for (const table of await ledger.transfer.tables()) {
      run.progress.update(`exporting ${table.name}`)
      await write(tableLine(table))
      tables += 1
      for await (const page of warehouse.stream(ledger.transfer.rowsOf(table))) {
        const lines = page.map((row) => rowLine(table.columns.map(({ name }) => row[name] as CellText)))
        await write(lines.join(''))
        rows += page.length
      }
    }
    await write(endLine(rows))
  })
  return { tables, rows, snapshots: snapshots.length }
}

async function refuseWhileRunning(run: RunContext): Promise<void> {
  const [lease] = await liveLeases(run)
  if (lease === undefined) return
  throw new SluiceError('SLU5001', {
    message: `expected no run at work while its state is copied, found run ${lease.runId} holding the lease "${lease.name}" until ${lease.expiresAt}`,
    hint: `wait for its end; when that run is surely dead, free it: sluice state unlock ${lease.name}`,
  })
}
