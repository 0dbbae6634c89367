import type { Instant } from '../base/instant.ts'
import type { RejectedGroup } from '../ledger/ledger.ts'

/** Rejected rows that were refused for what is likely one cause, whatever syncs they are of. */
export interface Cause {
  /** A reason without what differs from row to row: `quota of … used up`. */
  readonly cause: string
  /** The reason that most of its rows have, as the destination gave it. */
  readonly example: string
  readonly rows: number
  readonly syncs: readonly string[]
  /** Rows by op: add, change, remove. */
  readonly ops: Readonly<Record<string, number>>
  /** Runs in which such a row was rejected. */
  readonly attempts: { readonly least: number; readonly most: number }
  /** Rows that the next run tries again. */
  readonly due: number
  /** When the first of the others is tried; undefined: there are none. */
  readonly nextTryAt: Instant | undefined
}

/** The largest first. `groups` are sorted so too. */
export function causesOf(groups: readonly RejectedGroup[]): readonly Cause[] {
  const causes = new Map<string, Cause>()
  for (const group of groups) {
    const cause = causeOf(group.reason)
    const before = causes.get(cause)
    causes.set(cause, before === undefined ? first(cause, group) : joined(before, group))
  }
  return [...causes.values()].sort((a, b) => b.rows - a.rows || (a.cause < b.cause ? -1 : 1))
}

/** What stands for a part that differs from row to row. */
const PART = '…'

/**
 * A reason without quoted texts, numbers, ids and addresses, so that two rows refused for one cause read the same. HTTP
 * statuses stay: they are the cause.
 */
export function causeOf(reason: string): string {
  return reason
    .replace(/"[^"]*"|`[^`]*`|“[^”]*”|«[^»]*»/g, PART)
    .replace(/(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu, PART)
    .replace(/\bhttps?:\/\/\S+/gi, PART)
    .replace(/[^\s@]+@[^\s@]+/g, PART)
    .replace(/(?<=\b(?:answered|status|http|code)[ :]+)[45]\d\d\b/gi, (status) =>
      status.replace(/\d/g, shielded),
    )
    .replace(
      /[+-]?[\p{L}\p{N}_-]*\p{Nd}[\p{L}\p{N}_-]*(?:[.,:/][\p{L}\p{N}_-]*\p{Nd}[\p{L}\p{N}_-]*)*%?/gu,
      PART,
    )
    .replace(/[\u{E000}-\u{E009}]/gu, unshielded)
    .replace(/…(?:[\s,;.]*…)+/g, PART)
    .replace(/\s+/g, ' ')
    .trim()
}

/** Digits that stay are moved out of the way: into characters that mean nothing. */
function shielded(digit: string): string {
  return String.fromCodePoint(0xe000 + Number(digit))
}

function unshielded(character: string): string {
  return String((character.codePointAt(0) ?? 0xe000) - 0xe000)
}

function first(cause: string, group: RejectedGroup): Cause {
  return {
    cause,
    example: group.reason,
    rows: group.rows,
    syncs: [group.sync],
    ops: { [group.op]: group.rows },
    attempts: group.attempts,
    due: group.due,
    nextTryAt: group.nextTryAt,
  }
}

function joined(before: Cause, { sync, op, rows, attempts, due, nextTryAt }: RejectedGroup): Cause {
  const times = [before.nextTryAt, nextTryAt].filter((time) => time !== undefined).sort()
  return {
    ...before,
    rows: before.rows + rows,
    syncs: before.syncs.includes(sync) ? before.syncs : [...before.syncs, sync].sort(),
    ops: { ...before.ops, [op]: (before.ops[op] ?? 0) + rows },
    attempts: {
      least: Math.min(before.attempts.least, attempts.least),
      most: Math.max(before.attempts.most, attempts.most),
    },
    due: before.due + due,
    nextTryAt: times[0],
  }
}
