import type { TestContext } from 'node:test'
import type { Subject } from '../subjects.ts'

/** One rule that every connector keeps, object by object. */
export interface Case {
  /** Short: a column of docs/conformance.md, and what exceptions name. */
  readonly id: string
  /** The rule. */
  readonly sentence: string
  /** Why it says nothing about this object, by what its manifest says; undefined: it must hold. */
  readonly notFor?: (subject: Subject) => string | undefined
  /** Its rows are wrong on purpose, so its requests are not held against the vendor's description. */
  readonly sendsBadRows?: true
  readonly body: (context: TestContext, subject: Subject) => Promise<void>
}

type NotFor = NonNullable<Case['notFor']>

/** The first reason of them. */
export function unless(...rules: readonly NotFor[]): NotFor {
  return (subject) => {
    for (const rule of rules) {
      const why = rule(subject)
      if (why !== undefined) return why
    }
    return undefined
  }
}
