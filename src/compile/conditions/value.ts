import type { Fragment } from '../../dialect/fragment.ts'

/** What is known of a value when SQL is written. Most columns are `unknown`: only the warehouse has their types. */
export type KnownType = 'text' | 'number' | 'time' | 'boolean' | 'unknown'

export interface Value {
  readonly sql: Fragment
  readonly type: KnownType
}
