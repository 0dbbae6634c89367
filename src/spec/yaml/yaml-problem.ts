import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml'
import type { ErrorCode } from '../../base/codes.ts'
import { SluiceError } from '../../base/errors.ts'
import { MAX_DEPTH } from '../limits.ts'
import type { FileLines, Span } from './places.ts'

interface Wording {
  readonly code?: ErrorCode
  readonly message: string
  readonly hint?: string
  /** Where the caret goes; default: the word at the library's place. */
  readonly mark?: (document: Document.Parsed, problem: YAMLError, text: string) => Span
}

const INDENTED: Wording = {
  message: 'expected the keys of one mapping in one column, found a line that is indented otherwise',
  hint: 'indent it as the lines around it',
}

/** Our words for what the library reports, by the start of its own; the first that fits. */
const WORDINGS: readonly (readonly [RegExp, Wording])[] = [
  [/^TAB_AS_INDENT/, { message: 'expected spaces, found a tab', hint: 'indent with spaces', mark: atPlace }],
  [/^BAD_INDENT Flow map/, { message: 'expected "}" to close this "{", found none', mark: atOpening }],
  [/^BAD_INDENT Flow seq/, { message: 'expected "]" to close this "[", found none', mark: atOpening }],
  [
    /^MISSING_CHAR Missing closing/,
    { message: 'expected this quote to be closed, found no other', mark: atOpening },
  ],
  [/^BAD_INDENT/, INDENTED],
  [
    /^MISSING_CHAR Sequence item/,
    {
      message: 'expected an item "- " or a key in the column of those above, found neither',
      hint: 'indent it as the lines around it',
    },
  ],
  [/^BLOCK_AS_IMPLICIT_KEY.*\n.*MULTILINE/s, { ...INDENTED, mark: atLastLine }],
  [
    /^(?:MULTILINE_IMPLICIT_KEY|MISSING_CHAR Implicit)/,
    {
      message: 'expected "key: value", found a line without ":"',
      hint: 'is a ":" or a space after it missing?',
    },
  ],
  [
    /^BLOCK_AS_IMPLICIT_KEY/,
    {
      message: 'expected one value after "key:", found another "key:" on the same line',
      hint: 'put quotes around a text with ": " in it, or braces around a mapping on one line',
    },
  ],
  [/^BLOCK_IN_FLOW/, { message: 'expected "," between two parts inside brackets, found none' }],
  [/^MISSING_CHAR/, { message: 'expected "," between two parts inside brackets, found none' }],
  [
    /^BAD_SCALAR_START/,
    { message: 'expected a text, found a character that starts none', hint: 'put the text in quotes' },
  ],
  [
    /^BAD_DQ_ESCAPE/,
    {
      message: 'expected a known escape after "\\", found another',
      hint: 'write "\\\\", or use single quotes',
    },
  ],
  [/^BAD_ALIAS/, { message: 'expected a name after "*" or "&", found none', hint: 'put a text in quotes' }],
  [
    /^TAG_RESOLVE_FAILED/,
    {
      code: 'SLU1013',
      message: 'expected a plain value, found a tag',
      hint: 'take it out: projects know no tags, and include nothing (all files are united)',
    },
  ],
  [
    /^(?:BAD_COLLECTION_TYPE|MULTIPLE_TAGS)/,
    { code: 'SLU1013', message: 'expected a plain value, found a tag' },
  ],
  [
    /^RESOURCE_EXHAUSTION/,
    { code: 'SLU1010', message: 'expected a file of sensible depth, found a deeper one' },
  ],
]

const OTHER: Wording = {
  message: 'expected YAML, found something that does not belong here',
  hint: 'look at the indentation, and at brackets and quotes before this place',
}

/** The first mistake of a document that could not be read. */
export function yamlProblem(
  document: Document.Parsed,
  problems: readonly YAMLError[],
  lines: FileLines,
): SluiceError | undefined {
  const [problem, next] = problems
  if (problem === undefined) return undefined
  const also = next !== undefined && next.pos[0] === problem.pos[0] ? `\n${next.code}` : ''
  const told = `${problem.code} ${problem.message}${also}`
  const wording = WORDINGS.find(([pattern]) => pattern.test(told))?.[1] ?? OTHER
  const marked = also === '' ? problem : (next ?? problem)
  const span = (wording.mark ?? atWord)(document, marked, lines.text)
  return new SluiceError(wording.code ?? 'SLU1011', {
    message: wording.message,
    at: lines.position(span),
    hint: wording.hint,
  })
}

export function tooDeepAt(lines: FileLines, offset: number): SluiceError {
  return new SluiceError('SLU1010', {
    message: `expected at most ${MAX_DEPTH} levels of lists and mappings, found more`,
    at: lines.position({ start: offset, end: offset }),
    hint: 'a condition may be split into segments of its own: {segment: NAME}',
  })
}

function atPlace(_document: Document.Parsed, problem: YAMLError): Span {
  return { start: problem.pos[0], end: problem.pos[1] }
}

/** From the first letter at or after the place to the end of its word. */
function atWord(_document: Document.Parsed, problem: YAMLError, text: string): Span {
  const [from] = problem.pos
  const blanks = /^[ ]*/.exec(text.slice(from, from + LONGEST_MARK))?.[0].length ?? 0
  const start = from + blanks
  const word = /^[^\s:,[\]{}]+/.exec(text.slice(start, start + LONGEST_MARK))?.[0].length ?? 0
  return { start, end: start + word }
}

/** Lines of YAML are seldom longer, and carets beyond the screen help nobody. */
const LONGEST_MARK = 200

function atLastLine(_document: Document.Parsed, problem: YAMLError, text: string): Span {
  const [from, to] = problem.pos
  const line = text.lastIndexOf('\n', to - 1) + 1
  const start = Math.max(from, line + (/^\s*/.exec(text.slice(line, to))?.[0].length ?? 0))
  return { start, end: to }
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']', '"': '"', "'": "'" }

/** The last bracket or quote before the place that nothing closes. */
function atOpening(document: Document.Parsed, problem: YAMLError, text: string): Span {
  let open = problem.pos[0]
  visit(document, {
    Node(_key, node) {
      if (!(isCollection(node) || isScalar(node)) || !node.range) return
      const [start, end] = node.range
      const closing = CLOSING[text[start] ?? '']
      if (closing === undefined || start >= problem.pos[1]) return
      if (end - start < 2 || text[end - 1] !== closing) open = start
    },
  })
  return { start: open, end: open + 1 }
}
