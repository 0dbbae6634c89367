import { Pool } from 'undici'
import { CONNECTORS } from '../../connectors/index.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Graph } from '../../src/graph/graph.ts'
import type { PlanRecord } from '../../src/ledger/ledger.ts'
import { Answers } from '../../src/sync/deliver/answers.ts'
import { Counters } from '../../src/sync/deliver/counters.ts'
import type { Delivery } from '../../src/sync/deliver/delivery.ts'
import { Halt } from '../../src/sync/deliver/halt.ts'
import { LateBatches } from '../../src/sync/deliver/late-batches.ts'
import { Requests } from '../../src/sync/deliver/requests.ts'
import { Sender } from '../../src/sync/deliver/sender.ts'
import { type Destination, openDestination } from '../../src/sync/destination.ts'
import { DEFAULT_DELIVERY } from '../../src/sync/options.ts'
import { AccountPace } from '../../src/sync/pace/account-pace.ts'
import type { Body } from '../../src/sync/plan/body.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { BATCH_ROWS, runOf, SYNC } from './shop.ts'

/** A way to send `requests` bodies, eight at a time. `close` ends what it holds. */
export interface Way {
  send(requests: number): Promise<void>
  close(): Promise<void>
}

const IN_FLIGHT = DEFAULT_DELIVERY.window

/** What every request carries of headers, whoever sends it. */
const HEADERS = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'bench' }

/** undici by itself. `body` gives the text of one request. */
export function bareWay(url: string, body: (request: number) => string): Way {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections: IN_FLIGHT })
  return {
    send: (requests) =>
      eightAtOnce(requests, async (request) => {
        const headers = { ...HEADERS, 'idempotency-key': String(request) }
        const answer = await pool.request({ path: pathname, method: 'POST', headers, body: body(request) })
        await answer.body.text()
      }),
    close: () => pool.close(),
  }
}

/** The client that connectors see: guard, time limit, answers read. */
export function clientWay(url: string, clock: Delivery['clock'], body: string): Way {
  const tools = createHttpTools({ clock, signal: new AbortController().signal })
  const client = tools.http({ allowPrivateNetwork: true })
  return {
    send: (requests) =>
      eightAtOnce(requests, async (request) => {
        await client.request({ method: 'POST', url, headers: { 'idempotency-key': String(request) }, body })
      }),
    close: () => tools.close(),
  }
}

async function eightAtOnce(requests: number, send: (request: number) => Promise<void>): Promise<void> {
  let next = 0
  const one = async () => {
    while (next < requests) {
      next += 1
      await send(next)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, one))
}

/**
 * As delivery sends: the connector through its client, with pace, retries, counters and receipts. The bodies stand
 * ready, and nothing is written down.
 */
export async function engineWay(warehouse: Warehouse, graph: Graph, body: Body): Promise<Way> {
  const run = await runOf(warehouse, graph)
  const destination = await openDestination(run, graph.bound(SYNC), CONNECTORS)
  const lease = await run.ledger.acquire('bench', run.runId, 0, 600)
  const delivery = deliveryOf(run, destination, lease)
  return {
    send: async (requests) => {
      const halt = new Halt(run.signal)
      const counters = new Counters()
      const answers = new Answers(delivery.syncs, lease, delivery.plan, delivery.turn)
      const parts = { halt, counters, answers, requests: new Requests(delivery, answers, halt, counters) }
      const sender = new Sender(delivery, parts)
      for (let batch = 1; batch <= requests; batch += 1) {
        const lo = (batch - 1) * BATCH_ROWS + 1
        await sender.start({ batch, ranges: [{ lo, hi: lo + BATCH_ROWS - 1 }], removes: false }, body)
      }
      await sender.idle()
      halt.close()
      if (answers.answered !== requests * BATCH_ROWS)
        throw new Error(
          `expected all rows to be answered for, found ${answers.answered}: ${halt.reason?.message}`,
        )
    },
    close: async () => {
      await lease.release()
      await destination.close()
    },
  }
}

function deliveryOf(
  run: Awaited<ReturnType<typeof runOf>>,
  destination: Destination,
  lease: Delivery['lease'],
): Delivery {
  const policy = DEFAULT_DELIVERY
  const limits = { inFlight: policy.window, requestsPerSecond: undefined }
  return {
    plan: planOf(run),
    object: 'rows',
    mode: 'upsert',
    isBulk: false,
    name: 'hook',
    maxBytes: Number.POSITIVE_INFINITY,
    // Whatever is sent again would be read again.
    reader: {
      async *pieces() {},
      bodies: async () => {
        throw new Error('expected every request to be taken, found one that was not')
      },
    },
    destination,
    syncs: run.ledger.syncs,
    lease,
    late: new LateBatches(lease),
    turn: (work) => work(),
    pace: new AccountPace(run.clock, policy.retry, Math.random, limits),
    policy,
    done: [],
    resumed: false,
    jobs: undefined,
    clock: run.clock,
    random: Math.random,
    signal: run.signal,
    deadlineMs: undefined,
    onAnswers: () => {},
  }
}

function planOf({ runId, asOf }: Awaited<ReturnType<typeof runOf>>): PlanRecord {
  const figures = { add: 0, change: 0, remove: 0, left: 0, unchanged: 0, held: 0, heldBy: {} }
  return {
    sync: SYNC,
    planId: '00000000',
    runId,
    state: 'sending',
    fingerprint: '',
    account: '',
    keyFields: ['id'],
    createdAt: asOf,
    asOf,
    counts: { ...figures, modelRows: 0, snapshotRows: 0, batches: 0 },
    snapshotDigest: '',
  }
}
