/**
 * Secret values that this process knows. Every sink of text (errors, logs, JSON) passes `redact`.
 * Process-wide on purpose: a secret read anywhere must be hidden everywhere.
 */
const SECRETS = new Set<string>()

/** Shorter values would blank out ordinary words; no real credential is this short. */
const SHORTEST_SECRET = 6

export function registerSecret(value: string): void {
  if (value.length < SHORTEST_SECRET) return
  for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64')])
    SECRETS.add(form)
}

export function redact(text: string): string {
  let result = text
  for (const secret of SECRETS) result = result.replaceAll(secret, '[redacted]')
  return result
}
