import { createVerify, generateKeyPairSync } from 'node:crypto'
import type { FakeAnswer, FakeRequest } from './fake-server.ts'
import type { Settings } from './types.ts'

const CLIENT = { client_id: 'fake.apps.example', client_secret: 'fake-canary-client-secret' }
const REFRESH = 'fake-canary-refresh-token'
const ROBOT = 'robot@fake.iam.example'

/** For fakes of its APIs: where Google gives tokens for a scope, and who is let in with one. */
export class FakeGoogleGate {
  readonly #scope: string
  #given = 0
  #valid = new Set<string>()
  #publicKey = ''

  readonly person: Settings = { ...CLIENT, refresh_token: REFRESH }

  constructor(scope: string) {
    this.#scope = `https://www.googleapis.com/auth/${scope}`
  }

  /** A service account with a new key. */
  robot(): Settings {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    this.#publicKey = pair.publicKey
    return { client_email: ROBOT, private_key: pair.privateKey }
  }

  expire(): void {
    this.#valid = new Set()
  }

  letsIn(authorization: string | undefined): boolean {
    return this.#valid.has(authorization?.replace(/^Bearer /, '') ?? '')
  }

  answer({ method, body }: FakeRequest, tokenUrl: string): FakeAnswer {
    const form = Object.fromEntries(new URLSearchParams(body))
    if (method !== 'POST' || !this.#grants(form, tokenUrl))
      return { status: 400, body: JSON.stringify({ error: 'invalid_grant' }) }
    this.#given += 1
    const token = `ya29.fake-canary-${this.#given}`
    this.#valid.add(token)
    return {
      status: 200,
      body: JSON.stringify({ access_token: token, expires_in: 3599, token_type: 'Bearer' }),
    }
  }

  #grants(form: Readonly<Record<string, string>>, tokenUrl: string): boolean {
    if (form.grant_type === 'refresh_token')
      return (
        form.client_id === CLIENT.client_id &&
        form.client_secret === CLIENT.client_secret &&
        form.refresh_token === REFRESH
      )
    const [header = '', payload = '', signature = ''] = (form.assertion ?? '').split('.')
    if (form.grant_type !== 'urn:ietf:params:oauth:grant-type:jwt-bearer' || signature === '') return false
    const isSigned = createVerify('RSA-SHA256')
      .update(`${header}.${payload}`)
      .verify(this.#publicKey, Buffer.from(signature, 'base64url'))
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    const isMine = claims.iss === ROBOT && claims.scope === this.#scope && claims.aud === tokenUrl
    return isSigned && isMine && Number(claims.exp) - Number(claims.iat) <= 3600
  }
}
