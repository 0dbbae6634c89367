import { type Identifier, identifiersOf, leavingOf } from '../../src/connector/members.ts'
import type { Row } from '../../src/connector/rows.ts'
import type { Change, Receipt } from '../../src/connector/types.ts'

/** Values of one kind, in the order of the change. */
export function valuesOf(identifiers: readonly Identifier[], kind: string): readonly string[] {
  return identifiers.flatMap((one) => (one.kind === kind ? one.parts : []))
}

/** Of what is hashed: what Meta could only count, because it is no hash. Empty: none. */
export function hashProblemOf({ change }: Row, details: Iterable<string>): readonly Receipt[] {
  const isWrong = [...identifiersOf(change), ...leavingOf(change)].some(
    ({ kind, parts }) => !parts.every((part) => (kind === 'mobile_id' ? UUID : HASH).test(part)),
  )
  if (isWrong || [...details].some((name) => !isHashOrNone(change, name)))
    return [{ status: 'rejected', error: 'expected identifiers as SHA-256 in hex, found something else' }]
  return []
}

/** The detail, or none. */
export function detailOf({ fields }: Change, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isHashOrNone(change: Change, name: string): boolean {
  return HASH.test(detailOf(change, name) ?? NO_HASH)
}

const HASH = /^[0-9a-f]{64}$/
const NO_HASH = '0'.repeat(64)

/** It alone is not hashed. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
