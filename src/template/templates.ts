import type { Fragment } from '../dialect/fragment.ts'

/** The SQL files of `sql/`, loaded and checked; a project's own file of the same step version wins. */
export interface Templates {
  /**
   * The file's statement with every `{{ name }}` replaced. Throws SLU4901, or SLU4902 for a project's own file, when
   * the file is missing, or a placeholder has no value, or a value has no placeholder.
   */
  fill(path: string, placeholders: Readonly<Record<string, Fragment>>): Fragment
  /** Where the text of this step comes from, relative: `sql/identity/stars.sql` or the project's own file. */
  fileOf(path: string): string
}
