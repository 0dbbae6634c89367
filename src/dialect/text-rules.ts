import { SluiceError } from '../base/errors.ts'
import { type Fragment, lit, sql } from './fragment.ts'

/** What `trim` takes away: space, tab and line ends. */
export const BLANKS = ' \t\r\n'

/** The arguments of `split_part`. Throws for what engines disagree on: no separator, or piece 0. */
export function pieceIndex(separator: string, part: number): readonly Fragment[] {
  if (separator === '' || part === 0 || !Number.isInteger(part))
    throw new SluiceError('SLU9001', {
      message: `expected a separator and a piece from 1 or from -1 back, found "${separator}" and ${part}`,
    })
  return [lit(separator), sql`${part}`]
}
