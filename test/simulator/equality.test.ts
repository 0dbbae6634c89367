import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../src/base/clock.ts'
import { instantOf } from '../../src/base/instant.ts'
import type { CommitRules, Lease, PlanRecord, RejectedRow, SeqRange } from '../../src/ledger/ledger.ts'
import { textOf } from '../../src/sync/plan/body.ts'
import type { Piece } from '../../src/sync/plan/piece.ts'
import type { PlanDraft } from '../../src/sync/plan/plan-source.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { Random } from '../support/random.ts'
import type { ModelRow, PlanRules } from './memory-plans.ts'
import { MANIFEST } from './network.ts'
import { type Hashed, memoryTwin, type Pair, type Twin, warehouseTwin } from './twins.ts'
import { START_MS } from './world.ts'

/** In the order of the seeds, one world each: enough for each of them to meet all that may become of a row. */
const RULES: readonly Pick<PlanRules, 'mode' | 'onRemove' | 'idempotent'>[] = [
  { mode: 'mirror', onRemove: 'delete', idempotent: true },
  { mode: 'upsert', onRemove: 'nothing', idempotent: true },
  { mode: 'upsert', onRemove: 'clear', idempotent: true },
  { mode: 'upsert', onRemove: 'delete', idempotent: true },
  { mode: 'insert', onRemove: 'nothing', idempotent: true },
  { mode: 'insert', onRemove: 'nothing', idempotent: false },
]
const ROUNDS = 11
/** Rows are tried four times before they wait; after that all is taken, so that there is nothing to do in the end. */
const ROUNDS_OF_REFUSAL = 8

const PEOPLE = Array.from({ length: 12 }, (_, at) => `p${at + 10}`)
/** Never taken, so that they are tried until they wait. */
const REFUSED = ['B10', 'b11']
/** Taken, and not let go of. */
const KEPT = ['b12', 'b13', 'b14']
const VALUES = ['1', '2', '3']
const DAY_MS = 24 * 60 * 60 * 1000

// What the simulator proves it proves of its own plans and its own ledger. They are the real ones, as far as this goes.
forEachEngine((engine, open) => {
  test(`${engine}: plans, bodies, receipts and snapshots are those of the simulator's memory, whatever was answered`, async (context) => {
    const warehouse = await open(context)
    for (const [index, rules] of RULES.entries()) await compareWorld(warehouse, engine, index + 1, rules)
  })
})

async function compareWorld(
  warehouse: Warehouse,
  engine: Parameters<typeof warehouseTwin>[1],
  seed: number,
  rules: (typeof RULES)[number],
): Promise<void> {
  const random = new Random(seed)
  const clock = new StandingClock()
  const batchItems = MANIFEST.objects.contacts?.batch.maxItems ?? 1
  const pair: Pair = { sync: `s${seed}`, rules: { ...rules, batchItems }, clock }
  const world = new Comparison(
    await warehouseTwin(warehouse, engine, pair),
    memoryTwin(pair),
    pair,
    random,
    clock,
  )
  let people: readonly Person[] = PEOPLE.map((entity) => newPerson(entity, random))
  for (let round = 1; round <= ROUNDS; round += 1) {
    try {
      await world.round(people, `run${round}`, round <= ROUNDS_OF_REFUSAL)
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}, ${JSON.stringify(rules)}`, { cause: error })
    }
    if (random.chance(70)) people = changed(people, random)
  }
}

interface Person {
  readonly row: ModelRow
  readonly present: boolean
}

/** People share keys, have none, change theirs, withdraw their consent, go, and come back as they were. */
function newPerson(entity: string, random: Random): Person {
  const whose = random.chance(85) ? entity : random.pick(PEOPLE)
  // Capitals come first in the order of bytes only.
  const key = random.chance(5) ? null : whose.replace('p', whose === 'p10' ? 'B' : 'b')
  return { row: { entity, key, value: random.pick(VALUES), consents: !random.chance(12) }, present: true }
}

function changed(people: readonly Person[], random: Random): readonly Person[] {
  return people.map((person) => {
    const { row, present } = person
    // Those who are never taken, or let go of, change seldom, so that they come to wait.
    if (random.chance([...REFUSED, ...KEPT].includes(row.key ?? '') ? 80 : 50)) return person
    if (random.chance(present ? 40 : 80)) return { row, present: !present }
    if (random.chance(40)) return { ...person, row: { ...row, value: random.pick(VALUES) } }
    if (random.chance(row.consents ? 20 : 60)) return { ...person, row: { ...row, consents: !row.consents } }
    return newPerson(row.entity ?? '', random)
  })
}

function modelOf(people: readonly Person[]): readonly ModelRow[] {
  return people.flatMap(({ row, present }) => (present ? [row] : []))
}

/** Goes on when it is told to. Leases last as long as anybody likes. */
class StandingClock implements Clock {
  #nowMs = START_MS

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return 0
  }

  pass(ms: number): void {
    this.#nowMs += ms
  }

  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
  }
}

/** Does the same to both, and says where they differ. */
class Comparison {
  readonly #twins: readonly [Twin, Twin]
  readonly #pair: Pair
  readonly #random: Random
  readonly #clock: StandingClock
  /** Of one value: the warehouse's, and the memory's. */
  readonly #hashes = new Map<string, string>()
  #refuses = true

  constructor(real: Twin, memory: Twin, pair: Pair, random: Random, clock: StandingClock) {
    this.#twins = [real, memory]
    this.#pair = pair
    this.#random = random
    this.#clock = clock
  }

  /** One run: plan, freeze, read, send in part, be taken up again, commit. */
  async round(people: readonly Person[], runId: string, refuses: boolean): Promise<void> {
    this.#refuses = refuses
    const random = this.#random
    await this.#both((twin) => twin.setModel(modelOf(people)))
    const leases = await this.#each((twin) => twin.ledger.acquire(`sync:${this.#pair.sync}`, runId, 0))
    const account = random.chance(5) ? 'another' : 'one'
    await this.#withLeases(leases, ({ ledger }, lease) =>
      ledger.syncs.ensureSnapshot(lease, { ...this.#pair, account, keyFields: ['email'], hashVersion: '1' }),
    )
    if (random.chance(8))
      await this.#withLeases(leases, ({ ledger }, lease) => ledger.syncs.markAllDirty(lease, this.#pair.sync))
    if (random.chance(10)) await this.#noteLate(leases, people)
    await this.#compareSnapshots()
    const records = await this.#frozen(leases, runId)
    if (records !== undefined) await this.#sent(leases, records, people)
    await this.#withLeases(leases, (_, lease) => lease.release())
    this.#clock.pass(random.pick([1000, 1000, 1000, DAY_MS + 1000]))
  }

  /** Some rows of which an earlier run says that it sent them too late, others that nobody knows any more. */
  async #noteLate(leases: readonly Lease[], people: readonly Person[]): Promise<void> {
    const random = this.#random
    const { sync } = this.#pair
    const known = people.flatMap(({ row: { key } }) => key ?? [])
    const rows = [...known, 'nobody@example.com'].flatMap((key) =>
      random.chance(30) ? [{ key, op: random.pick(['add', 'change', 'remove'] as const) }] : [],
    )
    if (rows.length === 0) return
    const at = instantOf(this.#clock.nowMs())
    await this.#each(({ ledger }) => ledger.syncs.noteLate({ sync, token: 1, at, rows }))
    await this.#withLeases(leases, ({ ledger }, lease) => ledger.syncs.takeLate(lease, sync))
  }

  async #frozen(leases: readonly Lease[], runId: string): Promise<readonly PlanRecord[] | undefined> {
    const random = this.#random
    const mayRest = random.chance(70)
    const drafts = await this.#each(async ({ plans, ledger }) => {
      const snapshot = await ledger.syncs.snapshot(this.#pair.sync)
      assert.ok(snapshot !== undefined)
      return { snapshot, draft: await plans.draft(snapshot, false, mayRest) }
    })
    const { rests } = await this.#ofBoth(drafts, async (_, { draft }) => figuresOf(await draft.judge()))
    if (rests === true) return this.#dropped(drafts)
    const limit = random.chance(15) ? random.below(8) : undefined
    const made = await this.#each((_, at) => item(drafts, at).draft.number(limit))
    assert.deepEqual(figuresOf(item(made, 0).counts), figuresOf(item(made, 1).counts))
    const now = instantOf(this.#clock.nowMs())
    const state = random.chance(20) ? 'guarded' : 'sending'
    const records = made.map(
      ({ planId, counts, modelDigest }, at): PlanRecord => ({
        ...{ sync: this.#pair.sync, planId, runId, state, counts, modelDigest },
        ...{ fingerprint: 'f', account: 'one', keyFields: ['email'], createdAt: now, asOf: now },
        snapshotDigest: item(drafts, at).snapshot.digest,
      }),
    )
    await this.#withLeases(leases, ({ ledger }, lease, at) => {
      const record = item(records, at)
      return ledger.syncs.freeze(lease, record, item(drafts, at).draft.keep(record))
    })
    await this.#dropped(drafts)
    return state === 'sending' ? records : this.#accepted(leases, records)
  }

  async #dropped(drafts: readonly { readonly draft: PlanDraft }[]): Promise<undefined> {
    await this.#ofBoth(drafts, (_, { draft }) => draft.drop())
    return undefined
  }

  /** A guard stopped it; it is let through, or forgotten. */
  async #accepted(
    leases: readonly Lease[],
    records: readonly PlanRecord[],
  ): Promise<readonly PlanRecord[] | undefined> {
    const { sync } = this.#pair
    const isOpen = await this.#both(async ({ ledger }) => (await ledger.syncs.openPlan(sync)) !== undefined)
    assert.equal(isOpen, false)
    if (this.#random.chance(30)) {
      await this.#withLeases(leases, async ({ ledger }, lease) => {
        assert.equal((await ledger.syncs.dropGuardedPlans(lease, sync)).length, 1)
      })
      return undefined
    }
    await this.#withLeases(leases, async ({ ledger }, lease, at) => {
      const found = await ledger.syncs.guardedPlan(sync, item(records, at).planId)
      assert.ok(found !== undefined)
      await ledger.syncs.setState(lease, found, 'sending')
    })
    return records.map((record) => ({ ...record, state: 'sending' }))
  }

  async #sent(
    leases: readonly Lease[],
    records: readonly PlanRecord[],
    people: readonly Person[],
  ): Promise<void> {
    const random = this.#random
    const rows = await this.#sameRows((twin) => twin.planRows())
    for (let times = 1 + random.below(2); times > 0; times -= 1) {
      const done = await this.#ofBoth(records, ({ ledger }, plan) => ledger.syncs.acknowledged(plan))
      const pieces = await this.#ofBoth(records, ({ plans }, plan) =>
        piecesOf(plans.reader(plan, atOnce), done),
      )
      if (pieces.length === 0) break
      await this.#ofBoth(records, async ({ plans }, plan) =>
        (await plans.reader(plan, atOnce).bodies(pieces)).map((body) => JSON.parse(textOf(body))),
      )
      await this.#answer(leases, records, pieces, rows)
      await this.#ofBoth(records, ({ ledger }, plan) => ledger.syncs.rejectedSoFar(plan))
    }
    // Consent may have been withdrawn before a plan is taken up again.
    const later = random.chance(50) ? people : changed(people, random)
    await this.#both((twin) => twin.setModel(modelOf(later)))
    await this.#ofBoth(records, ({ plans }, plan) => plans.refusedSince(plan))
    const now = this.#clock.nowMs()
    const rules: CommitRules = {
      dropGone: random.chance(15),
      at: instantOf(now),
      nextTryAt: instantOf(now + DAY_MS),
    }
    await this.#withLeases(leases, ({ ledger }, lease, at) =>
      ledger.syncs.commit(lease, item(records, at), rules),
    )
    await this.#compareSnapshots()
    await this.#sameRows((twin) => twin.receipts())
    const counts = records[0]?.counts
    assert.equal(rows.filter(({ row }) => row.op === 'remove').length, counts?.remove)
  }

  /** Some pieces are begun, some of these are answered, some of their rows are refused. */
  async #answer(
    leases: readonly Lease[],
    records: readonly PlanRecord[],
    pieces: readonly Piece[],
    rows: readonly Hashed[],
  ): Promise<void> {
    const random = this.#random
    const often = this.#refuses ? random.pick([40, 80, 100]) : 100
    const begun = pieces.filter(() => random.chance(often))
    const started = begun.flatMap(({ batch, ranges }) =>
      ranges.map((range) => ({ ...range, batch, attempt: 1 })),
    )
    const answered = started
      .filter(() => random.chance(often))
      .map(({ lo, hi }) => ({
        lo,
        hi: random.chance(this.#refuses ? 70 : 100) ? hi : lo + random.below(hi - lo + 1),
      }))
    const rejected = answered.flatMap((range) => this.#rejected(range, rows))
    await this.#withLeases(leases, async ({ ledger: { syncs } }, lease, at) => {
      const record = item(records, at)
      if (started.length > 0) await syncs.markStarted(lease, record, started)
      await syncs.acknowledge(lease, record, answered, rejected)
    })
  }

  /** Some keys again and again, others by chance. */
  #rejected({ lo, hi }: SeqRange, rows: readonly Hashed[]): readonly RejectedRow[] {
    const random = this.#random
    return rows
      .filter(({ row: { seq } }) => typeof seq === 'number' && lo <= seq && seq <= hi)
      .filter(({ row: { key, op } }) => {
        const never = op === 'remove' ? KEPT : REFUSED
        return this.#refuses && (never.includes(String(key)) || random.chance(10))
      })
      .map(({ row: { seq } }) => ({
        ...{ seq: Number(seq), attempts: 1 + random.below(3), ambiguous: random.chance(30) },
        reason: random.pick(['no', 'never', 'not now']),
      }))
  }

  async #compareSnapshots(): Promise<void> {
    await this.#sameRows((twin) => twin.snapshotRows())
    await this.#both(async ({ ledger }) => {
      const found = await ledger.syncs.snapshot(this.#pair.sync)
      assert.ok(found !== undefined)
      const { rows, gone, dirty, account, lastCounts, modelDigest } = found
      return {
        rows,
        gone,
        dirty,
        account,
        lastCounts: lastCounts && figuresOf(lastCounts),
        rests: modelDigest !== undefined,
      }
    })
  }

  async #sameRows(read: (twin: Twin) => Promise<readonly Hashed[]>): Promise<readonly Hashed[]> {
    const [real = [], memory = []] = await this.#each(read)
    assert.deepEqual(real.map(shapeOf), memory.map(shapeOf))
    for (const [at, { hash }] of real.entries()) {
      if (hash === undefined) continue
      const known = this.#hashes.get(hash) ?? memory[at]?.hash ?? ''
      assert.equal(memory[at]?.hash, known, 'one hash stands for two values')
      this.#hashes.set(hash, known)
    }
    assert.equal(new Set(this.#hashes.values()).size, this.#hashes.size, 'one value has two hashes')
    return real
  }

  #withLeases<T>(
    leases: readonly Lease[],
    work: (twin: Twin, lease: Lease, at: number) => Promise<T>,
  ): Promise<T> {
    return this.#ofBoth(leases, (twin, lease, at) => work(twin, lease, at))
  }

  /** Each twin has its own of what is given. */
  #ofBoth<G, T>(given: readonly G[], work: (twin: Twin, of: G, at: number) => Promise<T>): Promise<T> {
    return this.#both((twin, at) => work(twin, item(given, at), at))
  }

  async #both<T>(work: (twin: Twin, at: number) => Promise<T>): Promise<T> {
    const results = await this.#each(work)
    assert.deepEqual(item(results, 0), item(results, 1))
    return item(results, 0)
  }

  async #each<T>(work: (twin: Twin, at: number) => Promise<T>): Promise<readonly T[]> {
    const results: T[] = []
    for (const [at, twin] of this.#twins.entries()) results.push(await twin.done(work(twin, at)))
    return results
  }
}

/** Of plans: what the memory does not count is 0, and how the guards are told is not compared. */
function figuresOf<F extends object>(figures: F): F & { readonly rests?: boolean } {
  return { ...figures, resync: 0, withinTolerance: 0 }
}

function shapeOf({ hash, row }: Hashed): object {
  return { ...row, isKnown: hash !== undefined }
}

async function piecesOf(
  reader: { pieces(done: readonly SeqRange[]): AsyncGenerator<Piece> },
  done: readonly SeqRange[],
): Promise<readonly Piece[]> {
  const pieces: Piece[] = []
  for await (const piece of reader.pieces(done)) pieces.push(piece)
  return pieces
}

function atOnce<T>(work: () => Promise<T>): Promise<T> {
  return work()
}

function item<T>(all: readonly T[], at: number): T {
  const found = all[at]
  assert.ok(found !== undefined || at < all.length)
  return found as T
}
