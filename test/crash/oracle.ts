import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '../support/random.ts'

/** What one request of the generic HTTP connector carried (design section 5), and what was done to it. */
export interface Asked {
  /** By the machine's monotonic clock, which all processes share. */
  readonly atMs: number
  /** The asker's. */
  readonly port: number
  readonly runId: string
  readonly idempotencyKey: string
  readonly changes: readonly AskedChange[]
  /** Undefined in times of peace. */
  readonly fault: Fault | undefined
}

interface AskedChange {
  readonly op: 'add' | 'change' | 'remove'
  readonly key: { readonly id: string }
  readonly fields: { readonly city?: string }
}

export type Fault =
  | 'none'
  | 'throttled'
  | 'failed'
  | 'failed_after'
  | 'hung_after'
  | 'reset'
  | 'reset_after'
  | 'some_retry'
  | 'some_retry_after'

/** Of 1,000 requests; together 130. What costs a second (a pause that was asked for, a timeout) is rarer. */
const FAULTS: readonly (readonly [Fault, number])[] = [
  ['throttled', 10],
  ['failed', 24],
  ['failed_after', 22],
  ['hung_after', 8],
  ['reset', 17],
  ['reset_after', 17],
  ['some_retry', 16],
  ['some_retry_after', 16],
]

/** Rows with this value are refused, each by itself. */
export const POISON = 'bad'
/** A row with this value fails the whole batch that it is in. */
export const POISON_FOR_ALL = 'worst'

export function isPoison(city: string | undefined): boolean {
  return city === POISON || city === POISON_FOR_ALL
}

export interface Oracle {
  readonly url: string
  readonly asked: readonly Asked[]
  /** By id. Never holds a poison row. */
  readonly rows: ReadonlyMap<string, string>
  /** Idempotency keys that came with other changes than before. */
  readonly changedUnderOneKey: number
  /** False: everything but poison is taken from here on. */
  hostile: boolean
  /** Told of each request before it is dealt with, and after it was, before it is answered. */
  watch: (when: 'before' | 'after', asked: Asked) => void
  close(): Promise<void>
}

/**
 * A destination in the test's own process, which is never killed. It does its work when a request has arrived and only
 * its answers take time, so what a process that was killed had sent is never applied after what came later.
 */
export async function startOracle(random: Random): Promise<Oracle> {
  const asked: Asked[] = []
  const rows = new Map<string, string>()
  const bodies = new Map<string, string>()
  let changedUnderOneKey = 0
  const server = createServer((request, response) => {
    void textOf(request).then(
      (text) => handle(text, request, response),
      () => response.destroy(),
    )
  })
  // A child that is killed resets its connections.
  server.on('clientError', (_, socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const oracle: Oracle = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`,
    asked,
    rows,
    hostile: true,
    watch: () => {},
    get changedUnderOneKey() {
      return changedUnderOneKey
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return oracle

  function handle(text: string, request: IncomingMessage, response: ServerResponse): void {
    const { run_id: runId, changes } = JSON.parse(text) as {
      run_id: string
      changes: readonly AskedChange[]
    }
    const idempotencyKey = String(request.headers['idempotency-key'])
    const known = bodies.get(idempotencyKey)
    const sent = JSON.stringify(changes)
    if (known !== undefined && known !== sent) changedUnderOneKey += 1
    bodies.set(idempotencyKey, sent)
    const fault = oracle.hostile ? faultOf(random) : undefined
    const port = request.socket.remotePort ?? 0
    const now = { atMs: monotonicMs(), port, runId, idempotencyKey, changes, fault }
    asked.push(now)
    oracle.watch('before', now)
    const answer = answerTo(now, rows, random)
    oracle.watch('after', now)
    setTimeout(() => give(answer, response), random.below(LONGEST_ANSWER_MS))
  }
}

/** Long enough that several requests are in flight at once. */
const LONGEST_ANSWER_MS = 12

/** CLOCK_MONOTONIC: the same in every process of the machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

type Answer =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body?: unknown
      readonly retryAfter?: number
    }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }

function faultOf(random: Random): Fault {
  let left = random.below(1000)
  for (const [fault, weight] of FAULTS) {
    if (left < weight) return fault
    left -= weight
  }
  return 'none'
}

/** Does what the request asks for, or does not, and says what is answered. */
function answerTo({ changes, fault }: Asked, rows: Map<string, string>, random: Random): Answer {
  if (fault === 'throttled') return { kind: 'answer', status: 429, retryAfter: 1 }
  if (fault === 'failed') return { kind: 'answer', status: 503 }
  if (fault === 'reset') return { kind: 'reset' }
  if (changes.some(({ fields }) => fields.city === POISON_FOR_ALL))
    return { kind: 'answer', status: 400, body: { error: 'the batch holds a row that is not valid' } }
  const results = changes.map((change) => resultOf(change, fault, rows, random))
  if (fault === 'failed_after') return { kind: 'answer', status: 500 }
  if (fault === 'hung_after') return { kind: 'hang' }
  if (fault === 'reset_after') return { kind: 'reset' }
  return { kind: 'answer', status: 200, body: { results } }
}

function resultOf(
  change: AskedChange,
  fault: Fault | undefined,
  rows: Map<string, string>,
  random: Random,
): object {
  const asksAgain = fault?.startsWith('some_retry') && random.chance(40)
  if (asksAgain && fault === 'some_retry') return { status: 'retry', error: 'locked' }
  if (change.fields.city === POISON) return { status: 'rejected', error: 'not valid' }
  const { id } = change.key
  if (change.op === 'remove') rows.delete(id)
  else rows.set(id, String(change.fields.city))
  return asksAgain ? { status: 'retry', error: 'perhaps done' } : { status: 'applied' }
}

function give(answer: Answer, response: ServerResponse): void {
  if (answer.kind === 'reset') response.socket?.resetAndDestroy()
  if (answer.kind !== 'answer') return
  const { status, body, retryAfter } = answer
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  response.writeHead(status, headers).end(body === undefined ? '' : JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}
