/** A place in a project's file. `line` and `column` start at 1; `endColumn` is exclusive and on the same line. */
export interface Position {
  /** Relative to the project's folder, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endColumn?: number
}

/** A value with the place where it was written, so that an error found later can still point at it. */
export interface Located<T> {
  readonly value: T
  readonly at: Position
}
