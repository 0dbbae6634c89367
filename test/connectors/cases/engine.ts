import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { EXIT, exitCodeOf } from '../../../src/cli/exit-codes.ts'
import type { FakeRequest, Fault } from '../../../src/connector/fake-server.ts'
import type { Change } from '../../../src/connector/types.ts'
import type { SyncResult } from '../../../src/sync/results.ts'
import { FAST } from '../../support/sync-lab.ts'
import { type EngineRig, engineRig } from '../engine-rig.ts'
import { plainIn, plainOf } from '../people.ts'
import { serverOf, sorted } from '../rig.ts'
import { tellingValuesOf } from '../secrets.ts'
import type { Subject } from '../subjects.ts'
import { type Case, unless } from './case.ts'
import {
  asOtherJobs,
  holdsFields,
  holdsPeople,
  isIdempotent,
  namesFields,
  overHttp,
  removes,
  takesIdentifiers,
} from './rules.ts'

/** What a user gets: the same through the engine, from a table to the destination. */
export const ENGINE_CASES: readonly Case[] = [
  {
    id: 'empty diff',
    sentence: 'rows arrive, and a run without changes hands over nothing',
    async body(context, subject) {
      const rig = await engineRig(context, subject)
      await rig.insert(rig.changes(3 + rig.filler))
      assertDone(await rig.sync(), 3 + rig.filler)
      assertHeld(rig, 3 + rig.filler)
      const { batches } = rig.watch
      const before = batches.length
      const asked = serverRequests(rig).length
      const again = await rig.sync()
      assert.deepEqual([again.status, again.error, again.unchanged], ['done', undefined, 3 + rig.filler])
      assert.equal(batches.length, before)
      // Whose account it is, and what its fields are, may be asked; no row is named.
      const keys = tellingValuesOf(rig.changes(3 + rig.filler).map((row) => ({ ...row, fields: {} })))
      for (const { body, path } of serverRequests(rig).slice(asked))
        assert.ok(!keys.some((key) => `${path} ${body}`.includes(key)), path)
    },
  },
  {
    id: 'unknown field',
    sentence: 'a mapped field that the destination does not have ends the run before its first batch',
    notFor: unless(holdsFields, namesFields, asOtherJobs),
    async body(context, subject) {
      const rig = await engineRig(context, subject)
      const { watch, insert, changes, held } = rig
      await insert(changes(3))
      assertDone(await rig.sync(), 3)
      assert.ok(watch.tellsFields, 'the API does not say which fields there are')
      rig.alsoMap(UNKNOWN_FIELD)
      const before = watch.batches.length
      await insert(changes(1, 3))
      const { error } = await rig.sync()
      assert.equal(error?.code, 'SLU5112', error?.message)
      assert.ok(error.message.includes(UNKNOWN_FIELD))
      assert.equal(watch.batches.length, before)
      assert.equal(held().length, 3)
    },
  },
  {
    id: 'removal of a row',
    sentence: 'a row that is gone from the warehouse is removed, and no other',
    notFor: unless(removes, asOtherJobs),
    async body(context, subject) {
      const rig = await engineRig(context, subject)
      const count = 3 + rig.filler
      const rows = rig.changes(count)
      await rig.insert(rows)
      await rig.sync()
      for (const row of rows.slice(0, 1)) await rig.drop(row)
      const result = await rig.sync()
      assert.deepEqual([result.status, result.error, result.remove], ['done', undefined, 1])
      assert.deepEqual(sorted(rig.held()), sorted(rig.asHeld(rows.slice(1))))
    },
  },
  {
    id: 'identifier changed',
    sentence: 'a person with another address is found by that one, and no longer by the one before',
    notFor: holdsPeople,
    async body(context, subject) {
      const rig = await engineRig(context, subject)
      const [first, second, third] = rig.changes(3) as [Change, Change, Change]
      await rig.insert([first, second])
      assertDone(await rig.sync(), 2)
      await rig.identify(second, third)
      assertDone(await rig.sync(), 1)
      assert.deepEqual(sorted(rig.held()), sorted(rig.asHeld([first, third])))
    },
  },
  {
    id: 'no plain identifier',
    sentence:
      'no request, no warning and no table of the state has an identifier as people write it, however a row changes',
    notFor: unless(takesIdentifiers, asOtherJobs),
    body: hashes,
  },
  {
    id: '5xx',
    sentence: 'answers with 500, 503 and 429 are waited out, and each row is there once',
    notFor: unless(overHttp, asOtherJobs),
    async body(context, subject) {
      const faults: readonly Fault[] = [
        { kind: 'answer', status: 500 },
        { kind: 'answer', status: 503 },
        { kind: 'answer', status: 429, headers: { 'retry-after': '0' } },
      ]
      await survives(context, subject, faults)
    },
  },
  {
    id: 'timeout',
    sentence: 'a batch that was applied and never answered for is sent again, and each row is there once',
    notFor: unless(overHttp, isIdempotent, asOtherJobs),
    body: (context, subject) => survives(context, subject, [{ kind: 'hang', applied: true }]),
  },
  {
    id: '401 once',
    sentence: 'a token that is refused mid-run is asked for anew, and the run goes on',
    notFor: unless(overHttp, asOtherJobs),
    body: refreshes,
  },
  {
    id: '401 twice',
    sentence: 'credentials that stay refused end the run with exit 6, and the next run finishes it',
    notFor: unless(overHttp, asOtherJobs),
    body: staysRefused,
  },
]

const UNKNOWN_FIELD = 'no_such_field_canary'

async function hashes(context: TestContext, subject: Subject): Promise<void> {
  const rig = await engineRig(context, subject)
  const rows = rig.changes(4) as [Change, Change, Change, Change]
  const [first, second, third, other] = rows
  await rig.insert([first, second, third])
  assertDone(await rig.sync(), 3)
  if (holdsPeople(subject) === undefined) await rig.identify(second, other)
  await rig.drop(third)
  assert.equal((await rig.sync()).error, undefined)
  const tables = await rig.lab.rows(
    "select table_name from information_schema.tables where table_schema = 'sluice'",
  )
  const state: unknown[] = []
  // One after the other: a warehouse has one reader at a time.
  for (const { table_name: name } of tables) state.push(await rig.lab.rows(`select * from sluice."${name}"`))
  const requests = serverRequests(rig).map(({ path, body }) => [path, body])
  assert.ok(plainIn(JSON.stringify(Object.values(plainOf(first)))).length > 0, 'what is looked for is found')
  const found = JSON.stringify([requests, rig.lab.warnings, state], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  assert.deepEqual(plainIn(found), [])
}

/** The first batch meets the faults. */
async function survives(context: TestContext, subject: Subject, faults: readonly Fault[]): Promise<void> {
  const rig = await engineRig(context, subject, { settings: { timeout_seconds: 1 } })
  rig.watch.before = (_, index) => {
    if (index === 0) serverOf(rig.fake).script(...faults)
  }
  await rig.insert(rig.changes(3 + rig.filler))
  assertDone(await rig.sync(ONE_AT_A_TIME), 3 + rig.filler)
  if (subject.definition.idempotent) assertHeld(rig, 3 + rig.filler)
}

async function refreshes(context: TestContext, subject: Subject): Promise<void> {
  const rig = await engineRig(context, subject)
  const { fake, watch } = rig
  watch.before = (_, index) => {
    if (index !== 0) return
    if (fake.expireTokens === undefined) serverOf(fake).script({ kind: 'answer', status: 401 })
    else fake.expireTokens()
  }
  await rig.insert(rig.changes(3 + rig.filler))
  assertDone(await rig.sync(ONE_AT_A_TIME), 3 + rig.filler)
  assertHeld(rig, 3 + rig.filler)
  assert.equal(watch.batches[0]?.idempotencyKey, watch.batches[1]?.idempotencyKey, 'it came again')
}

async function staysRefused(context: TestContext, subject: Subject): Promise<void> {
  const rig = await engineRig(context, subject)
  const refused: Fault = { kind: 'answer', status: 401 }
  let isRefused = true
  rig.watch.before = () => {
    if (isRefused) serverOf(rig.fake).script(refused)
  }
  await rig.insert(rig.changes(3 + rig.filler))
  const first = await rig.sync(ONE_AT_A_TIME)
  assert.equal(exitCodeOf(first.error), EXIT.unavailable, first.error?.message)
  assert.deepEqual([first.applied, first.rejected, first.pending], [0, 0, 3 + rig.filler])
  isRefused = false
  const second = await rig.sync()
  assert.equal(second.resumed, true)
  assertDone(second, 3 + rig.filler)
  assertHeld(rig, 3 + rig.filler)
}

/** What befalls the first batch befalls no other. */
export const ONE_AT_A_TIME = { delivery: { ...FAST, window: 1 } }

export function assertDone(result: SyncResult, rows: number): void {
  assert.deepEqual(
    [result.error?.message, result.status, result.applied, result.rejected, result.pending],
    [undefined, 'done', rows, 0, 0],
  )
}

export function assertHeld(rig: EngineRig, count: number): void {
  assert.deepEqual(sorted(rig.held()), sorted(rig.asHeld(rig.changes(count))))
}

function serverRequests({ fake }: EngineRig): readonly FakeRequest[] {
  return fake.server?.requests ?? []
}
