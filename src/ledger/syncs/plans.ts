import { SluiceError } from '../../base/errors.ts'
import { epochMsOf } from '../../base/instant.ts'
import { SHORT_HASH_LENGTH, shortHash } from '../../base/short-hash.ts'
import { tableId } from '../../dialect/common.ts'
import type { TableName } from '../../dialect/dialect.ts'
import { lit, sql } from '../../dialect/fragment.ts'
import { moment } from '../../dialect/ledger-value.ts'
import { READ_LIMIT, type Row, type Statement } from '../../warehouse/warehouse.ts'
import type { PlanCounts, PlanRecord } from '../ledger.ts'
import { ascending } from '../order.ts'
import type { StateSchema } from '../prepare.ts'
import type { LedgerSession } from '../session.ts'
import { instantIn, namesText, numberOf, optionalNames, optionalText, textOf } from '../values.ts'

type PlanOfRun = Pick<PlanRecord, 'sync' | 'runId'>

/** Frozen plans and their records. A sync has at most one that is `sending`, and any number put aside by guards. */
export class Plans {
  readonly #session: LedgerSession
  readonly #schema: StateSchema

  constructor(session: LedgerSession, schema: StateSchema) {
    this.#session = session
    this.#schema = schema
  }

  /** Of the plan on its way, or, where each plan has a table of its own, of this one. */
  table(plan: PlanOfRun): TableName {
    return this.#session.table(this.#name(plan))
  }

  /** Without prefix; a plan that was put aside has a table of its own everywhere. */
  tableNameOf(record: PlanRecord): string {
    return record.state === 'guarded' ? this.#asideName(record) : this.#name(record)
  }

  async all(): Promise<readonly PlanRecord[]> {
    if (!(await this.#schema.exists())) return []
    const rows = await this.#session.readAll('plans', (last, limit) => {
      const ordered = this.#select()
        .orderBy('sync', ascending)
        .orderBy('plan_id', ascending)
        .orderBy('state', ascending)
        .limit(limit)
      if (last === undefined) return ordered
      const [sync, plan, state] = [textOf(last, 'sync'), textOf(last, 'plan_id'), textOf(last, 'state')]
      // Not every warehouse compares rows of values.
      return ordered.where((one) =>
        one.or([
          one('sync', '>', sync),
          one.and([one('sync', '=', sync), one('plan_id', '>', plan)]),
          one.and([one('sync', '=', sync), one('plan_id', '=', plan), one('state', '>', state)]),
        ]),
      )
    })
    return rows.map(planIn)
  }

  async open(sync: string): Promise<PlanRecord | undefined> {
    if (!(await this.#schema.exists())) return undefined
    const sending = this.#select().where('sync', '=', sync).where('state', '=', 'sending')
    const [row] = await this.#session.read('open_plan', sending)
    return row && planIn(row)
  }

  async guarded(sync: string, planId: string): Promise<PlanRecord | undefined> {
    if (!(await this.#schema.exists())) return undefined
    const aside = this.#select()
      .where('sync', '=', sync)
      .where('plan_id', '=', planId)
      .where('state', '=', 'guarded')
    const [row] = await this.#session.read('guarded_plan', aside)
    const plan = row && planIn(row)
    return plan !== undefined && epochMsOf(plan.createdAt) >= this.#keptSince() ? plan : undefined
  }

  async create(record: PlanRecord, createTable: readonly Statement[]): Promise<void> {
    await this.#refuseSecond(record)
    if (!this.#session.atomic) await this.#sweep(record.sync)
    await this.#session.drop(this.table(record))
    for (const statement of createTable) await this.#session.run(statement)
    await this.#check(record)
    const analyze = this.#session.warehouse.dialect.table.analyze?.(this.table(record))
    if (analyze !== undefined) await this.#session.execute('analyze_plan', analyze)
    if (record.state === 'guarded') await this.#putAside(record)
    const { db } = this.#session
    await this.#session.execute('record_plan', db.insertInto('plans').values(planRow(record)))
  }

  async setState(record: PlanRecord, state: PlanRecord['state']): Promise<void> {
    if (record.state === state) return
    if (state === 'guarded') await this.#putAside(record)
    else {
      await this.#refuseSecond({ ...record, state })
      await this.#session.move(this.tableNameOf(record), this.#name(record))
    }
    const { db } = this.#session
    const change = db
      .updateTable('plans')
      .set({ state })
      .where('sync', '=', record.sync)
      .where('plan_id', '=', record.planId)
    await this.#session.execute('set_plan_state', change)
  }

  /** The plan on its way, and its record, when it is still this one. */
  async isOpen(record: PlanRecord): Promise<boolean> {
    const open = await this.open(record.sync)
    return open?.planId === record.planId && open.runId === record.runId
  }

  async drop(record: PlanRecord): Promise<void> {
    await this.forget(record)
    await this.dropTable(record)
  }

  /** From here on there is no such plan, whatever is left of it. */
  async forget(record: PlanRecord): Promise<void> {
    const gone = this.#session.db
      .deleteFrom('plans')
      .where('sync', '=', record.sync)
      .where('plan_id', '=', record.planId)
      .where('state', '=', record.state)
    await this.#session.execute('forget_plan', gone)
  }

  async dropTable(record: PlanRecord): Promise<void> {
    await this.#session.drop(this.#session.table(this.tableNameOf(record)))
  }

  async hasOld(sync: string): Promise<boolean> {
    return (await this.#old(sync)).length > 0
  }

  async dropOld(sync: string): Promise<void> {
    for (const plan of await this.#old(sync)) await this.drop(plan)
  }

  async dropAside(sync: string): Promise<readonly string[]> {
    const plans = await this.#aside(sync)
    for (const plan of plans) await this.drop(plan)
    return plans.map(({ planId }) => planId)
  }

  /** The plan on its way gets the new name; plans put aside are dropped, because what they name is gone. */
  async rename(from: string, to: string): Promise<void> {
    await this.dropAside(from)
    const open = await this.open(from)
    if (open === undefined) return
    await this.#session.move(this.#name(open), this.#name({ ...open, sync: to }))
    const { db } = this.#session
    await this.#session.execute(
      'rename_plan',
      db.updateTable('plans').set({ sync: to }).where('sync', '=', from),
    )
  }

  async #old(sync: string): Promise<readonly PlanRecord[]> {
    const before = this.#keptSince()
    return (await this.#aside(sync)).filter(({ createdAt }) => epochMsOf(createdAt) < before)
  }

  async #aside(sync: string): Promise<readonly PlanRecord[]> {
    const aside = this.#select().where('sync', '=', sync).where('state', '=', 'guarded')
    return (await this.#session.read('plans_put_aside', aside)).map(planIn)
  }

  /** In the place of the one of the same changes that was put aside before. */
  async #putAside(record: PlanRecord): Promise<void> {
    for (const same of await this.#aside(record.sync))
      if (same.planId === record.planId) await this.forget(same)
    await this.#session.move(this.#name(record), this.#asideName(record))
  }

  /** Tables of plans that are forgotten, which a run that was killed could not drop any more. */
  async #sweep(sync: string): Promise<void> {
    const session = this.#session
    const { fn, table } = session.warehouse.dialect
    const start = `${session.prefix}plan_${sync}_`
    const listed = sql`select name from (${table.list(session.schema)}) as listed
where ${fn.startsWith(sql`name`, lit(start))} and ${fn.length(sql`name`)} = ${start.length + SHORT_HASH_LENGTH} limit ${READ_LIMIT}`
    const names = (await session.read('plan_tables', listed)).map((row) => textOf(row, 'name'))
    if (names.length === 0) return
    const kept = new Set((await this.all()).map((plan) => session.prefix + this.tableNameOf(plan)))
    for (const name of names) if (!kept.has(name)) await session.drop({ schema: session.schema, name })
  }

  /** Where a statement of a run that lost its lease could still arrive, no other run's plan has the same table. */
  #name({ sync, runId }: PlanOfRun): string {
    return this.#session.atomic ? `plan_${sync}` : `plan_${sync}_${shortHash(runId)}`
  }

  #asideName(record: PlanRecord): string {
    return this.#session.atomic ? `plan_${record.sync}_${record.planId}` : this.#name(record)
  }

  #select() {
    return this.#session.db.selectFrom('plans').selectAll()
  }

  #keptSince(): number {
    return this.#session.clock.nowMs() - GUARDED_MS
  }

  /** A second plan on its way would hide the first, and with it what was perhaps sent. */
  async #refuseSecond(record: PlanRecord): Promise<void> {
    if (record.state !== 'sending') return
    const open = await this.open(record.sync)
    if (open === undefined) return
    throw new SluiceError('SLU9001', {
      message: `expected no plan of the sync "${record.sync}" on its way, found ${open.planId} of run ${open.runId}`,
    })
  }

  /** The merge at the end relies on this: a key twice would be applied twice, a gap in `seq` would be never sent. */
  async #check(record: PlanRecord): Promise<void> {
    const { counts } = record
    const [row] = await this.#session.readTemplate('check_plan', { plan: tableId(this.table(record)) })
    const sent = counts.add + counts.change + counts.remove
    const expected = {
      adds: counts.add,
      changes: counts.change,
      removes: counts.remove,
      numbered: sent,
      first_seq: sent === 0 ? 0 : 1,
      last_seq: sent,
      missing_keys: 0,
      repeated_keys: 0,
    }
    const found = Object.keys(expected).map((name) => [name, numberOf(row ?? {}, name)] as const)
    const wrong = found.filter(([name, value]) => value !== expected[name as keyof typeof expected])
    if (wrong.length === 0) return
    const told = (of: (name: string, value: number) => number) =>
      wrong.map(([name, value]) => `${name} ${of(name, value)}`).join(', ')
    throw new SluiceError('SLU5006', {
      message: `expected the plan of the sync "${record.sync}" to have ${told((name) => expected[name as keyof typeof expected])}, found ${told((_, value) => value)}`,
    })
  }
}

/** A plan that a guard stopped may be accepted for a day. */
const GUARDED_MS = 24 * 60 * 60 * 1000

function planIn(row: Row): PlanRecord {
  return {
    sync: textOf(row, 'sync'),
    planId: textOf(row, 'plan_id'),
    runId: textOf(row, 'run_id'),
    state: textOf(row, 'state') as PlanRecord['state'],
    fingerprint: textOf(row, 'fingerprint'),
    account: textOf(row, 'account'),
    keyFields: JSON.parse(textOf(row, 'key_fields')) as readonly string[],
    numberFields: optionalNames(row, 'number_fields'),
    fieldNames: optionalNames(row, 'field_names'),
    rulesets: optionalNames(row, 'rulesets'),
    createdAt: instantIn(row, 'created_at'),
    asOf: instantIn(row, 'as_of'),
    counts: JSON.parse(textOf(row, 'counts')) as PlanCounts,
    snapshotDigest: textOf(row, 'snapshot_digest'),
    modelDigest: optionalText(row, 'model_digest'),
  }
}

function planRow(record: PlanRecord) {
  return {
    sync: record.sync,
    plan_id: record.planId,
    run_id: record.runId,
    state: record.state,
    fingerprint: record.fingerprint,
    account: record.account,
    key_fields: JSON.stringify(record.keyFields),
    created_at: moment(record.createdAt),
    as_of: moment(record.asOf),
    counts: JSON.stringify(record.counts),
    snapshot_digest: record.snapshotDigest,
    model_digest: record.modelDigest ?? null,
    number_fields: namesText(record.numberFields),
    field_names: namesText(record.fieldNames),
    rulesets: namesText(record.rulesets),
  }
}
