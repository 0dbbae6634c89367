import { SluiceError } from '../base/errors.ts'
import { call } from './common.ts'
import { type Fragment, lit, sql } from './fragment.ts'

/** What `trim` takes away: space, tab and line ends. */
export const BLANKS = ' \t\r\n'

/** `translate`, which has one name and meaning everywhere. Throws where a character stands twice: BigQuery refuses that. */
export function translate(text: Fragment, from: string, to: string): Fragment {
  const characters = [...from]
  if (from === '' || new Set(characters).size < characters.length || [...to].length > characters.length)
    throw new SluiceError('SLU9001', {
      message: `expected characters that each stand once, and as many or fewer to put in their place, found ${JSON.stringify([from, to])}`,
    })
  return call('translate', text, lit(from), lit(to))
}

/** The arguments of `split_part`. Throws for what engines disagree on: no separator, or piece 0. */
export function pieceIndex(separator: string, part: number): readonly Fragment[] {
  if (separator === '' || part === 0 || !Number.isInteger(part))
    throw new SluiceError('SLU9001', {
      message: `expected a separator and a piece from 1 or from -1 back, found "${separator}" and ${part}`,
    })
  return [lit(separator), sql`${part}`]
}
