import { type PatternFlavour, translated } from './translate.ts'

/** For the functions of Redshift that take the parameter `p`, Perl's patterns. Throws SLU3018. */
export function perlPatternOf(pattern: string): string {
  return translated(pattern, PERL)
}

const PERL: PatternFlavour = {
  engine: 'Redshift',
  anchors: { b: '\\b', B: '\\B', A: '\\A', z: '\\z' },
  group: '(?:',
  // Perl's `$` also matches before a line end at the end.
  end: '\\z',
  // Its manual does not say how far it counts; every library counts this far.
  mostRepetitions: 255,
  character: (codePoint) => `\\x{${codePoint.toString(16)}}`,
}
