import { createPublicKey, verify } from 'node:crypto'

/** Who may log in, and what proves it. */
export interface FakeUser {
  /** In PEM. */
  readonly publicKey?: string
  readonly password?: string
  /** A programmatic access token. */
  readonly accessToken?: string
  /** Tokens of OAuth that the account takes for this user. */
  readonly oauthTokens?: readonly string[]
  /** A client of OAuth that stands for this user. */
  readonly client?: { readonly id: string; readonly secret: string }
  /** Tokens of a workload, by the provider that issued them. */
  readonly workloadTokens?: Readonly<Record<string, string>>
}

export interface LoginData {
  readonly ACCOUNT_NAME?: string
  readonly LOGIN_NAME?: string
  readonly AUTHENTICATOR?: string
  readonly PASSWORD?: string
  readonly TOKEN?: string
  readonly PROVIDER?: string
}

interface Refusal {
  readonly code: string
  readonly message: string
}

/** The name of the user that the log-in proves, or why it is refused. */
export function loggedIn(
  data: LoginData,
  users: ReadonlyMap<string, FakeUser>,
  nowMs: number,
): { readonly user: string } | Refusal {
  const name = data.LOGIN_NAME?.toUpperCase()
  const token = data.TOKEN ?? ''
  const holder = (holds: (user: FakeUser) => boolean, refusal: Refusal) => {
    const found = [...users].find(([one, user]) => (name === undefined || one === name) && holds(user))
    return found === undefined ? refusal : { user: found[0] }
  }
  switch (data.AUTHENTICATOR) {
    case 'SNOWFLAKE_JWT':
      return signed(data, users, nowMs)
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return holder(({ accessToken }) => accessToken === token, {
        code: '394400',
        message: 'Programmatic access token is invalid.',
      })
    case 'OAUTH':
      return holder(({ oauthTokens }) => oauthTokens?.includes(token) === true, {
        code: '390303',
        message: 'Invalid OAuth access token.',
      })
    case 'WORKLOAD_IDENTITY':
      return holder(({ workloadTokens }) => workloadTokens?.[data.PROVIDER ?? ''] === token, {
        code: '390202',
        message: 'Authentication by workload identity failed.',
      })
    default:
      return holder(({ password }) => password !== undefined && password === data.PASSWORD, {
        code: '390100',
        message: 'Incorrect username or password was specified.',
      })
  }
}

const INVALID: Refusal = { code: '390144', message: 'JWT token is invalid.' }

/** By the key that the user has: signature, who it names, and the time that it holds for. */
function signed(
  data: LoginData,
  users: ReadonlyMap<string, FakeUser>,
  nowMs: number,
): { readonly user: string } | Refusal {
  const name = data.LOGIN_NAME?.toUpperCase() ?? ''
  const publicKey = users.get(name)?.publicKey
  const [header = '', payload = '', signature = ''] = (data.TOKEN ?? '').split('.')
  if (publicKey === undefined) return INVALID
  const isOurs = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    createPublicKey(publicKey),
    Buffer.from(signature, 'base64url'),
  )
  const { iss, sub, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}')
  const subject = `${data.ACCOUNT_NAME?.toUpperCase()}.${name}`
  // The client writes milliseconds where the standard has seconds, and the real one takes both.
  const expiresMs = Number(exp) > 1e11 ? Number(exp) : Number(exp) * 1000
  const isValid =
    isOurs && sub === subject && String(iss).startsWith(`${subject}.SHA256:`) && expiresMs > nowMs
  return isValid ? { user: name } : INVALID
}
