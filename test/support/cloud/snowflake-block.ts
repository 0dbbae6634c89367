import { StatementError } from './snowflake-errors.ts'

type Run = (sql: string) => Promise<{ readonly rows: readonly unknown[] }>

/**
 * An anonymous block of Snowflake's scripting, as far as ours go: exceptions are declared, statements run, and
 * `if (exists (...)) then ... end if`. Throws StatementError for what it raises, and for what this does not read.
 */
export async function runBlock(text: string, run: Run): Promise<void> {
  const body = /\$\$(.*)\$\$/s.exec(text)?.[1] ?? ''
  const match = /^\s*(?:declare(.*?))?\bbegin\b(.*)\bend\b\s*;?\s*$/is.exec(body)
  if (match === null)
    throw new StatementError('001003', '42000', 'SQL compilation error:\nsyntax error in a block')
  const exceptions = declared(match[1] ?? '')
  let rest = (match[2] ?? '').trim()
  while (rest !== '') rest = (await runFirst(rest, exceptions, run)).trim()
}

type Exceptions = ReadonlyMap<string, string>

function declared(text: string): Exceptions {
  return new Map(
    [...text.matchAll(/(\w+)\s+exception\s*\(\s*-?\d+\s*,\s*'((?:[^']|'')*)'\s*\)/gi)].map(
      ([, name = '', message = '']) => [name.toUpperCase(), message.replaceAll("''", "'")],
    ),
  )
}

/** Runs the first statement, and gives what stands after it. */
async function runFirst(text: string, exceptions: Exceptions, run: Run): Promise<string> {
  const condition = /^if\s*\(\s*(not\s+)?exists\s*\((.*?)\)\s*\)\s*then\b(.*?)\bend\s+if\s*;(.*)$/is.exec(
    text,
  )
  if (condition !== null) {
    const [, negated, query = '', inner = '', rest = ''] = condition
    const { rows } = await run(query)
    if (rows.length > 0 !== (negated !== undefined))
      for (let left = inner.trim(); left !== ''; ) left = (await runFirst(left, exceptions, run)).trim()
    return rest
  }
  const [statement = '', rest = ''] = /^(.*?);(.*)$/s.exec(text)?.slice(1) ?? []
  const raised = /^raise\s+(\w+)$/i.exec(statement.trim())?.[1]
  if (raised !== undefined)
    throw new StatementError(
      '-20001',
      'P0001',
      `Uncaught exception of type '${raised}': ${exceptions.get(raised.toUpperCase())}`,
    )
  await run(statement)
  return rest
}
