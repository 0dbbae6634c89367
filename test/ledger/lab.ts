import { type Clock, systemClock } from '../../src/base/clock.ts'
import { instantOf } from '../../src/base/instant.ts'
import type { Ledger, PlanCounts, PlanRecord } from '../../src/ledger/ledger.ts'
import { type LedgerOptions, openLedger } from '../../src/ledger/open.ts'
import { loadTemplates } from '../../src/template/load.ts'
import type { Row, Warehouse } from '../../src/warehouse/warehouse.ts'

export const SCHEMA = 'sluice'

export async function ledgerOn(warehouse: Warehouse, changes: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return openLedger({
    warehouse,
    templates: await loadTemplates(warehouse.dialect, '/nowhere'),
    stateSchema: SCHEMA,
    project: 'shop',
    target: 'dev',
    clock: systemClock,
    ...changes,
  })
}

/** Other processes may have this warehouse too, as on every engine but DuckDB. */
export function shared(warehouse: Warehouse): Warehouse {
  return { ...warehouse, exclusive: false }
}

export function read(warehouse: Warehouse, sql: string): Promise<readonly Row[]> {
  return warehouse.read({ step: 'test', sql })
}

export async function run(warehouse: Warehouse, sql: string): Promise<void> {
  await warehouse.execute({ step: 'test', sql })
}

/** A clock that a test sets; sleeping moves it. */
export function setClock(startMs: number): Clock & { move(ms: number): void } {
  let passed = 0
  return {
    nowMs: () => startMs + passed,
    monotonicMs: () => passed,
    async sleep(ms) {
      passed += ms
    },
    move(ms) {
      passed += ms
    },
  }
}

export const AT = instantOf(Date.parse('2026-01-31T08:00:00.000Z'))

const NO_ROWS: PlanCounts = {
  modelRows: 0,
  snapshotRows: 0,
  add: 0,
  change: 0,
  remove: 0,
  left: 0,
  unchanged: 0,
  held: 0,
  heldBy: {},
  batches: 0,
}

export function planRecord(
  changes: Omit<Partial<PlanRecord>, 'counts'> & { readonly counts?: Partial<PlanCounts> } = {},
): PlanRecord {
  return {
    sync: 'vips',
    planId: '0a1b2c3d',
    runId: 'run-1',
    state: 'sending',
    fingerprint: 'f',
    account: 'portal 1',
    keyFields: ['email'],
    createdAt: AT,
    asOf: AT,
    snapshotDigest: '0:0',
    modelDigest: undefined,
    numberFields: undefined,
    fieldNames: undefined,
    rulesets: undefined,
    ...changes,
    counts: { ...NO_ROWS, ...changes.counts },
  }
}
