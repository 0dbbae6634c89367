import type { DialectFunctions } from '../../dialect/dialect.ts'
import { type Fragment, sql } from '../../dialect/fragment.ts'

/** Normalisers of plain text. A destination's key fields name theirs in the manifest. */
export type TextNormalizer = 'none' | 'email' | 'text'

/**
 * Text in the form in which it is compared: `email` and `text` without surrounding blanks and in lower case,
 * `none` as it stands.
 *
 * Null: null, empty and blank text are absent, which is null.
 */
export function normalizeText(fn: DialectFunctions, kind: TextNormalizer, text: Fragment): Fragment {
  const trimmed = fn.trim(text)
  switch (kind) {
    case 'none':
      // What begins with a character beyond the blanks is not blank, which most texts need not be trimmed to tell.
      return sql`case when ${fn.byBytes(text)} >= '!' then ${text} when ${trimmed} <> '' then ${text} end`
    case 'email':
    case 'text':
      return sql`nullif(${fn.lower(trimmed)}, '')`
  }
}
