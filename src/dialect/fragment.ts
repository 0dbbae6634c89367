/**
 * SQL text under construction. A bare string cannot enter: only `id`, `name`, `lit`, `timestamp`, numbers, other
 * fragments, and text that the user wrote as SQL in the project (`userSql`).
 */
export interface Fragment {
  readonly parts: readonly Part[]
}

type Part =
  /** Of our own. */
  | { readonly kind: 'text'; readonly text: string }
  /** SQL that the user wrote, which stands as it is. */
  | { readonly kind: 'user'; readonly text: string }
  /** One of ours: quoted as the warehouse stores it. */
  | { readonly kind: 'id'; readonly name: string }
  /** As the user wrote it in inner double quotes: quoted as it stands. */
  | { readonly kind: 'exact'; readonly name: string }
  /** A temporary table of the session. */
  | { readonly kind: 'scratch'; readonly name: string }
  /** A bare name that the user wrote: folds as the warehouse folds, then is quoted. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: LiteralValue }
  | { readonly kind: 'timestamp'; readonly iso: string }
  /** Behind a condition. */
  | { readonly kind: 'truth'; readonly holds: boolean }

export type LiteralValue = string | number | boolean | null

/** What rendering needs of a dialect. */
export interface FragmentRenderer {
  quote(identifier: string): string
  /** How a name of ours stands in the warehouse, so that users need no quotes for it. */
  stored(identifier: string): string
  /** A temporary table of the session, quoted. */
  scratch(name: string): string
  fold(bareName: string): string
  literal(value: LiteralValue): string
  timestampLiteral(iso: string): string
  /** Behind a condition: whether it is true, or is false or null; the words of the standard where it is left out. */
  truth?(holds: boolean): string
  /** Text that all warehouses share as this one takes it, where it has words of its own. */
  inOwnWords?(text: string): string
}

const MADE = new WeakSet<object>()

/** Writes SQL: "sql`select ${id('a')} from ${name('crm.contacts')} where b > ${5}`". */
export function sql(strings: TemplateStringsArray, ...values: readonly (Fragment | number)[]): Fragment {
  const parts: Part[] = []
  strings.forEach((text, index) => {
    if (text !== '') parts.push({ kind: 'text', text })
    if (index < values.length) parts.push(...partsOf(values[index]))
  })
  return make(parts)
}

/** An identifier of ours; several are joined by dots. */
export function id(...names: readonly string[]): Fragment {
  return make(
    names.flatMap((one, index) => {
      const part: Part = { kind: 'id', name: one }
      return index === 0 ? [part] : [{ kind: 'text', text: '.' } as const, part]
    }),
  )
}

/** A temporary table of ours, which only its session sees. */
export function scratch(name: string): Fragment {
  return make([{ kind: 'scratch', name }])
}

/**
 * A table or column as the user wrote it: dots separate parts, a part in inner double quotes is exact (`""` is a
 * quote), any other part folds as the warehouse folds bare names.
 */
export function name(written: string): Fragment {
  const parts: Part[] = []
  for (const piece of splitName(written)) {
    if (parts.length > 0) parts.push({ kind: 'text', text: '.' })
    parts.push(piece.exact ? { kind: 'exact', name: piece.text } : { kind: 'name', name: piece.text })
  }
  return make(parts)
}

export function lit(value: LiteralValue): Fragment {
  return make([{ kind: 'literal', value }])
}

/** Behind a condition in parentheses: two-valued, so that null is as false. */
export function isTrue(condition: Fragment): Fragment {
  return sql`(${condition}) ${make([{ kind: 'truth', holds: true }])}`
}

export function isNotTrue(condition: Fragment): Fragment {
  return sql`(${condition}) ${make([{ kind: 'truth', holds: false }])}`
}

/** A moment as a timestamp without zone, in UTC. */
export function timestamp(iso: string): Fragment {
  return make([{ kind: 'timestamp', iso }])
}

/** SQL that the user wrote in the project, taken as it stands. Never for anything else. */
export function userSql(text: string): Fragment {
  return make([{ kind: 'user', text }])
}

/** Text of a checked file of `sql/`, or an operator that a dialect prints. Only template and dialect may call it. */
export function fixedText(text: string): Fragment {
  return make([{ kind: 'text', text }])
}

/** The text of a fragment that is one text literal, else undefined. */
export function literalText(fragment: Fragment): string | undefined {
  const [part, ...more] = fragment.parts
  if (part?.kind !== 'literal' || more.length > 0) return undefined
  return typeof part.value === 'string' ? part.value : undefined
}

export type Separator =
  | ''
  | ' '
  | ', '
  | ' and '
  | ' or '
  | ' || '
  | '\n'
  | '\n  and '
  | '\n  or '
  | ',\n'
  | ',\n  '
  | '\nunion all\n'

export function join(fragments: readonly Fragment[], separator: Separator): Fragment {
  return make(
    fragments.flatMap((fragment, index) =>
      index === 0 ? fragment.parts : [{ kind: 'text', text: separator } as const, ...fragment.parts],
    ),
  )
}

export const EMPTY: Fragment = make([])

export function render(fragment: Fragment, renderer: FragmentRenderer): string {
  return fragment.parts.map((part) => renderPart(part, renderer)).join('')
}

/** The parts of a name as the user wrote it; `exact` parts stood in inner double quotes. */
export function splitName(written: string): readonly { readonly text: string; readonly exact: boolean }[] {
  const pieces: { text: string; exact: boolean }[] = []
  const pattern = /"((?:[^"]|"")*)"|([^."]+)/g
  for (const match of written.matchAll(pattern)) {
    const quoted = match[1]
    if (quoted !== undefined) pieces.push({ text: quoted.replaceAll('""', '"'), exact: true })
    else pieces.push({ text: (match[2] ?? '').trim(), exact: false })
  }
  return pieces
}

function partsOf(value: Fragment | number | undefined): readonly Part[] {
  if (typeof value === 'number' && Number.isFinite(value)) return [{ kind: 'literal', value }]
  if (typeof value === 'object' && MADE.has(value)) return value.parts
  throw new TypeError('expected a fragment or a finite number in sql``, found something else')
}

function make(parts: readonly Part[]): Fragment {
  const fragment: Fragment = { parts }
  MADE.add(fragment)
  return fragment
}

function renderPart(part: Part, renderer: FragmentRenderer): string {
  switch (part.kind) {
    case 'text':
      return renderer.inOwnWords?.(part.text) ?? part.text
    case 'user':
      return part.text
    case 'id':
      return renderer.quote(renderer.stored(part.name))
    case 'exact':
      return renderer.quote(part.name)
    case 'scratch':
      return renderer.scratch(part.name)
    case 'name':
      return renderer.quote(renderer.fold(part.name))
    case 'literal':
      return renderer.literal(part.value)
    case 'timestamp':
      return renderer.timestampLiteral(part.iso)
    case 'truth':
      return renderer.truth?.(part.holds) ?? (part.holds ? 'is true' : 'is not true')
  }
}
