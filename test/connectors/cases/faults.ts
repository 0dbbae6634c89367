import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { registerSecret } from '../../../src/base/redact.ts'
import { DestinationError } from '../../../src/connector/errors.ts'
import type { Fault } from '../../../src/connector/fake-server.ts'
import type { Receipt } from '../../../src/connector/types.ts'
import { applied, type Rig, rigOf, serverOf } from '../rig.ts'
import { secretsOf, tellingValuesOf } from '../secrets.ts'
import type { Subject } from '../subjects.ts'
import type { Case } from './case.ts'
import { overHttp } from './rules.ts'

/** A fault of the whole request, and what the engine must be told. */
const FAULTS: readonly (readonly [what: string, fault: Fault, expected: Partial<DestinationError>])[] = [
  ['429 without Retry-After', { kind: 'answer', status: 429 }, { action: 'retry', ambiguous: false }],
  [
    '429 with Retry-After',
    { kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
    { action: 'retry', afterMs: 7000, ambiguous: false },
  ],
  ['500 before applying', { kind: 'answer', status: 500 }, { action: 'retry', ambiguous: true }],
  [
    '500 after applying',
    { kind: 'answer', status: 500, applied: true },
    { action: 'retry', ambiguous: true },
  ],
  [
    '503',
    { kind: 'answer', status: 503, headers: { 'retry-after': '2' } },
    { action: 'retry', afterMs: 2000 },
  ],
  ['a timeout', { kind: 'hang' }, { action: 'retry', ambiguous: true }],
  ['a timeout after applying', { kind: 'hang', applied: true }, { action: 'retry', ambiguous: true }],
  ['a reset', { kind: 'reset' }, { action: 'retry', ambiguous: true }],
  ['a reset after applying', { kind: 'reset', applied: true }, { action: 'retry', ambiguous: true }],
  ['an answer that is cut', { kind: 'cut' }, { action: 'retry', ambiguous: true }],
  ['an answer that drips', { kind: 'drip' }, { action: 'retry', ambiguous: true }],
  ['401', { kind: 'answer', status: 401 }, { action: 'refresh' }],
  ['403', { kind: 'answer', status: 403 }, { action: 'stop' }],
  ['404', { kind: 'answer', status: 404 }, { action: 'stop' }],
  ['410', { kind: 'answer', status: 410 }, { action: 'stop' }],
  ['a redirect to another host', redirect('https://elsewhere.example/'), { action: 'stop' }],
  ['a redirect to a metadata service', redirect('http://169.254.169.254/latest'), { action: 'stop' }],
]

/** What connectors say of requests that went wrong as a whole. */
export const FAULT_CASES: readonly Case[] = [
  ...FAULTS.map(
    ([what, fault, expected]): Case => ({
      id: what,
      sentence: `${what} is told as ${expected.action}, and the same batch then arrives once`,
      notFor: overHttp,
      body: (context, subject) => meets(context, subject, fault, expected),
    }),
  ),
  {
    id: '422',
    sentence: '422 splits a batch, and is told for the row that is alone',
    notFor: overHttp,
    async body(context, subject) {
      const rig = await rigOf(context, subject)
      await warmUp(rig)
      for (const count of [3, 1]) {
        serverOf(rig.fake).script({ kind: 'answer', status: 422, body: '{"message":"no"}' })
        const told = toldOf(await outcomeOf(rig.write(rig.changes(count))))
        assert.ok(told.action === 'split' || (told.action === 'rejected' && rig.caps.maxItems === 1))
      }
    },
  },
  {
    id: 'nonsense',
    sentence:
      'an answer that makes no sense never gives another number of receipts than changes, and says of none that it was not applied',
    notFor: overHttp,
    body: makesNoSense,
  },
  {
    id: 'secrets',
    sentence: 'no error names a secret, a key or a value of a row, though the destination quotes them all',
    notFor: overHttp,
    body: quotesSecrets,
  },
  {
    id: 'not there',
    sentence: 'a destination that is not there is told as retry, and nothing was sent',
    notFor: overHttp,
    async body(context, subject) {
      const { write, fake, changes } = await rigOf(context, subject)
      await fake.close()
      const told = toldOf(await outcomeOf(write(changes(1))))
      assert.deepEqual([told.action, told.ambiguous], ['retry', false])
    },
  },
  {
    id: 'private network',
    sentence: 'the private network is not reached unless the destination allows it',
    notFor: overHttp,
    async body(context, subject) {
      const { write, fake, changes } = await rigOf(context, subject, { allow_private_network: false })
      assert.equal(toldOf(await outcomeOf(write(changes(1)))).action, 'stop')
      assert.equal(serverOf(fake).requests.length, 0)
    },
  },
]

async function meets(
  context: TestContext,
  subject: Subject,
  fault: Fault,
  expected: Partial<DestinationError>,
): Promise<void> {
  const settings = NEVER_ANSWERED.has(fault.kind) ? { timeout_seconds: IMPATIENT_SECONDS } : {}
  const rig = await rigOf(context, subject, settings)
  await warmUp(rig)
  const rows = rig.changes(3)
  serverOf(rig.fake).script(fault)
  const told = toldOf(await outcomeOf(rig.write(rows)))
  assert.deepEqual({ ...told, ...expected }, { ...told })
  assert.deepEqual(await rig.write(rows), applied(rows))
  if (subject.definition.idempotent) assert.deepEqual(rig.held(), rig.asHeld(rows))
}

/** A test must not wait for the engine's default; a fake answers well before this, on a busy machine too. */
const IMPATIENT_SECONDS = 2
const NEVER_ANSWERED: ReadonlySet<Fault['kind']> = new Set(['hang', 'drip', 'endless'])

/** A token that is asked for before, or a list that is looked for, is not what a fault befalls. */
async function warmUp({ entry, definition, write, changes }: Rig): Promise<void> {
  const asksForToken = entry.manifest.auth?.some(({ kind }) => kind === 'oauth2') === true
  if (!asksForToken && definition.settings === undefined) return
  const rows = changes(1)
  assert.deepEqual(await write(rows), applied(rows))
}

async function makesNoSense(context: TestContext, subject: Subject): Promise<void> {
  const rig = await rigOf(context, subject)
  await warmUp(rig)
  for (const body of NONSENSE) {
    serverOf(rig.fake).script({ kind: 'answer', status: 200, body })
    const outcome = await outcomeOf(rig.write(rig.changes(3)))
    if (outcome instanceof DestinationError) continue
    assert.equal(outcome.length, 3, body.slice(0, 50))
    for (const receipt of outcome)
      assert.ok(
        receipt.status === 'applied' || (receipt.status === 'retry' && receipt.ambiguous === true),
        body,
      )
  }
}

const NONSENSE = [
  '',
  'null',
  '[]',
  '3',
  '"ok"',
  '<html></html>',
  '{"results":null}',
  '{"results":{}}',
  '{"results":[null]}',
  '{"results":[1,2,3,4]}',
  `{"results":${'['.repeat(500)}${']'.repeat(500)}}`,
  '{"results":',
]

async function quotesSecrets(context: TestContext, subject: Subject): Promise<void> {
  const rig = await rigOf(context, subject)
  await warmUp(rig)
  const rows = rig.changes(2)
  const secrets = secretsOf(subject.entry.manifest, rig.fake.settings)
  for (const secret of secrets) registerSecret(secret)
  const quoted = JSON.stringify([secrets, rows])
  for (const status of [200, 207, 400, 401, 403, 422, 429, 500])
    for (const body of bodiesThatSay(quoted)) {
      serverOf(rig.fake).script({ kind: 'answer', status, body, headers: { 'x-quoted': secrets.join(' ') } })
      const outcome = await outcomeOf(rig.write(rows))
      const said = outcome instanceof Error ? [outcome.message, outcome.stack, { ...outcome }] : outcome
      const text = JSON.stringify(said)
      for (const hidden of [...secrets, ...tellingValuesOf(rows)])
        assert.ok(!text.includes(hidden), `${status}: ${text}`)
    }
}

/** As APIs word their refusals: each connector reads one of these forms, or more. */
function bodiesThatSay(said: string): readonly string[] {
  return [
    { message: said, results: [{ status: 'rejected', error: said }] },
    { error: said, error_description: said, errors: [said, said] },
    { errors: [{ message: said, detail: said, title: said, code: said, error: said, reason: said }] },
    [{ message: said, errorCode: said, success: false, errors: [{ message: said, statusCode: said }] }],
    { success: false, code: 'Bad', msg: said, description: said, details: [{ message: said }] },
  ].map((body) => JSON.stringify(body))
}

async function outcomeOf(work: Promise<readonly Receipt[]>): Promise<DestinationError | readonly Receipt[]> {
  return work.catch((error) => {
    assert.ok(error instanceof DestinationError, String(error))
    return error
  })
}

interface Told {
  readonly action: DestinationError['action'] | 'rejected' | 'nothing'
  readonly afterMs?: number | undefined
  readonly ambiguous: boolean
}

/**
 * What went wrong. An API that is asked row by row, or in parts, may say it of the rows of the part that failed; what
 * concerns all of them (who asks, what is configured) must be thrown.
 */
function toldOf(outcome: DestinationError | readonly Receipt[]): Told {
  if (outcome instanceof DestinationError) return outcome
  for (const receipt of outcome) {
    if (receipt.status === 'rejected') return { action: 'rejected', ambiguous: false }
    if (receipt.status !== 'retry') continue
    return { action: 'retry', afterMs: receipt.afterMs, ambiguous: receipt.ambiguous === true }
  }
  return { action: 'nothing', ambiguous: false }
}

function redirect(location: string): Fault {
  return { kind: 'answer', status: 307, headers: { location } }
}
