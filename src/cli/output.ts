import { ProjectErrors, type SluiceError } from '../base/errors.ts'
import { redact } from '../base/redact.ts'
import type { Json } from './answer.ts'
import { exitCodeOf, worstOf } from './exit-codes.ts'
import { asSluiceError, errorJson, renderRemark, type TextOf } from './render/errors.ts'
import { plainLines } from './render/plain.ts'
import { styleFor } from './render/style.ts'

export type JsonAnswer = Readonly<Record<string, Json>>

/** stdout is data: a command writes exactly one of these. */
export function writeJson(answer: JsonAnswer): void {
  process.stdout.write(`${JSON.stringify(answer, jsonValue, 2)}\n`)
}

/** Text that was made safe cell by cell, and may hold our own colours. */
export function writeText(text: string): void {
  if (text !== '') process.stdout.write(`${redact(text)}\n`)
}

export interface ErrorOutput {
  readonly format: 'text' | 'json'
  readonly verbose: boolean
  readonly textOf: TextOf
  /** What the answer holds beside the errors, with `-o json`. */
  readonly beside?: JsonAnswer
}

/**
 * Says what went wrong: with `-o json` as the answer on stdout, for people on stderr. Gives the exit code.
 * `thrown` holds at least one.
 */
export function writeErrors(
  thrown: readonly unknown[],
  { format, verbose, textOf, beside }: ErrorOutput,
): number {
  const errors = thrown.flatMap((one) => (one instanceof ProjectErrors ? one.errors : [asSluiceError(one)]))
  if (format === 'json') writeJson({ ...beside, ...errorsJson(errors) })
  else showErrors(errors, textOf)
  if (verbose) for (const error of errors) showStack(error)
  return worstOf(errors.map(exitCodeOf))
}

/** `{error, errors}`: the first one, and all of them. */
function errorsJson(errors: readonly SluiceError[]): JsonAnswer {
  const all = errors.map((error) => ({ ...errorJson(error) }))
  return { error: all[0], errors: all }
}

function showErrors(errors: readonly SluiceError[], textOf: TextOf): void {
  const style = styleFor(process.stderr, process.env)
  for (const error of errors) process.stderr.write(`${renderRemark('error', error, textOf, style)}\n`)
}

function showStack(error: Error): void {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    process.stderr.write(`${plainLines(at.stack ?? at.message)}\n`)
}

/** Integers that a double cannot hold are text, as they are for destinations. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  return typeof value === 'string' ? redact(value) : value
}
