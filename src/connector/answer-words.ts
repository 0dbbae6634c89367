import { redact } from '../base/redact.ts'
import { identifiersOf, leavingOf } from './members.ts'
import type { Batch, Change, JsonValue } from './types.ts'

/**
 * Cleans what a destination says of the change at `index`, for a receipt: one short line without secrets, e-mail
 * addresses, or values of the batch's rows, which destinations like to quote. Undefined when it says nothing.
 */
export function answerWords(batch: Batch): (index: number, said: unknown) => string | undefined {
  let known: { readonly changes: readonly Change[]; readonly all: Values } | undefined
  return (index, said) => {
    if (typeof said !== 'string' || said.trim() === '') return undefined
    // Parsed only now: a batch that is taken costs nothing here.
    if (known === undefined) {
      const changes = batch.changes()
      known = { changes, all: valuesOf(changes, SHORTEST_OF_OTHERS) }
    }
    const own = known.changes[index]
    return cleaned(said, own === undefined ? [known.all] : [valuesOf([own], 1), known.all])
  }
}

/** The same for a text that is about no change in particular, without a batch at hand. */
export function cleanWords(said: string): string {
  return cleaned(said, [])
}

/** A reason fits in a line; what is longer is a page of HTML. */
const LONGEST_WORDS = 200

/** What is hidden makes a text shorter, so more is read than is kept. */
const LONGEST_READ = 1000

/** "FR" and "yes" are values of some row in every batch; hidden everywhere, they would blank out plain words. */
const SHORTEST_OF_OTHERS = 4

/** Longer values are also told by how they begin, because destinations quote them cut. */
const START_LENGTH = 16

/** Of a value that is looked for as a whole; a longer one is found by its start. */
const MOST_WORDS = 8

const HIDDEN = '[value]'
const WORD = /[\p{L}\p{N}\p{M}]+/gu
const EMAIL = /[^\s@"'<>()[\],;:]{1,64}@[^\s@"'<>()[\],;:]{1,255}/g

/** Control characters, line ends, and the marks that turn the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu

/** Lower case, from the first word to the end of the last. */
interface Values {
  readonly whole: ReadonlySet<string>
  /** How the longer ones begin. */
  readonly starts: ReadonlySet<string>
}

function cleaned(said: string, values: readonly Values[]): string {
  const text = oneLine(redact(said.slice(0, LONGEST_READ)))
  const hidden = withoutValues(text, values).replace(EMAIL, HIDDEN)
  return hidden.length <= LONGEST_WORDS ? hidden : `${hidden.slice(0, LONGEST_WORDS - 1)}…`
}

function oneLine(text: string): string {
  return text.normalize('NFC').replace(UNPRINTABLE, ' ').trim()
}

function valuesOf(changes: readonly Change[], shortest: number): Values {
  const whole = new Set<string>()
  const starts = new Set<string>()
  for (const change of changes)
    for (const value of valuesIn(change)) {
      const text = fromWordToWord(oneLine(value))
      if (text.length >= shortest) whole.add(text)
      if (text.length > START_LENGTH) starts.add(text.slice(0, START_LENGTH))
    }
  return { whole, starts }
}

function valuesIn(change: Change): readonly string[] {
  const { key, fields, previous_key: previous } = change
  const people = [...identifiersOf(change), ...leavingOf(change)].flatMap(({ parts }) => parts)
  return [...[key, fields, previous ?? null].flatMap(textsOf), ...people]
}

function textsOf(value: JsonValue): readonly string[] {
  if (value === null || typeof value === 'boolean') return []
  if (typeof value !== 'object') return [String(value)]
  return Object.values(value).flatMap(textsOf)
}

function fromWordToWord(text: string): string {
  const words = [...text.matchAll(WORD)]
  const [first, last] = [words[0], words.at(-1)]
  if (first === undefined || last === undefined) return ''
  return text.slice(first.index, last.index + last[0].length).toLowerCase()
}

/** Whole words only: a value "1" must not tear "column 10" apart. */
function withoutValues(text: string, values: readonly Values[]): string {
  const words = [...text.matchAll(WORD)].map((word) => ({
    start: word.index,
    end: word.index + word[0].length,
  }))
  let result = ''
  let from = 0
  for (let index = 0; index < words.length; index += 1) {
    const start = words[index]?.start ?? 0
    const ends = words.slice(index, index + MOST_WORDS).map(({ end }) => end)
    const known = ends.findLastIndex((end) => isValue(text.slice(start, end), values))
    const begins = text.slice(start, start + START_LENGTH).toLowerCase()
    // Where a value that was cut ends cannot be told, so nothing after it is kept.
    if (known < 0 && values.some(({ starts }) => starts.has(begins)))
      return `${result}${text.slice(from, start)}${HIDDEN}`
    if (known < 0) continue
    result += text.slice(from, start) + HIDDEN
    from = ends[known] ?? start
    index += known
  }
  return result + text.slice(from)
}

function isValue(text: string, values: readonly Values[]): boolean {
  const lower = text.toLowerCase()
  return values.some(({ whole }) => whole.has(lower))
}
