import type { Ledger, PlanRecord, SyncLedger } from '../../src/ledger/ledger.ts'
import type { MemoryWarehouse } from './memory-session.ts'
import { removeWhere } from './memory-tables.ts'

/** How a world is broken on purpose: a ledger that does not do what ours does. */
export interface Spoil {
  readonly ledger?: (ledger: Ledger, warehouse: MemoryWarehouse) => Ledger
  /** Tokens are not looked at. */
  readonly unfenced?: true
}

/** Engines that lose rows, each with what gives it away. The simulator must find every one. */
export const CONTROLS: readonly {
  readonly name: string
  readonly spoil: Spoil
  readonly found: RegExp
}[] = [
  {
    name: 'drops an interrupted plan and compares again, as an engine without memory does',
    spoil: { ledger: (ledger, warehouse) => withSyncs(ledger, forgetful(ledger.syncs, warehouse)) },
    found: /^(?:lost|undeleted)/,
  },
  {
    name: 'forgets to mark as dirty what was perhaps sent of a plan that is dropped',
    spoil: {
      ledger: (ledger, warehouse) =>
        withSyncs(ledger, {
          commit: (lease, plan, rules) => {
            forgetStarts(warehouse, plan)
            return ledger.syncs.commit(lease, plan, rules)
          },
        }),
    },
    found: /^(?:lost|undeleted)/,
  },
  {
    name: 'acknowledges what it is about to send',
    spoil: {
      ledger: (ledger) =>
        withSyncs(ledger, {
          async markStarted(lease, plan, batches) {
            await ledger.syncs.markStarted(lease, plan, batches)
            await ledger.syncs.acknowledge(lease, plan, batches, [])
          },
        }),
    },
    found: /^(?:lost|undeleted)/,
  },
  {
    name: 'does not prove its lease before it writes',
    spoil: { unfenced: true },
    found: /wrote state without holding the lease/,
  },
  {
    name: 'believes that its lease holds for ever',
    spoil: {
      ledger: (ledger) => ({
        ...ledger,
        acquire: async (...wanted) => {
          const lease = await ledger.acquire(...wanted)
          return {
            name: lease.name,
            token: lease.token,
            fenced: (work) => lease.fenced(work),
            validForMs: () => Number.POSITIVE_INFINITY,
            release: () => lease.release(),
            abandon: () => lease.abandon(),
          }
        },
      }),
    },
    found: /holds the lease|before its lease ends/,
  },
  {
    name: 'takes a row that was rejected after an attempt without an answer for one that never arrived',
    spoil: {
      ledger: (ledger) =>
        withSyncs(ledger, {
          acknowledge: (lease, plan, ranges, rejected, jobs) =>
            ledger.syncs.acknowledge(
              lease,
              plan,
              ranges,
              rejected.map((row) => ({ ...row, ambiguous: false })),
              jobs,
            ),
        }),
    },
    found: /^(?:lost|undeleted|the snapshot)/,
  },
  {
    name: 'does not say what it sent after it had lost its lease',
    spoil: { ledger: (ledger) => withSyncs(ledger, { noteLate: async () => {} }) },
    found: /^(?:lost|undeleted|the snapshot)/,
  },
]

function withSyncs(ledger: Ledger, changes: Partial<SyncLedger>): Ledger {
  return { ...ledger, syncs: { ...ledger.syncs, ...changes } }
}

/** A plan of another fingerprint is not resumed; without starts nothing of it becomes dirty. */
function forgetful(syncs: SyncLedger, warehouse: MemoryWarehouse): Partial<SyncLedger> {
  const other = (plan: PlanRecord | undefined) => plan && { ...plan, fingerprint: 'another' }
  return {
    openPlan: async (sync) => other(await syncs.openPlan(sync)),
    commit: (lease, plan, rules) => {
      if (plan.fingerprint === 'another') forgetStarts(warehouse, plan)
      return syncs.commit(lease, plan, rules)
    },
  }
}

function forgetStarts({ tables }: MemoryWarehouse, { sync }: PlanRecord): void {
  removeWhere(tables.starts, (one) => one.sync === sync)
}
