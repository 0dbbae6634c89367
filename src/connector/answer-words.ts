import { redact } from '../base/redact.ts'
import type { Batch, Change, JsonValue } from './types.ts'

/**
 * Cleans what a destination says of a change at `index`, for a receipt: short, one line, no secrets, no e-mail
 * addresses, and none of the row's own values, which destinations like to quote. Undefined when it says nothing.
 */
export function answerWords(batch: Batch): (index: number, said: unknown) => string | undefined {
  let changes: readonly Change[] | undefined
  return (index, said) => {
    if (typeof said !== 'string' || said.trim() === '') return undefined
    changes ??= batch.changes()
    return cleanWords(said, changes[index])
  }
}

/** The same for one change that is at hand; undefined: about none in particular. */
export function cleanWords(said: string, change: Change | undefined): string {
  const values = change === undefined ? [] : valuesOf(change)
  // Cut before anything else: what follows costs time in the length of the text.
  const text = redact(said.slice(0, LONGEST_READ)).replace(UNPRINTABLE, ' ')
  const masked = values.reduce((rest, value) => withoutValue(rest, value), text).replace(EMAIL, HIDDEN)
  const short = masked.replace(/\s+/g, ' ').trim()
  return short.length <= LONGEST_WORDS ? short : `${short.slice(0, LONGEST_WORDS - 1)}…`
}

/** A reason fits in a line; what is longer is a page of HTML. */
const LONGEST_WORDS = 200
const LONGEST_READ = 4000
const HIDDEN = '[value]'

/** Control characters, line ends, and the marks that turn the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu
const EMAIL = /[^\s@"'<>()[\],;:]{1,64}@[^\s@"'<>()[\],;:]{1,255}/g

/** Longest first, so that a value inside another one does not cut it. */
function valuesOf(change: Change): readonly string[] {
  const rows = [change.key, change.fields, change.previous_key ?? {}]
  const texts = new Set(rows.flatMap((row) => Object.values(row).flatMap(textsOf)))
  return [...texts].sort((a, b) => b.length - a.length)
}

function textsOf(value: JsonValue): readonly string[] {
  if (value === null || typeof value === 'boolean' || value === '') return []
  if (typeof value !== 'object') return [String(value)]
  return Object.values(value).flatMap(textsOf)
}

/** Whole words only: a value "1" must not tear "column 10" apart. */
function withoutValue(text: string, value: string): string {
  const escaped = value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  const whole = text.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu'), HIDDEN)
  // A long value is quoted cut; where it begins to appear, nothing after it is kept.
  const start = value.length > QUOTED_START ? whole.indexOf(value.slice(0, QUOTED_START)) : -1
  return start < 0 ? whole : `${whole.slice(0, start)}${HIDDEN}`
}

/** So many letters in a row are no coincidence. */
const QUOTED_START = 16
