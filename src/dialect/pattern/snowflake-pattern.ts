import { type PatternFlavour, translated } from './translate.ts'

/** As an extended regular expression of POSIX with Perl's `\b`, which Snowflake reads. Throws SLU3018. */
export function eresOf(pattern: string): string {
  return translated(pattern, ERE)
}

const ERE: PatternFlavour = {
  engine: 'Snowflake',
  // It matches in one line unless it is asked not to, so that these are the ends of the whole text.
  anchors: { b: '\\b', B: '\\B', A: '^', z: '$' },
  group: '(',
  end: '$',
  // As far as POSIX promises.
  mostRepetitions: 255,
  character,
}

/** The character itself: no escape by number is documented. Of ASCII what could have a meaning stands behind a backslash. */
function character(codePoint: number): string {
  // No text holds half of a surrogate pair, and SQL cannot either; this is the last before them, which is no character.
  const whole = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xd7ff : codePoint
  const letter = String.fromCodePoint(whole)
  return /^[!-/:-@[-`{-~]$/.test(letter) ? `\\${letter}` : letter
}
