import { SluiceError } from '../base/errors.ts'
import { type Instant, instantOf } from '../base/instant.ts'

const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(\.\d{1,9})?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i

/** `2026-01-31`, `2026-01-31T08:00`, with or without a zone; without one it is UTC. Throws SLU7005. */
export function parseAsOf(text: string): Instant {
  const match = TIME.exec(text.trim())
  const [, date = '', minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match ?? []
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const epochMs = Date.parse(`${date}T${minutes}:${seconds}${fraction.slice(0, 4)}${offset}`)
  if (match === null || Number.isNaN(epochMs) || !isCalendarDay(date))
    throw new SluiceError('SLU7005', {
      message: `expected --as-of to be a time, found "${text}"`,
      hint: 'write a date, 2026-01-31, or a time, 2026-01-31T08:00:00Z',
    })
  return instantOf(epochMs)
}

/** The 30th of February parses; it is no day. */
function isCalendarDay(date: string): boolean {
  const epochMs = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(epochMs) && instantOf(epochMs).startsWith(date)
}
