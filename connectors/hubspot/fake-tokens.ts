import type { FakeAnswer } from '../../src/connector/fake-server.ts'
import type { Settings } from '../../src/connector/types.ts'
import { ok } from './fake-answers.ts'

const PRIVATE = 'pat-fake-canary-token'

const APP = {
  client_id: 'fake-client',
  client_secret: 'fake-canary-client-secret',
  refresh_token: 'fake-canary-refresh-token',
}

/** Half an hour, as HubSpot's live. */
const LIFE_SECONDS = 1800

/** Of a private app, whose token stays, and of an app that people install, which is given tokens for a while. */
export class FakeTokens {
  readonly #given = new Set<string>()
  #count = 0

  readonly privateApp: Settings = { access_token: PRIVATE }
  readonly installedApp: Settings = APP

  lets(authorization: string | undefined): boolean {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
    return token === PRIVATE || this.#given.has(token)
  }

  give(form: string): FakeAnswer {
    const { grant_type: grant, ...given } = Object.fromEntries(new URLSearchParams(form))
    if (grant !== 'refresh_token') return refusedGrant('unsupported_grant_type')
    if (given.client_id !== APP.client_id || given.client_secret !== APP.client_secret)
      return refusedGrant('invalid_client')
    if (given.refresh_token !== APP.refresh_token) return refusedGrant('invalid_grant')
    this.#count += 1
    const token = `fake-canary-access-token-${this.#count}`
    this.#given.add(token)
    return ok({
      access_token: token,
      refresh_token: APP.refresh_token,
      expires_in: LIFE_SECONDS,
      token_type: 'bearer',
      token_use: 'access_token',
    })
  }

  expire(): void {
    this.#given.clear()
  }
}

function refusedGrant(error: string): FakeAnswer {
  return { status: 400, body: JSON.stringify({ error, error_description: 'refused', status: 'BAD' }) }
}
