import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import { registerSecret } from '../base/redact.ts'
import { type HttpAnswer, type HttpRequest, NoAnswer, sendHttp } from './databricks-http.ts'
import type { DatabricksSettings } from './databricks-settings.ts'

export interface Login {
  /** The value of the header `Authorization`. Throws SLU3001, SLU3002. */
  header(): Promise<string>
  /** The server no longer takes this header: the next one is another, if there can be one. */
  refused(header: string): boolean
}

export function loginOf({ origin, credentials }: DatabricksSettings, clock: Clock): Login {
  if (credentials.kind === 'token')
    return { header: async () => `Bearer ${credentials.token}`, refused: () => false }
  const ask = () => tokenOf(origin, credentials, clock)
  let current: Promise<Token> | undefined

  async function header(): Promise<string> {
    const held = await current?.catch(() => undefined)
    if (held === undefined || held.renewAtMs <= clock.monotonicMs()) current = ask()
    return (await (current as Promise<Token>)).header
  }

  return {
    header,
    refused: () => {
      current = undefined
      return true
    },
  }
}

interface Token {
  readonly header: string
  readonly renewAtMs: number
}

/** A token is not used in its last minute: a request may take that long to arrive. */
const RENEW_EARLY_MS = 60_000
/** What a token lives for that does not say it: an hour, as those of Databricks. */
const USUAL_LIFE_SECONDS = 3600

async function tokenOf(
  origin: string,
  { id, secret }: { readonly id: string; readonly secret: string },
  clock: Clock,
): Promise<Token> {
  const pair = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')
  const askedAtMs = clock.monotonicMs()
  const answer = await asked(clock, {
    method: 'POST',
    url: `${origin}/oidc/v1/token`,
    headers: { authorization: `Basic ${pair}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&scope=all-apis',
  })
  const { access_token: token, expires_in: seconds } = fieldsOf(answer)
  if (answer.status !== 200 || typeof token !== 'string') throw refusal(answer)
  registerSecret(token)
  const lifeMs = (typeof seconds === 'number' ? seconds : USUAL_LIFE_SECONDS) * 1000
  return { header: `Bearer ${token}`, renewAtMs: askedAtMs + lifeMs - Math.min(RENEW_EARLY_MS, lifeMs / 2) }
}

/** A log-in changes nothing, so that it may be tried again whatever became of it. */
const LOGIN_TRIES = 4
const FIRST_PAUSE_MS = 250

async function asked(clock: Clock, request: HttpRequest): Promise<HttpAnswer> {
  for (let tried = 1; ; tried += 1) {
    const answer = await sendHttp(request, clock.nowMs()).catch((error: unknown) => {
      if (error instanceof NoAnswer) return error
      throw error
    })
    const mayDiffer = answer instanceof NoAnswer || answer.status === 429 || answer.status >= 500
    if (mayDiffer && tried < LOGIN_TRIES) {
      const told = answer instanceof NoAnswer ? undefined : answer.retryAfterMs
      await clock.sleep(told ?? FIRST_PAUSE_MS * 2 ** (tried - 1))
    } else if (answer instanceof NoAnswer)
      throw new SluiceError('SLU3001', {
        message: `expected the workspace ${new URL(request.url).host} to log in to, found that it does not answer (${answer.message})`,
        hint: 'look at host of the target, and at the network',
      })
    else return answer
  }
}

function refusal(answer: HttpAnswer): SluiceError {
  const { error } = fieldsOf(answer)
  const reason = typeof error === 'string' && /^[a-z_]+$/.test(error) ? ` (${error})` : ''
  const isOurs = answer.status >= 400 && answer.status < 500 && answer.status !== 429
  return new SluiceError(isOurs ? 'SLU3002' : 'SLU3001', {
    message: `expected Databricks to log in the service principal, found status ${answer.status}${reason}`,
    hint: 'look at client_id and client_secret of the target: the secret may have expired',
  })
}

function fieldsOf({ text }: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
