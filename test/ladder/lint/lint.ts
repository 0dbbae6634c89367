import type { Dialect } from '../../../src/dialect/dialect.ts'
import { tokenRulesOf } from '../dialect-rules.ts'
import { codeOf, type Token, tokensOf } from '../tokens.ts'
import { calledFunctions } from './calls.ts'
import { formsIn } from './forms.ts'
import { allowedFunctions, printedDivisions } from './functions.ts'
import { lackingIn } from './lacking.ts'

/** What is wrong with a statement by our own rules for printed SQL (design section 7), each as a short sentence. */
export function lint(dialect: Dialect, sql: string, where = ''): readonly string[] {
  const code = codeOf(tokensOf(sql, tokenRulesOf(dialect)))
  const forms = formsIn(code, { where, divisions: printedDivisions(dialect) })
  return [...unknownFunctions(dialect, code), ...forms, ...lackingIn(dialect.name, code)]
}

function unknownFunctions(dialect: Dialect, code: readonly Token[]): readonly string[] {
  const allowed = allowedFunctions(dialect)
  return calledFunctions(code)
    .filter((name) => !allowed.has(name))
    .map((name) => `function ${name} is not on the list`)
}
