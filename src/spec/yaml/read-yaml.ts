import { Composer, type Document, Lexer, Parser } from 'yaml'
import { SluiceError } from '../../base/errors.ts'
import type { Warning } from '../../base/warning.ts'
import { MAX_DEPTH, MAX_FILE_BYTES, MAX_FILE_TOKENS } from '../limits.ts'
import { FileLines, type Places } from './places.ts'
import { toValues } from './to-values.ts'
import { tooDeepAt, yamlProblem } from './yaml-problem.ts'

export interface YamlFile {
  readonly file: string
  /** The root mapping as plain data; undefined when the file says nothing or could not be read. */
  readonly root: Readonly<Record<string, unknown>> | undefined
  readonly errors: readonly SluiceError[]
  readonly warnings: readonly Warning[]
}

/**
 * One file's text as plain data with places. YAML 1.2 core: `NO`, `yes`, `1:30` and dates stay texts.
 * A file with a syntax error gives that one error: what follows it is mostly its echo.
 */
export function readYaml(file: string, text: string, places: Places): YamlFile {
  const lines = new FileLines(file, text)
  const failed = (error: SluiceError): YamlFile => ({ file, root: undefined, errors: [error], warnings: [] })
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) return failed(tooLarge(file))
  const document = compose(lines)
  if (document instanceof SluiceError) return failed(document)
  return { file, ...toValues(document, lines, places) }
}

function compose(lines: FileLines): Document.Parsed | SluiceError {
  // Duplicate keys are ours to find: the library's search is quadratic and does not say where the first one is.
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false })
  const parser = new Parser()
  const documents: Document.Parsed[] = []
  let tokens = 0
  for (const lexeme of new Lexer().lex(lines.text)) {
    tokens += 1
    // A collection comes out of the parser when it ends: what grows without end must be seen before that.
    if (tooDeep(parser)) return tooDeepAt(lines, parser.offset)
    if (tokens > MAX_FILE_TOKENS) return tooLong(lines, parser.offset)
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive') return directiveAt(lines, token.offset)
      documents.push(...composer.next(token))
    }
    if (documents.length > 1) break
  }
  for (const token of parser.end()) documents.push(...composer.next(token))
  documents.push(...composer.end(true, lines.text.length))
  return checked(documents, lines)
}

/** The stack also holds the document and the scalar being read; the exact depth is judged on the values. */
function tooDeep(parser: Parser): boolean {
  return parser.stack.length > MAX_DEPTH + 8
}

function checked(documents: readonly Document.Parsed[], lines: FileLines): Document.Parsed | SluiceError {
  const [first, second] = documents
  // The composer makes at least one document when it is told to.
  if (first === undefined) return tooDeepAt(lines, 0)
  const problem = yamlProblem(first, [...first.errors, ...first.warnings], lines)
  if (problem !== undefined) return problem
  if (second !== undefined) {
    return new SluiceError('SLU1013', {
      message: 'expected one YAML document in a file, found a second one',
      at: lines.position({ start: second.range[0], end: second.range[0] }),
      hint: 'put it in a file of its own, or take the line "---" out',
    })
  }
  return first
}

function directiveAt(lines: FileLines, offset: number): SluiceError {
  return new SluiceError('SLU1013', {
    message: 'expected YAML without directives, found a line that starts with "%"',
    at: lines.position({ start: offset, end: offset }),
    hint: 'take it out: projects are always YAML 1.2',
  })
}

function tooLong(lines: FileLines, offset: number): SluiceError {
  return new SluiceError('SLU1010', {
    message: `expected a file of at most ${MAX_FILE_TOKENS} words and marks, found more`,
    at: lines.position({ start: offset, end: offset }),
    hint: 'split it: all files of the project are united',
  })
}

function tooLarge(file: string): SluiceError {
  return new SluiceError('SLU1010', {
    message: `expected a file of at most ${MAX_FILE_BYTES / 1024 / 1024} MB, found a larger one`,
    at: { file, line: 1, column: 1 },
    hint: 'split it: all files of the project are united',
  })
}
