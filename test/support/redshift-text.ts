import { splitTopLevel, withoutTexts } from './redshift-scan.ts'

/**
 * A statement of Redshift as PostgreSQL takes it. What Redshift refuses, or does otherwise than the text says in
 * PostgreSQL, is refused here too, with the words of its manual.
 */
export function postgresText(statement: string): string {
  const { code } = withoutTexts(statement)
  const refused = REFUSED.find(([pattern]) => pattern.test(code))
  if (refused !== undefined) return refusal(refused[1])
  return REWRITES.reduce((text, rewrite) => rewrite(text), statement)
}

/** Outside of texts, names in quotes and comments. Source: the developer guide, "Unsupported PostgreSQL features". */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\bon\s+conflict\b/i, 'syntax error at or near "on conflict"'],
  [/\breturning\b/i, 'syntax error at or near "returning"'],
  [/\bno\s+scroll\b/i, 'syntax error at or near "no scroll"'],
  [/\bfilter\s*\(\s*where\b/i, 'syntax error at or near "filter"'],
  [/\blateral\b/i, 'syntax error at or near "lateral"'],
  [/\bis\s+(?:not\s+)?distinct\s+from\b/i, 'syntax error at or near "distinct"'],
  [/\bdistinct\s+on\b/i, 'SELECT DISTINCT ON is not supported'],
  [/\bcreate\s+(?:unique\s+)?index\b/i, 'CREATE INDEX is not supported'],
  [/\bcreate\s+(?:or\s+replace\s+)?temp(?:orary)?\s+view\b/i, 'syntax error at or near "view"'],
  [/\bunlogged\b/i, 'syntax error at or near "unlogged"'],
  [/\badd\s+column\s+if\s+not\s+exists\b/i, 'syntax error at or near "not"'],
  [
    /\b(?:string_agg|array_agg|to_jsonb?|jsonb?_build_object|jsonb?_agg|generate_series|hashtextextended|sha256|convert_to|regexp_matches?)\s*\(/i,
    'function is not supported',
  ],
  [/\bmerge\s+into\b[^;]*\busing\s*\(/i, 'the source of a merge must be a table'],
  [/\bmerge\s+into\b[^;]*\bwhen\s+(?:not\s+)?matched\s+and\b/i, 'syntax error at or near "and"'],
  [/\bfor\s+(?:update|share)\b/i, 'syntax error at or near "for"'],
  [/\badd\s+column\b[^;]*,\s*add\s+column\b/i, 'ALTER TABLE adds one column at a time'],
  [/\bunnest\s*\(/i, 'function unnest is not supported'],
  [/\$\$/, 'syntax error at or near "$$"'],
]

function refusal(message: string): string {
  const quoted = message.replaceAll("'", "''")
  return `do $refuse$ begin raise exception using errcode = '0A000', message = '${quoted}'; end $refuse$`
}

const REWRITES: readonly ((text: string) => string)[] = [
  // The part of a date is a word to Redshift, and would be a column to PostgreSQL.
  (text) => text.replaceAll('dateadd(month,', "dateadd('month',"),
  // Redshift takes keys down, and holds no row to them.
  (text) => text.replaceAll(/,\s*(?:primary key|unique) \([^)]*\)| primary key\b/g, ''),
  // Settings that PostgreSQL has only with a prefix.
  (text) =>
    text.replaceAll(/\bset (query_group|enable_case_sensitive_identifier) to\b/g, 'set redshift.$1 to'),
  (text) => joinedTexts(text),
]

/** `listagg(x, ',') within group (order by k)` as an aggregate of PostgreSQL has its order; the last one first. */
function joinedTexts(text: string, end = text.length): string {
  const start = withoutTexts(text).code.slice(0, end).lastIndexOf('listagg(')
  if (start === -1) return text
  const inside = splitTopLevel(text, start + 'listagg('.length)
  const order = /^\s*within group \(order by /.exec(text.slice(inside.end + 1))
  if (order === null) return joinedTexts(text, start)
  const ordered = splitTopLevel(text, inside.end + 1 + order[0].length)
  const call = `redshift.listagg(${inside.text} order by ${ordered.text})`
  return joinedTexts(`${text.slice(0, start)}${call}${text.slice(ordered.end + 1)}`, start)
}
