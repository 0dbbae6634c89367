import { SluiceError } from '../../base/errors.ts'
import type { Permit } from '../pace/pace-control.ts'
import type { Answers } from './answers.ts'
import type { Counters } from './counters.ts'
import type { Delivery } from './delivery.ts'
import type { Halt } from './halt.ts'

/** Between our check and the socket's first byte. */
const LEASE_MARGIN_MS = 1000

/**
 * Waits until one request may start: by the pace of the account, and only if it must time out before the lease does.
 * Undefined when the delivery stopped, or stops because of it; else the permit must be given back.
 */
export async function admitted(
  delivery: Delivery,
  answers: Answers,
  halt: Halt,
  counters: Counters,
  bytes: number,
): Promise<Permit | undefined> {
  const { pace, clock } = delivery
  const askedMs = clock.monotonicMs()
  const admission = await pace.start(bytes, halt.signal)
  counters.add('paceMs', clock.monotonicMs() - askedMs)
  if (admission.kind === 'stopped') return undefined
  if (admission.kind === 'away') {
    halt.stop(away(delivery))
    return undefined
  }
  const { permit } = admission
  if (await leaseHolds(delivery, answers, halt)) return permit
  pace.end(permit, { kind: 'aborted' })
  return undefined
}

async function leaseHolds({ destination, lease }: Delivery, answers: Answers, halt: Halt): Promise<boolean> {
  const needed = destination.timeoutMs() + LEASE_MARGIN_MS
  try {
    if (lease.validForMs() < needed) await answers.flush()
  } catch (error) {
    halt.stopFor(error)
  }
  if (halt.signal.aborted) return false
  if (lease.validForMs() >= needed) return true
  halt.stop(
    new SluiceError('SLU5108', {
      message: `expected the lease to hold for the ${needed} ms that a request may take, found ${Math.floor(lease.validForMs())} ms`,
      hint: 'the warehouse answers too slowly to keep it; nothing was lost, run again',
    }),
  )
  return false
}

function away({ plan, policy }: Delivery): SluiceError {
  return new SluiceError('SLU5106', {
    message: `expected the destination of "${plan.sync}" to be there again within ${policy.retry.totalMs / 1000} s, found that it does not answer, or asks to wait longer`,
    hint: 'what it took is saved; run again when it answers: the rest is sent from there',
  })
}
