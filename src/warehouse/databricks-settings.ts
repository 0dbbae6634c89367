import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'
import { timeoutMs } from './timeout.ts'

export interface DatabricksSettings {
  /** `https://` and the host of the workspace. */
  readonly origin: string
  readonly warehouseId: string
  /** Undefined: those of the workspace. */
  readonly catalog: string | undefined
  readonly schema: string | undefined
  readonly credentials: Credentials
  /** A statement that takes longer is cancelled. */
  readonly statementTimeoutMs: number | undefined
}

type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'client'; readonly id: string; readonly secret: string }

/** Throws SLU3013 for what cannot be used. */
export function settingsOf(request: OpenRequest): DatabricksSettings {
  const { settings } = request
  const text = (name: string): string | undefined => {
    const value = settings.get(name)
    return value === undefined || value === '' ? undefined : String(value)
  }
  return {
    origin: originOf(text('host')),
    warehouseId: text('warehouse_id') ?? warehouseIn(text('http_path')),
    catalog: text('catalog'),
    schema: text('schema'),
    credentials: credentialsOf(text),
    statementTimeoutMs: timeoutMs(request),
  }
}

/** Encrypted, but for a server on this machine. */
function originOf(host: string | undefined): string {
  if (host === undefined) throw unusable('expected "host" of a Databricks target, found none')
  const written = /^https?:\/\//.test(host) ? host : `https://${host}`
  const url = URL.canParse(written) ? new URL(written) : undefined
  const isHere = url !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (url === undefined || url.username !== '' || (url.protocol === 'http:' && !isHere))
    throw unusable(
      `expected the host of a workspace, found "${host}"`,
      'such as dbc-a1b2345c-d6e7.cloud.databricks.com',
    )
  return url.origin
}

function warehouseIn(path: string | undefined): string {
  const found = /^\/?sql\/[\w.]+\/(?:warehouses|endpoints)\/([\w-]+)\/?$/.exec(path ?? '')?.[1]
  if (found !== undefined) return found
  throw unusable(
    `expected warehouse_id, or the http_path of a SQL warehouse, found ${path === undefined ? 'neither' : `"${path}"`}`,
    'such as /sql/1.0/warehouses/abc123def4567890; a cluster has no statements of this kind',
  )
}

function credentialsOf(text: (name: string) => string | undefined): Credentials {
  const [token, id, secret, kind] = ['token', 'client_id', 'client_secret', 'auth_type'].map(text)
  if (kind !== undefined && !KINDS.has(kind))
    throw unusable(`expected auth_type ${[...KINDS].join(' or ')}, found "${kind}"`)
  const wantsClient = kind === undefined ? token === undefined : kind.startsWith('oauth')
  if (!wantsClient) {
    if (token !== undefined) return { kind: 'token', token }
    throw unusable('expected "token" for a personal access token, found none')
  }
  if (id !== undefined && secret !== undefined) return { kind: 'client', id, secret }
  throw unusable(
    `expected token, or client_id and client_secret of a service principal, found ${id === undefined ? 'no client_id' : 'no client_secret'}`,
    'nobody is there to log in with a browser',
  )
}

/** As dbt names them: `oauth` with a client is that of a service principal. */
const KINDS: ReadonlySet<string> = new Set(['pat', 'oauth', 'oauth-m2m'])

function unusable(message: string, hint?: string): SluiceError {
  return new SluiceError('SLU3013', { message, hint })
}
