import type { BigQuery } from '@google-cloud/bigquery'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'

/** What the client library asks of whoever signs its requests. */
interface Signer {
  getRequestHeaders(): Promise<Headers>
}

/** With a token that somebody else renews. */
export function bearer(token: string): Signer {
  return { getRequestHeaders: async () => new Headers({ authorization: `Bearer ${token}` }) }
}

const IAM = 'https://iamcredentials.googleapis.com'
const SCOPES = ['https://www.googleapis.com/auth/bigquery']
const LIFETIME_SECONDS = 3600
/** Renewed this long before it runs out, so that no request leaves with a token that dies on its way. */
const EARLY_MS = 300_000

/**
 * Signs as a service account that the user of the target may impersonate: with short-lived tokens that are asked for
 * with the target's own credentials. Throws SLU3002 where they are refused.
 */
export function impersonating(source: BigQuery, account: string, clock: Clock, service = IAM): Signer {
  const url = `${service}/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateAccessToken`
  let token = ''
  let renewAtMs = 0
  return {
    getRequestHeaders: async () => {
      if (clock.nowMs() >= renewAtMs) {
        const answer = await generated(url, await headersOf(source, url), account)
        token = answer.accessToken
        renewAtMs = Date.parse(answer.expireTime) - EARLY_MS
      }
      return new Headers({ authorization: `Bearer ${token}` })
    },
  }
}

async function headersOf(source: BigQuery, url: string): Promise<Headers> {
  const signer = source.authClient as unknown as { getRequestHeaders(url: string): Promise<Headers> }
  const headers = new Headers(await signer.getRequestHeaders(url))
  headers.set('content-type', 'application/json')
  return headers
}

interface Generated {
  readonly accessToken: string
  readonly expireTime: string
}

async function generated(url: string, headers: Headers, account: string): Promise<Generated> {
  const body = JSON.stringify({ scope: SCOPES, lifetime: `${LIFETIME_SECONDS}s` })
  const response = await fetch(url, { method: 'POST', headers, body })
  if (response.ok) return (await response.json()) as Generated
  await response.body?.cancel()
  throw new SluiceError('SLU3002', {
    message: `expected to be let impersonate ${account}, found HTTP ${response.status}`,
    hint: 'grant roles/iam.serviceAccountTokenCreator on it to who runs this',
  })
}
