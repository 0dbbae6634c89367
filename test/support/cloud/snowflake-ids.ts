let last = 0

/** In the form of the real ones, with no letters that could be read as a word. */
export function newQueryId(): string {
  last += 1
  return `01000000-0000-0000-0000-${String(last).padStart(12, '0')}`
}
