import type { Fragment } from '../fragment.ts'

/**
 * Intents over values whose type only the warehouse knows: SQL is written before anyone asks it, and the same text
 * must be right for numbers, texts, times and booleans. Text orders by bytes, missing values come last.
 */
export interface ValueFunctions {
  /** What stands after `order by`, for one value of any type. */
  readonly sortKeys: (x: Fragment, direction: 'asc' | 'desc') => Fragment
  /** Aggregates: the least and the greatest value of the rows where `when` holds; undefined: of all. */
  readonly leastOf: (x: Fragment, when: Fragment | undefined) => Fragment
  readonly greatestOf: (x: Fragment, when: Fragment | undefined) => Fragment
  /**
   * `then` of the value as a timestamp in UTC where it is a date, a timestamp, or text that is one in ISO form;
   * `otherwise` for any other value.
   */
  readonly asTimeElse: (x: Fragment, then: (time: Fragment) => Fragment, otherwise: Fragment) => Fragment
  /** A step of the calendar in a time zone, clamped to the month's last day. */
  readonly addMonths: (at: Fragment, months: number, timezone: string) => Fragment
}
