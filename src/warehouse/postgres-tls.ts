import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls'
import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'
import type { ServerProfile } from './server-profile.ts'

export type Tls = ConnectionOptions | false

/**
 * What to try in turn, by `sslmode` and the files of certificates beside it. Only where nothing at all is said, and the
 * product has it so, is a connection without encryption taken when the server has none. Throws SLU3013.
 */
export function tlsOf(profile: ServerProfile, request: OpenRequest): readonly Tls[] {
  const files = filesOf(request)
  const mode = request.settings.get('sslmode') ?? defaultMode(profile, files)
  const any = { ...files, rejectUnauthorized: false }
  const known = { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }
  switch (mode) {
    case 'prefer':
      return [any, false]
    case 'disable':
      return [false]
    case 'require':
      // as PostgreSQL's own programs do: whoever names an authority wants it to be asked
      return [files.ca === undefined ? any : known]
    case 'verify-ca':
      return [known]
    case 'verify-full':
      return [{ ...files, rejectUnauthorized: true, checkServerIdentity: namedAs(request) }]
    default:
      throw new SluiceError('SLU3013', {
        message: `expected sslmode disable, require, verify-ca or verify-full, found "${mode}"`,
      })
  }
}

interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Files that are given are meant: no connection does without them. */
function defaultMode(profile: ServerProfile, files: TlsFiles): string {
  if (files.ca !== undefined) return 'verify-full'
  return files.cert !== undefined && profile.defaultTls === 'prefer' ? 'require' : profile.defaultTls
}

/** An address has no name to send, and the driver would then have it checked as `localhost`. */
function namedAs(request: OpenRequest): (name: string, certificate: PeerCertificate) => Error | undefined {
  const host = String(request.settings.get('host') ?? 'localhost')
  return (_name, certificate) => checkServerIdentity(host, certificate)
}

function filesOf(request: OpenRequest): TlsFiles {
  const ca = fileOf(request, 'sslrootcert')
  const cert = fileOf(request, 'sslcert')
  const key = fileOf(request, 'sslkey')
  if ((cert === undefined) !== (key === undefined))
    throw new SluiceError('SLU3013', {
      message: `expected sslcert and sslkey together, found ${cert === undefined ? 'sslkey' : 'sslcert'} alone`,
    })
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  }
}

function fileOf(request: OpenRequest, setting: string): string | undefined {
  const path = request.settings.get(setting)
  if (path === undefined) return undefined
  try {
    return readFileSync(resolve(request.directory, String(path)), 'utf8')
  } catch {
    throw new SluiceError('SLU3013', {
      message: `expected the file of ${setting} to be readable, found that "${path}" is not`,
      hint: 'the path is relative to sluice.yml',
    })
  }
}
