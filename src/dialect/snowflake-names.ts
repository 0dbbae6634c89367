/**
 * How a name of ours stands in Snowflake. What is written there without quotes is stored in upper case, so that ours
 * are too: users then read `sluice.customer` as they write it. Any other name is stored as it is.
 */
export function storedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name.toUpperCase() : name
}

/** A stored name as we write it: what needs no quotes in lower case. */
export function writtenName(stored: string): string {
  return /^[A-Z_][A-Z0-9_]*$/.test(stored) ? stored.toLowerCase() : stored
}
