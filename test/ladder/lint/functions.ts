import type { Dialect } from '../../../src/dialect/dialect.ts'
import { intentTexts, tableTexts } from '../corpus/intents.ts'
import { tokenRulesOf } from '../dialect-rules.ts'
import { codeOf, type Token, tokensOf } from '../tokens.ts'
import { calledFunctions } from './calls.ts'

/**
 * What may be called in a statement of a dialect: what its intents and its statements about tables print, and the few
 * functions that mean the same on all six warehouses.
 */
export function allowedFunctions(dialect: Dialect): ReadonlySet<string> {
  const known = ALLOWED.get(dialect)
  if (known !== undefined) return known
  const allowed = new Set([...printedCode(dialect).flatMap(calledFunctions), ...EVERYWHERE])
  ALLOWED.set(dialect, allowed)
  return allowed
}

/** What stands around each `/` that an intent prints: those divide fractions, or without rest. */
export function printedDivisions(dialect: Dialect): ReadonlySet<string> {
  const divisions = printedCode(dialect).flatMap((code) =>
    code.flatMap(({ text }, at) => (text === '/' ? [`${code[at - 1]?.text} / ${code[at + 1]?.text}`] : [])),
  )
  return new Set(divisions)
}

function printedCode(dialect: Dialect): readonly (readonly Token[])[] {
  const known = PRINTED.get(dialect)
  if (known !== undefined) return known
  const texts = [...intentTexts(dialect).values(), ...tableTexts(dialect).values()]
  const printed = texts.map((text) => codeOf(tokensOf(text, tokenRulesOf(dialect))))
  PRINTED.set(dialect, printed)
  return printed
}

const PRINTED = new Map<Dialect, readonly (readonly Token[])[]>()
const ALLOWED = new Map<Dialect, ReadonlySet<string>>()

/** Reviewed against each vendor's manual: one meaning for the arguments that we give them. */
const EVERYWHERE: readonly string[] = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'coalesce',
  'nullif',
  'abs',
  'ceil',
  'floor',
  'mod',
  'substring',
  'replace',
  'row_number',
  'rank',
  'dense_rank',
  'lag',
  'lead',
  'first_value',
]
