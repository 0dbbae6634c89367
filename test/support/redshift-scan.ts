/** SQL with texts, names in quotes and comments blanked out, so that words can be looked for. */
export function withoutTexts(statement: string): { readonly code: string } {
  return { code: statement.replaceAll(QUOTED, (found) => ' '.repeat(found.length)) }
}

/** A backslash escapes in a text. */
const QUOTED = /'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|\/\*[\s\S]*?\*\/|--[^\n]*/g

/** From just after an opening parenthesis on: what stands before the one that closes it, and where that one is. */
export function splitTopLevel(
  statement: string,
  start: number,
): { readonly text: string; readonly end: number } {
  const { code } = withoutTexts(statement)
  let depth = 1
  for (let at = start; at < code.length; at += 1) {
    if (code[at] === '(') depth += 1
    if (code[at] === ')') depth -= 1
    if (depth === 0) return { text: statement.slice(start, at), end: at }
  }
  throw new Error('expected a closing parenthesis, found none')
}
