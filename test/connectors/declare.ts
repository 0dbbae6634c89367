import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Case } from './cases/case.ts'
import { NOT_APPLYING } from './not-applying.ts'
import { plainIn } from './people.ts'
import { fakesOf } from './rig.ts'
import { checkSent } from './specs.ts'
import { SUBJECTS, type Subject } from './subjects.ts'

/** Why a case says nothing about a subject; undefined: it must hold. */
export function whyNot(subject: Subject, { id, notFor }: Case): string | undefined {
  return notFor?.(subject) ?? listedReason(subject, id)
}

/**
 * A test for every case of every subject to which it applies. A listed exception is run too, and must fail: else it is
 * none.
 */
export function declare(cases: readonly Case[]): void {
  for (const subject of SUBJECTS)
    describe(subject.name, { concurrency: AT_ONCE }, () => {
      for (const one of cases) {
        if (one.notFor?.(subject) !== undefined) continue
        const why = listedReason(subject, one.id)
        if (why === undefined)
          test(one.sentence, async (context) => {
            await one.body(context, subject)
            if (one.sendsBadRows !== true) assertAsDescribed(context, subject)
            if (subject.definition.identifiers !== undefined) assertHashed(context)
          })
        else
          test(`"${one.sentence}" does not apply: ${why}`, async (context) => {
            const outcome = await one.body(context, subject).catch((error: unknown) => error)
            assert.ok(outcome instanceof Error, 'it applies: take it out of test/connectors/not-applying.ts')
          })
      }
    })
}

/** Every request that the connector sent, held against its vendor's description, where that is at hand. */
function assertAsDescribed(context: TestContext, { entry }: Subject): void {
  const requests = fakesOf(context).flatMap(({ server }) => server?.requests ?? [])
  const problems = checkSent(entry.manifest.name, requests).flatMap(({ name, problems }) =>
    problems.slice(0, MOST_TOLD).map((problem) => `${name}: ${problem}`),
  )
  assert.deepEqual([...new Set(problems)].slice(0, MOST_TOLD), [])
}

/** No request names anybody as people write it. */
function assertHashed(context: TestContext): void {
  const requests = fakesOf(context).flatMap(({ server }) => server?.requests ?? [])
  assert.deepEqual(
    requests.flatMap(({ path, body }) => plainIn(`${path} ${body}`)),
    [],
  )
}

/** One mistake is often many problems. */
const MOST_TOLD = 10

/** Each has a fake of its own, and most of the time of some is spent waiting. */
const AT_ONCE = 8

function listedReason({ entry, object, name }: Subject, id: string): string | undefined {
  const { name: connector } = entry.manifest
  const listed = NOT_APPLYING.find(
    (one) =>
      one.connector === connector &&
      one.case === id &&
      (one.object === undefined || one.object === object || `${connector}.${one.object}` === name),
  )
  return listed?.why
}
