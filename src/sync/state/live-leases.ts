import type { RunContext } from '../../build/run-context.ts'
import type { LeaseInfo } from '../../ledger/ledger.ts'

/** Leases that somebody holds now. Where no other process can have the warehouse open, what is left is a dead run's. */
export async function liveLeases({ ledger, warehouse, runId }: RunContext): Promise<readonly LeaseInfo[]> {
  if (warehouse.exclusive) return []
  return (await ledger.leases()).filter((lease) => !lease.expired && lease.runId !== runId)
}
