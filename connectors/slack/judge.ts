import type { ApiAnswer, Judgement } from '../../src/connector/api.ts'
import { objectIn } from '../../src/connector/shapes.ts'

/** Slack answers nearly everything with 200; whether it did it says `ok`, and why not `error`. */
export function judge({ status, json }: ApiAnswer): Judgement | undefined {
  if (status < 200 || status >= 300) return undefined
  const { ok, error } = objectIn(json)
  if (ok === true) return undefined
  // Whoever answered that may have passed the message on.
  if (typeof error !== 'string') return { action: 'retry', ambiguous: true }
  return JUDGEMENTS.get(error) ?? { action: 'stop' }
}

/** What is not here is wrong with the settings, and stays so until they are mended. */
const JUDGEMENTS: ReadonlyMap<string, Judgement> = new Map<string, Judgement>([
  ['invalid_auth', { action: 'refresh' }],
  ['not_authed', { action: 'refresh' }],
  ['token_expired', { action: 'refresh' }],
  ['ratelimited', { action: 'retry' }],
  ['rate_limited', { action: 'retry' }],
  ['service_unavailable', { action: 'retry' }],
  ['team_added_to_org', { action: 'retry' }],
  // They leave open whether the message was posted.
  ['internal_error', { action: 'retry', ambiguous: true }],
  ['fatal_error', { action: 'retry', ambiguous: true }],
  ['request_timeout', { action: 'retry', ambiguous: true }],
])

/** The error's code, which is one word, and the setting that it is about. */
export function wordsOf(json: unknown): string | undefined {
  const { error } = objectIn(json)
  if (typeof error !== 'string' || !/^[a-z_]{1,60}$/.test(error)) return undefined
  const advice = ADVICE.get(error)
  return advice === undefined ? error : `${error}; ${advice}`
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['channel_not_found', 'correct the setting channel of the sync, or invite the app if it is private'],
  ['not_in_channel', 'invite the app to the channel of the sync'],
  ['is_archived', 'the channel of the sync is archived: unarchive it, or name another one'],
  ['msg_too_long', 'shorten the setting text of the sync'],
  ['no_text', 'the setting text of the sync leaves nothing to say'],
  ['missing_scope', 'give the app chat:write and install it again'],
  ['token_revoked', 'install the app again and put its new token into the setting token'],
  ['account_inactive', 'install the app again and put its new token into the setting token'],
  ['invalid_auth', 'correct the setting token'],
  ['not_authed', 'correct the setting token'],
  ['token_expired', 'turn token rotation off for the app, and put a token that lasts into the setting token'],
  ['restricted_action', 'a preference of the workspace forbids it to post there'],
])
