import { instantOf } from '../../base/instant.ts'
import { type Fragment, timestamp } from '../../dialect/fragment.ts'
import { timeMs } from '../../spec/forms/time.ts'

/** A date or time as the user wrote it (`isTime`), as a timestamp in UTC; cut to microseconds. */
export function timeLiteral(text: string): Fragment {
  const instant = instantOf(timeMs(text))
  const micros = /\.(\d+)/.exec(text)?.[1]?.padEnd(6, '0').slice(3, 6) ?? '000'
  return timestamp(micros === '000' ? instant : instant.replace('Z', `${micros}Z`))
}
