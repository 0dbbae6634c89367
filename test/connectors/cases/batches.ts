import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { registerSecret } from '../../../src/base/redact.ts'
import { killable } from '../../support/dying-warehouse.ts'
import { engineRig } from '../engine-rig.ts'
import { addOf } from '../people.ts'
import { serverOf, sorted, withText } from '../rig.ts'
import { secretsOf, tellingValuesOf } from '../secrets.ts'
import type { Subject } from '../subjects.ts'
import { type Case, unless } from './case.ts'
import { assertDone, assertHeld, ONE_AT_A_TIME } from './engine.ts'
import { asJobs, asOtherJobs, holdsFields, overHttp } from './rules.ts'

/** How the engine cuts a plan into batches that this API takes, and what becomes of rows that it does not take. */
export const BATCH_CASES: readonly Case[] = [
  {
    id: 'cap + 1',
    sentence: 'as many rows as the cap are one batch, and one more are two',
    notFor: unless(fewEnough, asOtherJobs),
    body: keepsItemCap,
  },
  {
    id: 'byte cap',
    sentence: 'rows of more bytes than one batch may have are several, none of them too large',
    notFor: unless(holdsFields, reachesBytes, asOtherJobs),
    body: keepsByteCap,
  },
  {
    id: 'one bad row',
    sentence: 'a row that the API refuses is rejected alone, with a reason that quotes nothing of it',
    sendsBadRows: true,
    body: (context, subject) => rejects(context, subject, { good: 8, bad: 1 }),
  },
  {
    id: 'all bad',
    sentence: 'when the API refuses all rows, each is rejected, and the run ends as partial',
    notFor: asOtherJobs,
    sendsBadRows: true,
    body: (context, subject) => rejects(context, subject, { good: 0, bad: 3 }),
  },
  {
    id: 'kill',
    sentence:
      'a job that was started by a process that was killed is asked for by the next one, and its rows are not sent again',
    notFor: asJobs,
    body: isTakenUp,
  },
  {
    id: 'secrets in logs',
    sentence:
      'no log line, no receipt and no error of a run quotes a secret or a value, though each answer does',
    notFor: unless(overHttp, asOtherJobs),
    sendsBadRows: true,
    body: logsNothing,
  },
]

/** A test does not send more rows than this. */
const MOST_ROWS = 12_000

function fewEnough({ definition, caps }: Subject): string | undefined {
  if (definition.batch.itemsSetting !== undefined || caps.maxItems < MOST_ROWS) return undefined
  return 'a batch of so many rows is full by its bytes first'
}

async function keepsItemCap(context: TestContext, subject: Subject): Promise<void> {
  const { itemsSetting } = subject.isBulk ? {} : subject.definition.batch
  const cap = itemsSetting === undefined ? subject.caps.maxItems : SMALL_CAP
  const settings = itemsSetting === undefined ? {} : { [itemsSetting]: cap }
  const rig = await engineRig(context, subject, { settings })
  const counts = () => rig.watch.batches.map(({ count }) => count)
  await rig.insert(rig.changes(cap))
  assertDone(await rig.sync(), cap)
  assert.deepEqual(counts(), [cap])
  await rig.insert(rig.changes(cap + 1, cap))
  assertDone(await rig.sync(), cap + 1)
  assert.deepEqual(counts().slice(1).sort(ascending), [1, cap].sort(ascending))
  assertHeld(rig, 2 * cap + 1)
}

const SMALL_CAP = 5

const ascending = (one: number, other: number) => one - other

/** Long, but no longer than a text may be in most APIs. */
const TEXT_LENGTH = 20_000

/** More is not sent by a test. */
const MOST_BYTES = 8 * 1024 * 1024

function reachesBytes({ caps, definition: { bulk } }: Subject): string | undefined {
  if (bulk !== undefined && caps.maxBytes / TEXT_LENGTH > bulk.aboveRows) return 'so many rows go out in bulk'
  if (caps.maxBytes > MOST_BYTES) return 'a batch may be larger than what a test sends'
  return caps.maxItems * TEXT_LENGTH > caps.maxBytes
    ? undefined
    : 'so many rows of 20 kB are within its bytes'
}

async function keepsByteCap(context: TestContext, subject: Subject): Promise<void> {
  const rig = await engineRig(context, subject)
  const { maxBytes } = subject.caps
  const count = Math.ceil(maxBytes / TEXT_LENGTH) + 1
  const long = rig.changes(count).map((row) => withText(subject, row, 'x'.repeat(TEXT_LENGTH)))
  await rig.insert(long)
  assertDone(await rig.sync(), count)
  const { batches } = rig.watch
  assert.ok(batches.length > 1)
  for (const { changesJson } of batches) assert.ok(Buffer.byteLength(changesJson) <= maxBytes)
  assert.deepEqual(sorted(rig.held()), sorted(rig.asHeld(long)))
}

async function rejects(
  context: TestContext,
  subject: Subject,
  { good, bad }: { readonly good: number; readonly bad: number },
): Promise<void> {
  const rig = await engineRig(context, subject)
  const { fake, lab, filler } = rig
  const taken = rig.changes(good + filler)
  const refused = Array.from({ length: bad }, (_, index) => {
    const row = fake.refused?.(rig.objectName, FIRST_BAD + index)
    assert.ok(row !== undefined, 'the fake knows of no row that the API refuses by itself')
    return addOf(row)
  })
  await rig.insert([...taken, ...refused])
  const result = await rig.sync()
  assert.deepEqual(
    [result.error?.message, result.status, result.applied, result.rejected, result.pending],
    [undefined, 'partial', taken.length, bad, 0],
  )
  assert.deepEqual(sorted(rig.held()), sorted(rig.asHeld(taken)))
  const receipts = await lab.rows("select reason from sluice.receipts where status = 'rejected'")
  assert.equal(receipts.length, bad)
  for (const { reason } of receipts) {
    assert.match(String(reason), /\w/)
    for (const value of tellingValuesOf(refused)) assert.ok(!String(reason).includes(value), String(reason))
  }
}

/** No row that is taken has the key of one that is not. */
const FIRST_BAD = 5000

async function isTakenUp(context: TestContext, subject: Subject): Promise<void> {
  const kill = killable()
  const rig = await engineRig(context, subject, { on: kill.warehouse })
  const { watch } = rig
  const jobs = Math.ceil((3 + rig.filler) / rig.caps.maxItems)
  // Each job that is asked for is stored; one that was only started would rightly be handed over again.
  watch.beforePoll = () => {
    if (new Set(watch.polls).size === jobs) kill.now()
  }
  await rig.insert(rig.changes(3 + rig.filler))
  const killed = await rig.sync().catch((error: unknown) => error)
  assert.ok(killed instanceof Error || (killed as { readonly error?: unknown }).error !== undefined)
  const started = watch.batches.length
  assert.ok(started > 0 && watch.polls.length > 0)
  watch.beforePoll = () => {}
  const result = await (await rig.another()).sync('conformance')
  assert.equal(result.resumed, true)
  assertDone(result, 3 + rig.filler)
  assert.equal(watch.batches.length, started, 'no batch was handed over again')
  assertHeld(rig, 3 + rig.filler)
}

async function logsNothing(context: TestContext, subject: Subject): Promise<void> {
  const rig = await engineRig(context, subject)
  const { fake, lab, watch } = rig
  const rows = rig.changes(3 + rig.filler)
  const secrets = secretsOf(subject.entry.manifest, fake.settings)
  for (const secret of secrets) registerSecret(secret)
  const said = JSON.stringify([secrets, rows.slice(0, 3)])
  const body = JSON.stringify({ message: said, error: said, errors: [{ message: said, detail: said }] })
  await rig.insert(rows)
  for (const status of [400, 401, 403]) {
    watch.before = (_, index) => {
      if (index === 0) serverOf(fake).script({ kind: 'answer', status, body })
    }
    watch.batches.length = 0
    const { error } = await rig.sync(ONE_AT_A_TIME)
    const receipts = await lab.rows("select reason from sluice.receipts where status = 'rejected'")
    const told = JSON.stringify([error?.message, error?.hint, error?.stack, lab.warnings, receipts])
    for (const hidden of [...secrets, ...tellingValuesOf(rows.slice(0, 3))])
      assert.ok(!told.includes(hidden), `${status}: ${told}`)
  }
}
