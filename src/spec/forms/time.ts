const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** An ISO 8601 date, or date and time, that the calendar has; without a zone it is UTC. */
export function isTime(text: string): boolean {
  const match = TIME.exec(text)
  if (match === null) return false
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0))
  if (year === undefined || month === undefined || day === undefined) return false
  const inCalendar = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
  return inCalendar && (hour ?? 0) <= 23 && (minute ?? 0) <= 59 && (second ?? 0) <= 59
}

/** Milliseconds since 1970 of a text that `isTime`; for telling which of two is earlier. */
export function timeMs(text: string): number {
  const iso = text.replace(' ', 'T')
  const zoned = iso.length === DATE_LENGTH || /(?:Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`
  return Date.parse(
    zoned.replace(/([+-]\d{2})(\d{2})$/, (all, hours, minutes) =>
      iso.includes('T') ? `${hours}:${minutes}` : all,
    ),
  )
}

const DATE_LENGTH = 'yyyy-mm-dd'.length

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
