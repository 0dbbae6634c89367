import { parse } from 'node-cron'
import { Temporal } from 'temporal-polyfill'

/**
 * The latest moment (milliseconds since 1970) at or before `atMs` at which a cron time stands; undefined when there
 * is none within ten years. The time is a value here, so node-cron only reads the fields.
 *
 * A time that the clock skips in spring stands as much later as the clock is set forward; one that it shows twice in
 * autumn stands once, at the first. When both the day of the month and the day of the week are restricted, either
 * is enough, as in every cron.
 */
export function lastCronTime(cron: string, timezone: string, atMs: number): number | undefined {
  return search(cron, timezone, atMs, -1)
}

/** The first moment after `afterMs` at which a cron time stands; undefined when there is none within ten years. */
export function nextCronTime(cron: string, timezone: string, afterMs: number): number | undefined {
  return search(cron, timezone, afterMs, 1)
}

/** 29 February comes back after eight years at the latest; one more day than ten years holds it for certain. */
const MOST_DAYS = 3_654

function search(cron: string, timezone: string, fromMs: number, step: 1 | -1): number | undefined {
  const fields = fieldsOf(cron)
  if (fields === undefined) return undefined
  let day = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timezone).toPlainDate()
  for (let walked = 0; walked <= MOST_DAYS; walked += 1) {
    if (isDay(fields, day)) {
      const times = timesOf(fields, day, timezone)
      const found =
        step === 1 ? times.find((time) => time > fromMs) : times.findLast((time) => time <= fromMs)
      if (found !== undefined) return found
    }
    day = day.add({ days: step })
  }
  return undefined
}

interface Fields {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly months: ReadonlySet<number>
  readonly daysOfMonth: ReadonlySet<number | string>
  /** Sunday is 0. */
  readonly daysOfWeek: ReadonlySet<number | string>
  readonly eitherDay: boolean
}

/** Undefined for a day that no calendar has, such as 31 February: node-cron refuses it, `validate` does not. */
function fieldsOf(cron: string): Fields | undefined {
  const [, , dayOfMonth = '', , dayOfWeek = ''] = cron.trim().split(/\s+/)
  const parsed = parsedFields(cron)
  if (parsed === undefined) return undefined
  return {
    minutes: parsed.minute,
    hours: parsed.hour,
    months: new Set(parsed.month),
    daysOfMonth: new Set(parsed.dayOfMonth),
    daysOfWeek: new Set(parsed.dayOfWeek),
    eitherDay: !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*'),
  }
}

function parsedFields(cron: string): ReturnType<typeof parse> | undefined {
  try {
    return parse(cron)
  } catch {
    return undefined
  }
}

function isDay(fields: Fields, day: Temporal.PlainDate): boolean {
  if (!fields.months.has(day.month)) return false
  const inMonth = fields.daysOfMonth.has(day.day)
  const inWeek = fields.daysOfWeek.has(day.dayOfWeek % DAYS_A_WEEK)
  return fields.eitherDay ? inMonth || inWeek : inMonth && inWeek
}

/** ISO counts Sunday as 7, cron as 0. */
const DAYS_A_WEEK = 7

function timesOf(fields: Fields, day: Temporal.PlainDate, timezone: string): readonly number[] {
  const times = fields.hours.flatMap((hour) =>
    fields.minutes.map(
      (minute) => day.toPlainDateTime({ hour, minute }).toZonedDateTime(timezone).epochMilliseconds,
    ),
  )
  return [...new Set(times)].sort((a, b) => a - b)
}
