import { SluiceError } from '../../base/errors.ts'
import type { Located } from '../../base/position.ts'
import { type Fragment, join, timestamp, userSql } from '../../dialect/fragment.ts'
import type { SqlText } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'

/** The part of a context that the user's own SQL depends on. */
export type SqlContext = Pick<CompileContext, 'targetType' | 'asOf'>

/**
 * The user's SQL for this target with every `{name}` replaced: `{as_of}` by the run's time, any other by what
 * `resolve` gives. `{{` is a brace; braces around anything but letters, digits, `_` and `.` are text.
 *
 * Throws: SLU4301 when `resolve` gives nothing, SLU4302 when there is no text for this target.
 */
export function expandSql(
  context: SqlContext,
  text: SqlText,
  resolve: (name: string) => Fragment | undefined,
): Fragment {
  const written = sqlFor(context, text)
  const pieces = piecesOf(written.value).map((piece) => {
    if (piece.kind === 'text') return userSql(piece.text)
    if (piece.name === AS_OF) return timestamp(context.asOf)
    const found = resolve(piece.name)
    if (found !== undefined) return found
    throw unknownReference(piece.name, written)
  })
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : join(pieces, '')
}

/** The names that the user's SQL for this target refers to, `as_of` excepted, each once, in order. */
export function referencesIn(context: SqlContext, text: SqlText): readonly string[] {
  const names = piecesOf(sqlFor(context, text).value).flatMap((piece) =>
    piece.kind === 'name' && piece.name !== AS_OF ? [piece.name] : [],
  )
  return [...new Set(names)]
}

/** Throws: SLU4302 when there is no text for this target. */
export function sqlFor(context: Pick<SqlContext, 'targetType'>, text: SqlText): Located<string> {
  const found = text.byTarget.get(context.targetType) ?? text.default
  if (found !== undefined) return found
  throw new SluiceError('SLU4302', {
    message: `expected SQL for targets of type ${context.targetType}, found it only for ${[...text.byTarget.keys()].join(', ')}`,
    at: text.at,
    hint: `add "${context.targetType}:" or "default:" beside them`,
  })
}

const AS_OF = 'as_of'

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }

const BRACE_OR_NAME = /\{\{|\{([A-Za-z0-9_.]+)\}/g

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let pending = ''
  let end = 0
  for (const match of text.matchAll(BRACE_OR_NAME)) {
    pending += text.slice(end, match.index)
    end = match.index + match[0].length
    const name = match[1]
    if (name === undefined) {
      pending += '{'
      continue
    }
    if (pending !== '') pieces.push({ kind: 'text', text: pending })
    pieces.push({ kind: 'name', name })
    pending = ''
  }
  pending += text.slice(end)
  if (pending !== '' || pieces.length === 0) pieces.push({ kind: 'text', text: pending })
  return pieces
}

function unknownReference(name: string, written: Located<string>): SluiceError {
  return new SluiceError('SLU4301', {
    message: `expected a name that is known here in braces, found "{${name}}"`,
    at: written.at,
    hint: `a brace that is no reference is written twice: {{${name}}`,
  })
}
