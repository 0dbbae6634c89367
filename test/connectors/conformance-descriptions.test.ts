import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Manifest } from '../../src/connector/types.ts'
import { DESCRIBED_BY } from './described-by.ts'
import { removalOf } from './people.ts'
import { type Rig, rigOf } from './rig.ts'
import { checkSent, NOT_RUN, type SentRequest } from './specs.ts'
import { REGISTERED, SUBJECTS, type Subject } from './subjects.ts'

/**
 * Each case of the suite holds what was sent against the vendor's description. Here it is made sure that there was
 * something to hold: that each way to write is a request which that description has.
 */
const VERIFIED = SUBJECTS.filter(
  ({ entry: { manifest }, object }) =>
    isVerified(manifest) && DESCRIBED_BY[manifest.name]?.objectsElsewhere?.includes(object) !== true,
)

test('each connector that calls itself verified by a description has one', () => {
  for (const [name, { manifest }] of REGISTERED)
    if (isVerified(manifest)) assert.ok(DESCRIBED_BY[name] !== undefined, name)
})

for (const subject of VERIFIED)
  describe(subject.name, () => {
    for (const mode of subject.definition.modes)
      test(`rows that are sent with mode ${mode} are requests that the vendor describes`, async (context) => {
        await describes(context, subject, async ({ write, changes, sent, connection, batch }) => {
          // What is not there is not updated.
          if (mode === 'update') await write(changes(3))
          const before = sent.length
          if (subject.asJobs) await write(changes(3))
          else await connection.write({ ...batch(changes(1)), mode })
          return before
        })
      })

    if (subject.definition.remove === 'delete')
      test('the removal of rows is requests that the vendor describes', async (context) => {
        await describes(context, subject, async ({ write, changes, sent }) => {
          await write(changes(3))
          const before = sent.length
          await write(changes(3).map(removalOf))
          return before
        })
      })

    if (subject.definition.erasure !== undefined)
      test('the erasure of people is requests that the vendor describes', async (context) => {
        await describes(
          context,
          subject,
          async ({ write, connection, changes, sent }) => {
            await write(changes(3))
            const before = sent.length
            await connection.erase?.(changes(3).map(({ key }) => key))
            return before
          },
          { isErasure: true },
        )
      })
  })

function isVerified({ verification }: Manifest): boolean {
  return verification === 'spec-verified' || verification === 'derived-verified'
}

/** `work` gives how many requests were sent before those that count. */
async function describes(
  context: TestContext,
  subject: Subject,
  work: (rig: Rig) => Promise<unknown>,
  { isErasure = false }: { readonly isErasure?: boolean } = {},
): Promise<void> {
  if (NOT_RUN !== undefined) return context.skip(NOT_RUN)
  const rig = await rigOf(context, subject)
  const before = await work(rig)
  const requests = rig.fake.server?.requests ?? []
  const counted = requests.slice(typeof before === 'number' ? before : 0)
  const checked = checkSent(subject.entry.manifest.name, counted)
  assert.deepEqual(checked.filter(isWrong), [])
  assert.ok(
    checked.some((one) => isDescribedWrite(one, isErasure)),
    `none of ${checked.map(({ name }) => name).join(', ')}`,
  )
}

function isWrong({ problems }: SentRequest): boolean {
  return problems.length > 0
}

/** Rows are written by what these files describe; another file may say how people are erased. */
function isDescribedWrite({ operation, exception, name }: SentRequest, isErasure: boolean): boolean {
  if (name.startsWith('GET ')) return false
  return operation !== undefined || (isErasure && exception !== undefined)
}
