import type { Located } from '../base/position.ts'
import type { SqlText } from '../spec/project.ts'

/** A `{name}` in the user's SQL. */
export interface Reference {
  readonly name: string
  /** The text for one target that it stands in. */
  readonly text: Located<string>
  /** Which match of `BRACE_OR_NAME` in that text it is. */
  readonly nth: number
}

/** `{{` is a brace; braces around anything but letters, digits, `_` and `.` are text. */
export const BRACE_OR_NAME = /\{\{|\{([A-Za-z0-9_.]+)\}/g

/** The moment of the run; every text may ask for it. */
const AS_OF = 'as_of'

/** Every reference in the texts for all targets, `as_of` excepted. */
export function referencesOf(sql: SqlText): readonly Reference[] {
  const texts = [...(sql.default === undefined ? [] : [sql.default]), ...sql.byTarget.values()]
  return texts.flatMap((text) => (text.value.includes('{') ? referencesIn(text) : []))
}

function referencesIn(text: Located<string>): readonly Reference[] {
  return [...text.value.matchAll(BRACE_OR_NAME)].flatMap((match, nth) => {
    const name = match[1]
    return name === undefined || name === AS_OF ? [] : [{ name, text, nth }]
  })
}
