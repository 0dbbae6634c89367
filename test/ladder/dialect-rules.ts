import type { Dialect } from '../../src/dialect/dialect.ts'
import type { TokenRules } from './tokens.ts'

/** How a dialect writes texts and names, seen from what it prints. */
export function tokenRulesOf(dialect: Dialect): TokenRules {
  return {
    backslash: dialect.literal('\\').length > 3,
    quote: dialect.quote('a').startsWith('`') ? '`' : '"',
  }
}
