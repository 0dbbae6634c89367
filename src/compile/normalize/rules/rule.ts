import type { DialectFunctions } from '../../../dialect/dialect.ts'
import { type Fragment, lit, sql } from '../../../dialect/fragment.ts'
import { BLANKS_BUT_SPACE, INVISIBLE } from '../characters.ts'

export interface RuleOptions {
  /** ISO 3166, of phone numbers that are written as at home; undefined: those are absent. */
  readonly defaultCountry: string | undefined
}

/** Prints its argument several times, so that between two of them stands a column. */
export type Stage = (text: Fragment) => Fragment

/** How one value is brought into the form of a platform. The last stage gives null for what is absent or not valid. */
export interface Rule {
  readonly isHashed: boolean
  /** What is made of a value, for people: half a sentence. */
  readonly says: string
  readonly stages: (fn: DialectFunctions, options: RuleOptions) => readonly Stage[]
}

/** The stages up to the normalised text, null when absent or not valid. */
type Normalizing = (fn: DialectFunctions, options: RuleOptions) => readonly Stage[]

/**
 * Normalised from text in small letters without blanks around it (`tidy`), then hashed. A hash goes through as it is:
 * another hash of it would find nobody. Stages before the last see to that themselves, by `unlessHash` if need be.
 */
export function hashed(says: string, normalizing: Normalizing, tidy = tidied): Rule {
  const stages: Rule['stages'] = (fn, options) => {
    const normal = normalizing(fn, options)
    const last = normal.length - 1
    return [
      (text) => fn.lower(tidy(fn, text)),
      ...normal.map(
        (stage, index): Stage =>
          index === last ? (text) => unlessHash(fn, text, fn.sha256Hex(stage(text))) : stage,
      ),
    ]
  }
  return { isHashed: true, says, stages }
}

export function unlessHash(fn: DialectFunctions, text: Fragment, value: Fragment): Fragment {
  return sql`case when ${isHash(fn, text)} then ${text} else ${value} end`
}

/** The length is asked first, which costs next to nothing. */
export function isHash(fn: DialectFunctions, text: Fragment): Fragment {
  return sql`${fn.length(text)} = ${HASH_LENGTH} and ${fn.matches(text, lit(`^[0-9a-f]{${HASH_LENGTH}}$`))}`
}

/** Sent as the platform wants to read it: the last stage is escaped, so that it can stand in a text of tokens. */
export function plain(says: string, normalizing: (fn: DialectFunctions) => readonly Stage[]): Rule {
  const stages: Rule['stages'] = (fn) => {
    const normal = normalizing(fn)
    const last = normal.length - 1
    return normal.map((stage, index): Stage => (index === last ? (text) => escaped(stage(text)) : stage))
  }
  return { isHashed: false, says, stages }
}

/** Blanks of any kind become plain ones, those around the text and invisible characters go. */
export function tidied(fn: DialectFunctions, text: Fragment): Fragment {
  const plainBlanks = ' '.repeat(BLANKS_BUT_SPACE.length)
  return fn.trim(unlessPlain(fn, text, fn.translate(text, BLANKS_BUT_SPACE + INVISIBLE, plainBlanks)))
}

/** The same without any blanks. */
export function withoutBlanks(fn: DialectFunctions, text: Fragment): Fragment {
  return sql`replace(${unlessPlain(fn, text, fn.translate(text, BLANKS_BUT_SPACE + INVISIBLE, ''))}, ' ', '')`
}

/** Most texts are of letters, digits, signs and blanks of ASCII, which is told in a tenth of the time. */
export function unlessPlain(fn: DialectFunctions, text: Fragment, value: Fragment): Fragment {
  return sql`case when ${fn.matches(text, lit('[^ -~]'))} then ${value} else ${text} end`
}

/**
 * `%XX` for the few characters of ASCII that part tokens, or that a reader of JSON or logs could trip over: what reads
 * tokens decodes any. The sign itself comes first.
 */
function escaped(text: Fragment): Fragment {
  return ESCAPED.reduce((inner, one) => sql`replace(${inner}, ${lit(one)}, ${lit(codeOf(one))})`, text)
}

/** A plain value as the platform is to read it, where it stands in a field of its own. */
export function unescaped(text: Fragment): Fragment {
  return ESCAPED.toReversed().reduce(
    (inner, one) => sql`replace(${inner}, ${lit(codeOf(one))}, ${lit(one)})`,
    text,
  )
}

const ESCAPED = ['%', ' ', ':', '|', '"', '\\', '\t', '\n', '\r'] as const

function codeOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** SHA-256 in hex digits. */
export const HASH_LENGTH = 64
