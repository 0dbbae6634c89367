import type { Answer } from './databricks-statements.ts'

/** The log-ins of a workspace: one personal token, and one service principal whose tokens end. */
export class FakeTokens {
  readonly personal = 'dapi-0123456789abcdef'
  readonly client = { id: '11111111-2222-3333-4444-555555555555', secret: 'dose-s3cret/+=' }
  /** How long the next tokens live, as the answer says. */
  lifeSeconds = 3600
  readonly granted: string[] = []
  readonly #held = new Set<string>()

  grant(authorization: string | undefined, form: string): Answer {
    const { id, secret } = this.client
    const pair = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')
    const fields = new URLSearchParams(form)
    const isRight =
      authorization === `Basic ${pair}` &&
      fields.get('grant_type') === 'client_credentials' &&
      fields.get('scope') === 'all-apis'
    if (!isRight)
      return {
        status: 401,
        body: { error: 'invalid_client', error_description: 'Client authentication failed' },
      }
    const token = `oauth-token-${this.granted.length + 1}`
    this.granted.push(token)
    this.#held.add(token)
    return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: this.lifeSeconds } }
  }

  holds(authorization: string | undefined): boolean {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
    return token === this.personal || this.#held.has(token)
  }

  /** Those that were granted are taken no longer. */
  end(): void {
    this.#held.clear()
  }
}
