import type { ErrorCode } from '../base/codes.ts'

/** A mistake found by a rule of ours while zod checks a project; `issues.ts` gives it its place and its words. */
export type Problem = { readonly path?: readonly (string | number)[] } & (
  | {
      readonly kind: 'said'
      readonly code: ErrorCode
      readonly expected: string
      readonly found: string
      readonly hint?: string | undefined
      /** What the caret marks: the key at `path`, or its value. */
      readonly mark: 'key' | 'value'
    }
  /**
   * One of the keys is needed (because `beside` is there). `anyTypo`: an unknown key is taken to be one of them even
   * when it is like none.
   */
  | {
      readonly kind: 'missing'
      readonly keys: readonly string[]
      readonly anyTypo: boolean
      readonly beside?: string
      /** What one of the keys is, when they are too many to be read out. */
      readonly what?: string | undefined
      readonly hint?: string
    }
  /** `wanted`: the missing keys of the same mapping, which are more likely meant; `listed`: those to read out. */
  | {
      readonly kind: 'unknown'
      readonly keys: readonly string[]
      readonly known: readonly string[]
      readonly wanted?: readonly string[]
      readonly listed?: readonly string[]
    }
  | { readonly kind: 'oneOf'; readonly values: readonly string[] }
  | { readonly kind: 'badKey'; readonly key: string }
  /** As `EXPECTED` in expected.ts says. */
  | { readonly kind: 'expected'; readonly key: string }
)
