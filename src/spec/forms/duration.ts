/** `1h`, `10m`, `30 s`, `2d`: how long the engine waits; no calendar in it. */
export const DURATION = /^([1-9][0-9]{0,5}) ?(s|m|h|d)$/

const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Of a text that matches `DURATION`. */
export function durationMs(text: string): number {
  const match = DURATION.exec(text)
  return Number(match?.[1]) * MILLISECONDS[match?.[2] as keyof typeof MILLISECONDS]
}

/** `10 minutes`, `1 hour`. */
export function durationHint(text: string): string | undefined {
  const match = /^\s*([1-9][0-9]{0,5})\s*(s|m|h|d)[a-z]*\s*$/i.exec(text)
  return match === null ? undefined : `did you mean "${match[1]}${match[2]?.toLowerCase()}"?`
}
