import { type PatternFlavour, translated } from './translate.ts'

/** As an advanced regular expression that matches the same texts under collation "C". Throws SLU3018. */
export function aresOf(pattern: string): string {
  return translated(pattern, ARE)
}

const ARE: PatternFlavour = {
  engine: 'PostgreSQL',
  anchors: { b: '\\y', B: '\\Y', A: '\\A', z: '\\Z' },
  group: '(?:',
  end: '$',
  // It counts to 255 only.
  mostRepetitions: 255,
  character: (codePoint) => {
    const hex = codePoint.toString(16)
    return codePoint > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
  },
}
