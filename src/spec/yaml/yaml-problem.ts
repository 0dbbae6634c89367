import type { YAMLError } from 'yaml'
import { SluiceError } from '../../base/errors.ts'
import { MAX_DEPTH } from '../limits.ts'
import type { FileLines } from './places.ts'

interface Wording {
  readonly code?: 'SLU1010' | 'SLU1013'
  readonly message: string
  readonly hint?: string
}

/** Our words for the library's codes. */
const WORDINGS: Readonly<Record<string, Wording>> = {
  TAB_AS_INDENT: { message: 'expected spaces, found a tab', hint: 'indent with spaces' },
  BAD_INDENT: {
    message: 'expected lines of one mapping or list to start in one column, found another indentation',
    hint: 'indent it as the lines around it',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'expected a key on one line, found one that goes on over the next',
    hint: 'is a ":" missing, or the indentation wrong?',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'expected one value after "key:", found another "key:" on the same line',
    hint: 'put quotes around a text with ": " in it, or braces around a mapping on one line',
  },
  MISSING_CHAR: {
    message: 'expected a closing bracket, quote or comma, found none',
    hint: 'close what was opened before this place, and put spaces after ":" and ","',
  },
  BAD_SCALAR_START: {
    message: 'expected a text, found a character that no plain text may start with',
    hint: 'put the text in quotes',
  },
  BAD_DQ_ESCAPE: {
    message: 'expected a known escape after "\\", found another',
    hint: 'write "\\\\" for a backslash, or use single quotes',
  },
  BAD_ALIAS: { message: 'expected the name of an anchor after "*" or "&", found none that is one' },
  ALIAS_PROPS: { message: 'expected nothing before an alias, found an anchor or tag' },
  MULTIPLE_ANCHORS: { message: 'expected one anchor, found two' },
  KEY_OVER_1024_CHARS: { message: 'expected a key of at most 1024 characters, found a longer one' },
  BAD_DIRECTIVE: {
    code: 'SLU1013',
    message: 'expected YAML without directives, found a line that starts with %',
    hint: 'put the text in quotes, or take the line out',
  },
  MULTIPLE_TAGS: { code: 'SLU1013', message: 'expected a value without tags, found two' },
  TAG_RESOLVE_FAILED: {
    code: 'SLU1013',
    message: 'expected a plain value, found a tag',
    hint: 'take it out: projects know no tags, and include nothing (all files are united)',
  },
  BAD_COLLECTION_TYPE: { code: 'SLU1013', message: 'expected a plain value, found a tag of another kind' },
  RESOURCE_EXHAUSTION: {
    code: 'SLU1010',
    message: 'expected a file of sensible depth, found one that is too deep to read',
  },
  BLOCK_IN_FLOW: {
    message: 'expected the bracket to be closed, found a line of a block list or mapping inside it',
    hint: 'close the bracket, or write the whole without brackets',
  },
}

const OTHER: Wording = {
  message: 'expected YAML, found something that does not belong here',
  hint: 'look at the indentation, and at brackets and quotes before this place',
}

export function yamlProblem(problem: YAMLError, lines: FileLines): SluiceError {
  const wording = WORDINGS[problem.code] ?? OTHER
  return new SluiceError(wording.code ?? 'SLU1011', {
    message: wording.message,
    at: lines.position({ start: problem.pos[0], end: problem.pos[1] }),
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
