/** What stands at the head of a file of `sql/`, in this order. */
interface TemplateHeader {
  /** What the step does. */
  readonly summary: string
  readonly reads: string
  readonly writes: string
  /** `one row a ...`, `one row` or `no rows`. */
  readonly grain: string
  /** Raised when the step's meaning, its placeholders or its columns change. */
  readonly version: number
  /**
   * `several`, parted by semicolons and run in one transaction, where a dialect has no single one for the step. Left
   * out: one.
   */
  readonly statements: 'one' | 'several'
}

export interface TemplateText {
  readonly header: TemplateHeader
  /** The statement, without the header and without a semicolon at its end. */
  readonly body: string
}

/** Reads a file's text; a problem is one line, "expected x, found y". */
export function readTemplate(text: string): TemplateText | { readonly problem: string } {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const end = lines.findIndex((line) => !line.startsWith('--'))
  const comments = lines.slice(0, end < 0 ? lines.length : end).map((line) => line.slice(2).trim())
  const header = readHeader(comments)
  if ('problem' in header) return header
  const body = (end < 0 ? [] : lines.slice(end)).join('\n').trim().replace(/;$/, '').trimEnd()
  const problem = bodyProblem(body, header)
  return problem === undefined ? { header, body } : { problem }
}

const KEYS = ['reads', 'writes', 'grain', 'version'] as const

function readHeader(comments: readonly string[]): TemplateHeader | { readonly problem: string } {
  const found = new Map<string, string[]>([['summary', []]])
  let current = found.get('summary') ?? []
  for (const line of comments) {
    const match = /^(reads|writes|grain|version|statements): *(.*)$/.exec(line)
    if (match === null) current.push(line)
    else {
      current = [match[2] ?? '']
      found.set(match[1] ?? '', current)
    }
  }
  const value = (key: string) => (found.get(key) ?? []).join(' ').trim()
  if (value('summary') === '')
    return { problem: 'expected comment lines that say what the step does, found none' }
  const order = [...found.keys()]
    .slice(1)
    .filter((key) => key !== 'statements')
    .join(', ')
  if (order !== KEYS.join(', '))
    return { problem: `expected a header with ${KEYS.join(', ')} in this order, found ${order || 'none'}` }
  const empty = KEYS.find((key) => value(key) === '')
  if (empty !== undefined)
    return { problem: `expected "${empty}" in the header to say something, found nothing` }
  if (!/^(?:one row(?: |$)|no rows)/.test(value('grain')))
    return {
      problem: `expected "grain: one row a ...", "one row" or "no rows", found "grain: ${value('grain')}"`,
    }
  if (!/^[1-9][0-9]{0,3}$/.test(value('version')))
    return { problem: `expected a whole number as version, found "${value('version')}"` }
  const statements = statementsIn(found.get('statements')?.join(' ').trim())
  if (typeof statements === 'object') return statements
  return {
    summary: value('summary'),
    reads: value('reads'),
    writes: value('writes'),
    grain: value('grain'),
    version: Number(value('version')),
    statements,
  }
}

function statementsIn(written = 'one'): TemplateHeader['statements'] | { readonly problem: string } {
  if (written === 'one' || written === 'several') return written
  return { problem: `expected "statements: one" or "several", found "statements: ${written}"` }
}

const PLACEHOLDER = /\{\{ [a-z][a-z0-9_]* \}\}/g

function bodyProblem(body: string, { statements }: TemplateHeader): string | undefined {
  if (body === '') return 'expected a statement after the header, found none'
  const code = withoutTexts(body)
  if (code === undefined) return 'expected every text, name and comment to be closed, found one that is not'
  if (statements === 'one' && code.includes(';')) return 'expected one statement, found a semicolon inside'
  const brace = /\{\{.{0,20}|.{0,20}\}\}/.exec(body.replaceAll(PLACEHOLDER, ''))?.[0]
  if (brace !== undefined) return `expected placeholders of the form {{ name }}, found "${brace}"`
  const capital = /\w*[A-Z]\w*/.exec(code)?.[0]
  if (capital !== undefined) return `expected SQL in lower case, found "${capital}"`
  return undefined
}

/** The statement without texts in quotes, exact names and comments, which may hold anything; undefined: not closed. */
function withoutTexts(body: string): string | undefined {
  const code = body.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
  return /['"`]|\/\*/.test(code) ? undefined : code
}

/** The statement cut at its placeholders: text, name, text, name, ..., text. */
export function splitPlaceholders(body: string): readonly string[] {
  return body.split(/\{\{ ([a-z][a-z0-9_]*) \}\}/)
}
