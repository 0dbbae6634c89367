import { type PatternFlavour, translated } from './translate.ts'

/** For `rlike` of Databricks: one of Java's patterns, of which a match is found anywhere. Throws SLU3018. */
export function javaPatternOf(pattern: string): string {
  return translated(pattern, JAVA)
}

const AFTER = '(?<=[0-9A-Za-z_])'
const NOT_AFTER = '(?<![0-9A-Za-z_])'
const BEFORE = '(?=[0-9A-Za-z_])'
const NOT_BEFORE = '(?![0-9A-Za-z_])'

/** Java's own `\b` is of ASCII or of Unicode by its version, so that the edge of a word is spelled out. */
export const WORD_EDGE = `(?:${AFTER}${NOT_BEFORE}|${NOT_AFTER}${BEFORE})`
export const NO_WORD_EDGE = `(?:${AFTER}${BEFORE}|${NOT_AFTER}${NOT_BEFORE})`

const JAVA: PatternFlavour = {
  engine: 'Databricks',
  anchors: { b: WORD_EDGE, B: NO_WORD_EDGE, A: '\\A', z: '\\z' },
  // Java's `$` also matches before a line end at the end.
  end: '\\z',
  // As far as RE2 counts.
  mostRepetitions: 1000,
  group: '(?:',
  character: (codePoint) => `\\x{${codePoint.toString(16)}}`,
}
