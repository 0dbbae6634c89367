import type { Step } from '../compile/step.ts'

/** How the published tables of a node become what they should be, but for those that are swapped. */
export interface Patch {
  /** For the publishing transaction. */
  readonly steps: readonly Step[]
  /** Logical names of outputs that were made whole beside it, and are swapped. */
  readonly made: readonly string[]
  /** Drops what the steps read. */
  drop(): Promise<void>
}
