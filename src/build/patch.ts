import type { CompileContext } from '../compile/context.ts'
import type { Step } from '../compile/step.ts'

/** How the published tables of a node become what they should be, but for those that are swapped. */
export interface Patch {
  /** For the publishing transaction, or for copies of the published tables, where the context says that these are meant. */
  steps(context: CompileContext): readonly Step[]
  /** Logical names of the published tables whose rows the steps change. */
  readonly changes: readonly string[]
  /** Logical names of outputs that were made whole beside it, and are swapped. */
  readonly made: readonly string[]
  /** Drops what the steps read. */
  drop(): Promise<void>
}
