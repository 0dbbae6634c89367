import { SluiceError } from '../../base/errors.ts'
import type { Position } from '../../base/position.ts'
import { redact } from '../../base/redact.ts'
import { excerpt } from '../../base/source-excerpt.ts'
import { plain } from './plain.ts'
import type { Style } from './style.ts'

/** One error as JSON: `{code, message, file, line, column, hint}`, null where there is none. */
export interface ErrorJson {
  readonly code: string
  readonly message: string
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly hint: string | null
}

/** What an error and a warning have in common. */
export interface Remark {
  readonly code: string
  readonly message: string
  readonly at?: Position | undefined
  readonly hint?: string | undefined
}

/** Unquoted text of a project's file, for the caret; undefined when it was not read. */
export type TextOf = (file: string) => string | undefined

export function errorJson(remark: Remark): ErrorJson {
  return {
    code: remark.code,
    message: remark.message,
    file: remark.at?.file ?? null,
    line: remark.at?.line ?? null,
    column: remark.at?.column ?? null,
    hint: remark.hint ?? null,
  }
}

/**
 * ```
 * error[SLU1002]: unknown key "segmnet" in sync "vip_to_hubspot"
 *   --> syncs/crm.yml:4:5
 *    4 |     segmnet: vip
 *      |     ^^^^^^^ did you mean "segment"?
 * ```
 */
export function renderRemark(
  word: 'error' | 'warning',
  remark: Remark,
  textOf: TextOf,
  style: Style,
): string {
  const colour = word === 'error' ? 'red' : 'yellow'
  const head = `${style(['bold', colour], `${word}[${remark.code}]`)}: ${plain(remark.message)}`
  if (remark.at === undefined) return [head, ...hintLines(remark.hint)].join('\n')
  const place = `  --> ${plain(remark.at.file)}:${remark.at.line}:${remark.at.column}`
  const text = textOf(remark.at.file)
  const [source, carets] = text === undefined ? [] : excerpt(text, remark.at)
  if (source === undefined || carets === undefined) return [head, place, ...hintLines(remark.hint)].join('\n')
  const marked = carets.replace(/\^+/, (found) => style(colour, found))
  return [
    head,
    place,
    redact(source),
    remark.hint === undefined ? marked : `${marked} ${plain(remark.hint)}`,
  ].join('\n')
}

/** Any thrown thing as the error that it is; what we did not foresee is our bug. */
export function asSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  return new SluiceError('SLU9001', {
    message: `this is our bug: expected the command to end with an answer or a known error, found ${describe(error)}`,
    hint: 'run it again with -v for the stack, and please report it with the command and the version',
    cause: error,
  })
}

function hintLines(hint: string | undefined): readonly string[] {
  return hint === undefined ? [] : [`  = ${plain(hint)}`]
}

/** Messages of parsers quote their input, which may be a customer's: those show only the error's name. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const safe = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
  return safe ? `${error.name}: ${error.message}` : `${error.name}${codeOf(error)}`
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : ''
}
