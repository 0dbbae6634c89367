import { nearest } from '../base/nearest.ts'
import { firstLine, type WarehouseProblem, withoutQuoted } from './problem.ts'

/** What DuckDB says, in our classes. Its texts begin with a class of its own: `Binder Error: ...`. */
export function duckdbProblem(text: string): WarehouseProblem {
  for (const [pattern, problem] of PROBLEMS) {
    const match = pattern.exec(text)
    if (match !== null) return problem(match, text)
  }
  return { code: 'SLU3017', message: `expected DuckDB to run the statement, found: ${safeLine(text)}` }
}

/** The file is open elsewhere: worth waiting for. */
export function isLocked(text: string): boolean {
  return /Could not set lock on file|Unique file handle conflict|being used by another process/.test(text)
}

type Problem = (match: RegExpExecArray, text: string) => WarehouseProblem

/** The first that matches counts. */
const PROBLEMS: readonly (readonly [RegExp, Problem])[] = [
  [/No space left on device|not enough disk space|max_temp_directory_size|Disk quota exceeded/i, outOfDisk],
  [/^(?:Out of Memory Error|Invalid Input Error: .*out of memory)|could not allocate/i, outOfMemory],
  [/^INTERRUPT Error|^Interrupted/i, interrupted],
  [/COLUMN_TYPES error: Columns with names: (.+?) do not exist/s, missingFileColumns],
  [/No files found that match the pattern "([^"]*)"/, missingFile],
  [/(?:Cannot open file|Could not open file|Failed to open) "([^"]*)"/i, unreadableFile],
  [/^Catalog Error: Table with name (.+?) does not exist/s, missingTable],
  [/^Catalog Error: (?:Schema|View|Table) with name (.+?) does not exist/s, missingTable],
  [/^Binder Error: Catalog "(.+?)" does not exist/s, missingTable],
  [/^Binder Error: Referenced table "(.+?)" not found/, missingTable],
  [/^Binder Error: Referenced column "(.+?)" (?:was )?not found/, missingColumn],
  [/^Binder Error: Table "(?:.+?)" does not have a column (?:named|with name) "(.+?)"/, missingColumn],
  [
    /^Binder Error: (?:Column|column) (?:named |with name )?"?(.+?)"? (?:not found|does not exist|in EXCLUDE)/,
    missingColumn,
  ],
  [/(?:CSV Error on Line: (\d+).*Invalid unicode|Malformed JSON.* in line (\d+): invalid UTF-8)/is, notUtf8],
  [
    /^(?:Conversion|Out of Range) Error|^Invalid Input Error: (?:CSV Error|Failed to cast|Malformed JSON|Could not)/,
    badValue,
  ],
  [/^Invalid Input Error: Error when sniffing|CSV Error|Invalid unicode/i, badValue],
  [/^Constraint Error/, forbiddenRow],
  [
    /^(?:TransactionContext|Transaction) Error: .*conflict|^Catalog Error: .*write-write conflict/is,
    conflict,
  ],
  [/database has been invalidated|^FATAL Error/, invalidated],
  [/^(?:.*: )?(?:Parser|Binder|Catalog|Syntax) Error/, badSql],
]

function outOfDisk(): WarehouseProblem {
  return {
    code: 'SLU3005',
    message: 'expected space on the disk of the DuckDB file, found it full',
    hint: 'make space beside the file, or raise memory_limit so that less is spilled; nothing was published',
  }
}

function outOfMemory(): WarehouseProblem {
  return {
    code: 'SLU3006',
    message: 'expected DuckDB to have memory enough for the statement, found it exhausted',
    hint: 'raise memory_limit of the target, or lower threads',
  }
}

function interrupted(): WarehouseProblem {
  return { code: 'SLU3016', message: 'expected the statement to finish, found it cancelled' }
}

function missingFileColumns(match: RegExpExecArray): WarehouseProblem {
  const names = [...(match[1] ?? '').matchAll(/"([^"]*)"/g)].map((one) => `"${one[1]}"`).sort()
  return {
    code: 'SLU3004',
    message: `expected the file to have the column${names.length === 1 ? '' : 's'} ${names.join(', ')}, found none of that name`,
    hint: 'look at the header line of the file',
  }
}

function missingFile(match: RegExpExecArray): WarehouseProblem {
  return { code: 'SLU3004', message: `expected a file "${match[1]}", found none` }
}

function unreadableFile(match: RegExpExecArray): WarehouseProblem {
  return { code: 'SLU3004', message: `expected to open the file "${match[1]}", found that it cannot be read` }
}

function notUtf8([, csvLine, jsonLine]: RegExpExecArray): WarehouseProblem {
  return {
    code: 'SLU3015',
    message: `expected a file in UTF-8, found bytes that are none in line ${csvLine ?? jsonLine}`,
    hint: 'save the file as UTF-8; its letters are not guessed',
  }
}

function missingTable(match: RegExpExecArray, text: string): WarehouseProblem {
  return {
    code: 'SLU3004',
    message: `expected a table ${quoted(match[1])} in the warehouse, found none`,
    hint: tableHint(match[1] ?? '', text),
  }
}

function missingColumn(match: RegExpExecArray, text: string): WarehouseProblem {
  return {
    code: 'SLU3004',
    message: `expected a column ${quoted(match[1])}, found none of that name`,
    hint: nearHint(text),
  }
}

/** Nothing of the engine's text but the types and the column: all else may be a value. */
function badValue(_match: RegExpExecArray, text: string): WarehouseProblem {
  const type = /\bto ([A-Z][A-Z0-9_]*(?:\([0-9, ]+\))?)/.exec(text)?.[1]
  const column = /from source column "?([A-Za-z_][\w.]*)"?|^Error when converting column "([^"]+)"/m.exec(
    text,
  )
  const named = column?.[1] ?? column?.[2]
  const wanted = type === undefined ? 'the type that is needed' : type
  return {
    code: 'SLU3008',
    message: `expected every value${named === undefined ? '' : ` of column "${named}"`} to convert to ${wanted}, found one that does not`,
    hint: 'values are never shown; look for it in the warehouse with try_cast',
  }
}

function forbiddenRow(_match: RegExpExecArray, text: string): WarehouseProblem {
  const kind = /NOT NULL|UNIQUE|PRIMARY KEY|FOREIGN KEY|CHECK/i.exec(text)?.[0]
  return {
    code: 'SLU3009',
    message: `expected rows that the table's constraints allow, found one that breaks ${kind ?? 'a constraint'}`,
  }
}

function conflict(): WarehouseProblem {
  return {
    code: 'SLU3010',
    message: 'expected no other transaction to change the same rows, found one that did',
  }
}

function invalidated(): WarehouseProblem {
  return {
    code: 'SLU3012',
    message: 'expected the DuckDB file to be usable, found that DuckDB closed it after an error',
    hint: 'run it again; the file holds what was committed',
  }
}

function badSql(_match: RegExpExecArray, text: string): WarehouseProblem {
  const line = firstLine(text.replace(/^.*?\b(?:Parser|Binder|Catalog|Syntax) Error: /s, ''))
  return {
    code: 'SLU3007',
    message: `expected SQL that DuckDB understands, found: ${line}`,
    hint: nearHint(text),
  }
}

/** The engine names the nearest table however far it is. */
function tableHint(name: string, text: string): string | undefined {
  const near = /Did you mean "(.+?)"/.exec(text)?.[1]
  if (near === undefined) return undefined
  const last = (path: string) => path.split('.').at(-1) ?? path
  return nearest(last(name), [last(near)]) === undefined ? undefined : `did you mean "${near}"?`
}

/** The engine's own nearest names; they are names of the catalog, never values. */
function nearHint(text: string): string | undefined {
  const near = /Did you mean:? (".+?"|\S+?)\??(?:\n|$)/.exec(text)?.[1]
  if (near !== undefined) return `did you mean ${quoted(near)}?`
  const candidates = /Candidate bindings:\s*:?\s*(.+)/.exec(text)?.[1]
  return candidates === undefined ? undefined : `there is ${firstLine(candidates)}`
}

function quoted(name: string | undefined): string {
  return `"${(name ?? '').replaceAll('"', '').trim()}"`
}

function safeLine(text: string): string {
  return withoutQuoted(firstLine(text))
}
