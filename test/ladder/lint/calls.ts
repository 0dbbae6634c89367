import type { Token } from '../tokens.ts'

/** The functions that a statement calls, in lower case. Names in quotes before a parenthesis are lists of columns. */
export function calledFunctions(code: readonly Token[]): readonly string[] {
  return code.flatMap(({ kind, text }, at) => {
    const isCall = kind === 'word' && code[at + 1]?.text === '(' && !isListOfColumns(code, at)
    return isCall && !NO_CALLS.has(text.toLowerCase()) ? [text.toLowerCase()] : []
  })
}

/** Words that stand before a parenthesis and call nothing. */
const NO_CALLS = new Set(
  `and any as between by conflict cast case check default distinct else end except exists filter from group having in index
insert interval into is join key like limit not null numeric decimal varchar char values on or order over partition
number primary references row rows select set some table then union unique update using values when where with within
intersect qualify all recursive returning select materialized timestamp timestamp_ntz struct array tblproperties options
properties cluster sort`.split(/\s+/),
)

/** `with a (x, y) as`, `as t (x)`, `insert into t (x)`, `values` of a named list, a type with a size. */
function isListOfColumns(code: readonly Token[], at: number): boolean {
  const before = code[at - 1]?.text.toLowerCase() ?? ''
  if (['as', 'into', 'table', 'with', 'recursive', 'exists'].includes(before)) return true
  // A name that a join or a subquery is given: `) t (x)`.
  return before === ')' && code[at - 2]?.text !== undefined && /^[a-z]$/.test(code[at]?.text ?? '')
}
