import { createSign } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { registerSecret } from '../base/redact.ts'
import { DestinationError } from './errors.ts'
import type { HttpClient } from './http.ts'
import type { AuthMethod, Manifest, OAuthMethod, Settings } from './types.ts'

/** What a request needs to be let in. */
interface Pass {
  readonly headers: Readonly<Record<string, string>>
  /** Where the API is, when it was told together with the token. */
  readonly baseUrl?: string
}

/** Who asks: the way of the manifest whose settings are given, with a token that lives for a while where it needs one. */
export interface Credentials {
  /** Of the settings that are to be looked at when the API refuses them. */
  readonly needs: readonly string[]
  /** Throws a DestinationError `stop` when no token is given for what the settings say. */
  pass(): Promise<Pass>
}

/** The way that is taken with these settings; undefined: none of them is complete. */
export function authMethodOf(manifest: Manifest, settings: Settings): AuthMethod | undefined {
  return manifest.auth?.find(({ needs }) => needs.every((name) => settings[name] !== undefined))
}

export function credentialsOf(
  manifest: Manifest,
  settings: Settings,
  tools: { readonly clock: Clock; readonly client: HttpClient },
): Credentials {
  const method = authMethodOf(manifest, settings)
  if (method === undefined) return { needs: [], pass: async () => ({ headers: {} }) }
  const { needs } = method
  if (method.kind === 'oauth2') return { needs, pass: tokens(method, settings, tools) }
  const headers = method.kind === 'basic' ? basic(method, settings) : given(method, settings)
  return { needs, pass: async () => ({ headers }) }
}

function given(method: Extract<AuthMethod, { kind: 'header' }>, settings: Settings) {
  return { [method.name]: filled(method.value, settings) }
}

function basic({ user, password }: Pair, settings: Settings) {
  const pair = `${filled(user, settings)}:${filled(password, settings)}`
  const encoded = Buffer.from(pair).toString('base64')
  registerSecret(encoded)
  return { authorization: `Basic ${encoded}` }
}

interface Pair {
  readonly user: string
  readonly password: string
}

/** `{name}` is replaced by that setting. */
function filled(text: string, settings: Settings): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(settings[name] ?? ''))
}

interface Token {
  readonly pass: Pass
  readonly renewAtMs: number
}

/** One token for all requests; asked for once, however many wait for it. */
function tokens(
  method: OAuthMethod,
  settings: Settings,
  { clock, client }: { readonly clock: Clock; readonly client: HttpClient },
): () => Promise<Pass> {
  let token: Promise<Token> | undefined
  const ask = (): Promise<Token> => {
    const asked = askForToken(method, settings, clock, client)
    // The next request asks again.
    asked.catch(() => {
      if (token === asked) token = undefined
    })
    return asked
  }
  return async () => {
    token ??= ask()
    const current = token
    const known = await current
    if (clock.monotonicMs() < known.renewAtMs) return known.pass
    // Whoever else found it too old may have asked already.
    if (token === current) token = ask()
    return (await token).pass
  }
}

/** A request that leaves with a token must be there before it ends. */
const RENEW_EARLY_MS = 60_000

/** Where the answer does not say how long it lives, it is used until it is refused. */
const FOREVER_MS = Number.POSITIVE_INFINITY

async function askForToken(
  method: OAuthMethod,
  settings: Settings,
  clock: Clock,
  client: HttpClient,
): Promise<Token> {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(method.form)) form.set(name, filled(value, settings))
  if (method.jwt !== undefined) form.set('assertion', assertionOf(method.jwt, method.needs, settings, clock))
  const answer = await client.request({
    method: 'POST',
    url: filled(method.tokenUrl, settings),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(method.basic === undefined ? {} : basic(method.basic, settings)),
    },
    body: form.toString(),
    answers: [400, 401, 403],
  })
  const said = answer.status === 200 ? objectOf(answer.text) : {}
  const { access_token: token, expires_in: seconds } = said
  if (typeof token !== 'string' || token === '') throw refused(method, answer.status, objectOf(answer.text))
  registerSecret(token)
  const baseUrl = method.baseUrlIn === undefined ? undefined : said[method.baseUrlIn]
  const lifeMs = Number(seconds) > 0 ? Number(seconds) * 1000 : FOREVER_MS
  return {
    pass: {
      headers: { authorization: `Bearer ${token}` },
      ...(typeof baseUrl === 'string' ? { baseUrl } : {}),
    },
    // A token that lives for less is renewed when half of its life is over.
    renewAtMs: clock.monotonicMs() + Math.max(lifeMs - RENEW_EARLY_MS, lifeMs / 2),
  }
}

function refused(
  { needs }: OAuthMethod,
  status: number,
  said: Readonly<Record<string, unknown>>,
): DestinationError {
  // A code of RFC 6749, which is one word; descriptions quote what was sent.
  const code = typeof said.error === 'string' && /^[a-z_]{1,40}$/.test(said.error) ? ` (${said.error})` : ''
  return new DestinationError('stop', {
    message: `expected a token for ${needs.join(', ')}, found ${status}${code}: check these settings, and that the app is still allowed`,
    status,
  })
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function assertionOf(
  { key, claims, lifetimeSeconds }: NonNullable<OAuthMethod['jwt']>,
  needs: readonly string[],
  settings: Settings,
  clock: Clock,
): string {
  const issuedAt = Math.floor(clock.nowMs() / 1000)
  const payload = {
    ...Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, filled(value, settings)])),
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  }
  const unsigned = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(payload)}`
  try {
    const signature = createSign('RSA-SHA256')
      .update(unsigned)
      .sign(pemOf(filled(key, settings)))
    return `${unsigned}.${signature.toString('base64url')}`
  } catch (cause) {
    throw new DestinationError('stop', {
      message: `expected a private key in PEM among ${needs.join(', ')}, found none that can sign`,
      cause,
    })
  }
}

/** Keys come through the environment, where line ends are often written as `\n`. */
function pemOf(text: string): string {
  return text.replaceAll('\\n', '\n')
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
