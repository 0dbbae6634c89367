/** A number where it is exact, else a bigint. */
export function integerValue(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** `2026-01-31 08:00:00.5` (with or without +00) -> `2026-01-31T08:00:00.500Z`; anything else stays as it is. */
export function timeText(text: string): string {
  const match = /^(\d{4,}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?\d*(?:\+00(?::00)?)?$/.exec(text)
  if (match === null) return text
  const fraction = (match[3] ?? '').padEnd(3, '0').replace(/^(\d{3}\d*?)0*$/, '$1')
  return `${match[1]}T${match[2]}.${fraction}Z`
}
