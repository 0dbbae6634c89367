import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openEngine } from '../test/support/engines.ts'
import { startReceiver } from '../test/support/receiver.ts'
import { FAST, openLab } from '../test/support/sync-lab.ts'

const SECOND_MS = 1000

/**
 * Time as this process lives it: while a busy machine does not let it run, neither the destination's bucket fills nor
 * anything is sent, as both live here.
 */
class LivedTime {
  #ms = 0
  #seenMs = performance.now()
  readonly #timer = setInterval(() => this.#tick(), TICK_MS)

  nowMs(): number {
    this.#tick()
    return this.#ms
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const nowMs = performance.now()
    this.#ms += Math.min(2 * TICK_MS, nowMs - this.#seenMs)
    this.#seenMs = nowMs
  }
}

const TICK_MS = 10

/** What a destination with a bucket of tokens says at a time; nobody else knows its rate, which is halved once. */
class HiddenQuota {
  readonly #burst = 25
  #rate = 50
  #tokens = 25
  #filledMs: number | undefined
  #allowed = 0
  taken = 0
  refused = 0

  take(nowMs: number): boolean {
    const gained = (this.#rate * (nowMs - (this.#filledMs ?? nowMs))) / SECOND_MS
    this.#filledMs = nowMs
    this.#allowed += gained
    this.#tokens = Math.min(this.#burst, this.#tokens + gained)
    if (this.#tokens < 1) {
      this.refused += 1
      return false
    }
    this.#tokens -= 1
    this.taken += 1
    if (this.taken === 600) this.#rate = 25
    return true
  }

  /** Of all that it would have taken since the first request, its full bucket among it. */
  get used(): number {
    return this.taken / (this.#allowed + this.#burst)
  }
}

/** There and back again, as if the destination were some hundred kilometres away. */
const LATENCY_MS = 20

test('a destination whose quota nobody knows, and which is halved on the way, is used to 90%, with under 2% refused', async (context) => {
  const receiver = await startReceiver(context)
  const lab = await openLab(
    context,
    'duckdb',
    (inner) => openEngine('duckdb', inner),
    `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${receiver.url}", allow_private_network: true, batch_size: 1}}
syncs:
  - {name: out, source: people, to: hook.rows, match: {id: id}, map: {city: city}}
`,
  )
  await lab.sql("create table people as select 'p' || i as id, 'A' as city from range(1000) r(i)")
  const quota = new HiddenQuota()
  const time = new LivedTime()
  context.after(() => time.stop())
  receiver.reply = async () => {
    const taken = quota.take(time.nowMs())
    await new Promise((resolve) => setTimeout(resolve, LATENCY_MS))
    return taken ? undefined : { status: 429 }
  }
  const result = await lab.sync('out', {
    delivery: { ...FAST, window: 8, retry: { maxAttempts: 20, totalMs: 120_000, baseMs: 100, capMs: 1000 } },
  })
  assert.deepEqual([result.status, result.applied, receiver.rows.size], ['done', 1000, 1000])
  const told = `used ${quota.used.toFixed(3)}, refused ${quota.refused} of ${quota.taken + quota.refused}`
  context.diagnostic(told)
  assert.ok(quota.used >= 0.9, told)
  assert.ok(quota.refused / (quota.taken + quota.refused) < 0.02, told)
})
