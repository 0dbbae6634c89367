import { SluiceError } from '../../base/errors.ts'
import { type Body, NO_BODY } from '../plan/body.ts'
import type { Piece } from '../plan/piece.ts'
import { Answers } from './answers.ts'
import { Counters } from './counters.ts'
import type { Delivery, DeliveryEnd } from './delivery.ts'
import { Halt } from './halt.ts'
import { merged, sizeOf } from './ranges.ts'
import { Requests } from './requests.ts'
import { Sender } from './sender.ts'
import { stalled } from './watchdog.ts'

/**
 * Sends what is left of a frozen plan: removes, and when all of them are answered the rest. Bodies are read some
 * batches ahead, answers written down every few seconds. Comes back when each row is answered for, or with the
 * reason why not; what was answered is written down in both cases, unless the warehouse does not take it any more.
 */
export async function deliver(delivery: Delivery): Promise<DeliveryEnd> {
  const { syncs, lease, plan, turn } = delivery
  const halt = new Halt(delivery.signal)
  const answers = new Answers(syncs, lease, plan, turn)
  const counters = new Counters()
  const requests = new Requests(delivery, answers, halt, counters)
  const sender = new Sender(delivery, { answers, halt, requests, counters })
  const ended = new AbortController()
  void stopAtDeadline(delivery, halt, ended.signal)
  const acknowledging = {
    due: () => answers.waiting || answers.isFlushing || requests.inFlight > 0,
    flushes: () => answers.flushes,
  }
  const sending = sendAndFlush(delivery, sender, answers, halt)
  const watching = stalled(
    { ...delivery, flushMs: delivery.policy.flushMs },
    acknowledging,
    ended.signal,
  ).then((isStalled) => {
    if (isStalled) halt.stop(acknowledgementsStalled(delivery))
  })
  await Promise.race([sending, watching])
  ended.abort()
  halt.close()
  return {
    answered: answers.answered,
    rejected: answers.rejections,
    withheld: answers.withheld,
    open: halt.reason === undefined && sender.leftJobs,
    counters: counters.now,
    stopped: halt.reason,
  }
}

/** Never throws: what goes wrong stops the delivery. */
async function sendAndFlush(delivery: Delivery, sender: Sender, answers: Answers, halt: Halt): Promise<void> {
  const sent = new AbortController()
  const flushing = flushUntil(delivery, answers, halt, sent.signal)
  let failure: { readonly error: unknown } | undefined
  try {
    await sendAll(delivery, sender)
  } catch (error) {
    failure = { error }
  }
  sent.abort()
  await flushing
  sender.finish()
  try {
    // Who lost the lease finds the plan gone, or another in its place. Then the lease is what is told of.
    const mayBeLost = delivery.lease.validForMs() <= 0
    if (answers.answered > 0 || answers.waiting || mayBeLost) await answers.flush()
  } catch (error) {
    halt.stopFor(error)
  }
  if (failure !== undefined) halt.stopFor(failure.error)
}

async function sendAll(delivery: Delivery, sender: Sender): Promise<void> {
  const { jobs } = delivery
  let removes = hasOpenRemoves(delivery)
  try {
    for (const job of jobs?.open ?? []) await sender.takeUp(job)
    if (jobs?.pollOnly === true) return
    for await (const page of pagesOf(delivery)) {
      if (sender.isOver) break
      const bodies = await bodiesOf(delivery, page)
      await markStarted(delivery, page)
      for (const [index, piece] of page.entries()) {
        // A key that changed leaves before it comes under its new name.
        if (removes && !piece.removes) await sender.idle()
        removes = piece.removes
        await sender.start(piece, bodies[index] ?? NO_BODY)
      }
    }
  } finally {
    await sender.idle()
  }
}

/** Those of jobs are read when they start: they are large, and wait long. */
async function bodiesOf({ jobs, reader }: Delivery, page: readonly Piece[]): Promise<readonly Body[]> {
  return jobs === undefined ? reader.bodies(page) : []
}

/** Removes come first in a plan. */
function hasOpenRemoves({ jobs, plan }: Delivery): boolean {
  return (jobs?.open ?? []).some(({ ranges: [first] }) => (first?.lo ?? 0) <= plan.counts.remove)
}

/**
 * Pieces whose bodies are read, and whose start is written down, at once: enough to fill the window twice, and more
 * where they are small, because a statement costs as much as some thousand rows.
 */
async function* pagesOf(delivery: Delivery): AsyncGenerator<readonly Piece[]> {
  const least = delivery.pace.mostInFlight * 2
  let [page, rows]: [Piece[], number] = [[], 0]
  const { done, jobs } = delivery
  const taken = merged([...done, ...(jobs?.open.flatMap(({ ranges }) => ranges) ?? [])])
  for await (const piece of delivery.reader.pieces(taken)) {
    page.push(piece)
    rows += sizeOf(piece.ranges)
    const isFull = rows >= ROWS_A_PAGE || page.length >= PIECES_A_PAGE
    if (page.length < least || !isFull) continue
    yield page
    page = []
    rows = 0
  }
  if (page.length > 0) yield page
}

/** About 10 MB where rows are usual. */
const ROWS_A_PAGE = 32_000

/** Each is looked for in each row. */
const PIECES_A_PAGE = 100

function markStarted(delivery: Delivery, page: readonly Piece[]): Promise<void> {
  const { syncs, lease, plan, resumed } = delivery
  const started = page.flatMap(({ batch, ranges }) =>
    ranges.map((range) => ({ ...range, batch, attempt: resumed ? 2 : 1 })),
  )
  return delivery.turn(() => syncs.markStarted(lease, plan, started))
}

/** Also with nothing to write: a flush keeps the lease. */
async function flushUntil(delivery: Delivery, answers: Answers, halt: Halt, end: AbortSignal): Promise<void> {
  const { clock, policy } = delivery
  while (!end.aborted) {
    await clock.sleep(policy.flushMs, end)
    if (end.aborted) return
    try {
      await answers.flush()
    } catch (error) {
      halt.stopFor(error)
      return
    }
    delivery.onAnswers(sizeOf(delivery.done) + answers.answered)
  }
}

/** Nothing starts after it; what is in flight is finished. */
async function stopAtDeadline(
  { deadlineMs, clock, plan }: Delivery,
  halt: Halt,
  end: AbortSignal,
): Promise<void> {
  if (deadlineMs === undefined) return
  for (let leftMs = 0; !end.aborted; await clock.sleep(Math.min(leftMs, LONGEST_SLEEP_MS), end)) {
    leftMs = deadlineMs - clock.monotonicMs()
    if (leftMs <= 0) return halt.stop(pastDeadline(plan.sync))
  }
}

/** Timers of Node end at once when they are longer than 24 days. */
const LONGEST_SLEEP_MS = 24 * 60 * 60 * 1000

export function pastDeadline(sync: string): SluiceError {
  return new SluiceError('SLU5110', {
    message: `expected the sync "${sync}" to end before the deadline, found that it had not`,
    hint: 'what was sent is saved; run again: the rest is sent from there',
  })
}

/** The warehouse session of this run no longer answers: whoever waits for it waits for ever. */
export function isStuck(error: SluiceError | undefined): boolean {
  return error?.code === 'SLU5111'
}

function acknowledgementsStalled({ plan }: Delivery): SluiceError {
  return new SluiceError('SLU5111', {
    message: `expected the warehouse to take the answers to "${plan.sync}", found that it took none for as long as the lease lasts`,
    hint: 'nothing is lost: run again, what was not written down is sent once more',
  })
}

/** Statements of one warehouse session, one after the other, whoever asks. */
export function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
}

/** All rows that a plan sends were answered for, or were refused since. Throws SLU9001 otherwise. */
export function checkAllAnswered(delivery: Delivery, end: DeliveryEnd): void {
  const { counts } = delivery.plan
  const planned = counts.add + counts.change + counts.remove
  const known = sizeOf(delivery.done) + end.answered + end.withheld
  if (end.stopped !== undefined || end.open || known === planned) return
  throw new SluiceError('SLU9001', {
    message: `expected ${planned} rows of the plan of "${delivery.plan.sync}" to be answered for, found ${known}`,
  })
}
