/** Where long work says how far it is. `cli` renders it to stderr; everything else stays silent. */
export interface Progress {
  /** What is going on now; replaces the last such line. */
  update(line: string): void
  /** A line that stays. */
  done(line: string): void
  /** Something the user should know that is no error; stays, and stands in no exit code. */
  warn(line: string): void
}

export const silent: Progress = { update: () => {}, done: () => {}, warn: () => {} }
