import type { CommandContext } from './context.ts'
import type { Style } from './render/style.ts'

export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Json[]
  | { readonly [key: string]: Json }

/** What a command hands back: the same facts for programs and for people. `main` prints one of the two. */
export interface Answer {
  readonly json: Readonly<Record<string, Json>>
  /** Without the last line's end. Empty text prints nothing. */
  readonly text: (style: Style) => string
  /** Errors of parts of the work (one of several syncs); they stand beside the answer and decide the exit code. */
  readonly errors?: readonly Error[]
  /** Default: 0, or the worst of `errors`. */
  readonly exitCode?: number
}

/** A command bound to its arguments. Its code is imported only when it runs. */
export type Action = (context: CommandContext) => Promise<Answer>
