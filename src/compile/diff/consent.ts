import { type Fragment, lit, sql } from '../../dialect/fragment.ts'
import type { BoundSync } from '../../graph/graph.ts'
import type { Condition } from '../../spec/project.ts'
import { profileCondition } from '../conditions/profile-condition.ts'
import type { CompileContext } from '../context.ts'
import type { ModelRows } from './rows.ts'

/** Whether a row may be sent: true or false, never null. Missing is no. */
export interface Consent {
  readonly both: Fragment
  /** The destination's own, which all its syncs share: what it refuses goes, whoever else wants it. */
  readonly destination: Fragment
}

export function consentOf(context: CompileContext, bound: BoundSync, rows: ModelRows): Consent {
  const { sync, destination } = bound
  const ofDestination = isGiven(context, bound, rows, destination.consent)
  const ofSync = isGiven(context, bound, rows, sync.consent)
  return { destination: ofDestination, both: sql`(${ofDestination} and ${ofSync})` }
}

export function asksConsent(bound: BoundSync): boolean {
  return bound.sync.consent !== undefined || bound.destination.consent !== undefined
}

/** Where there is nobody who could have consented, the answer is no. */
function isGiven(
  context: CompileContext,
  { entity }: BoundSync,
  rows: ModelRows,
  condition: Condition | undefined,
): Fragment {
  if (condition === undefined) return lit(true)
  if (entity === undefined || rows.profile === undefined) return lit(false)
  return profileCondition(context, entity, condition, rows.profile)
}
