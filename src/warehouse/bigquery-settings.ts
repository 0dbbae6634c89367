import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SluiceError } from '../base/errors.ts'
import type { OpenRequest } from './open-request.ts'

/** A target's settings, read and checked. */
export interface BigquerySettings {
  /** Where names without a project are looked up. */
  readonly project: string
  /** Where jobs run and are billed. */
  readonly executionProject: string
  readonly dataset: string | undefined
  readonly location: string | undefined
  readonly apiEndpoint: string | undefined
  readonly priority: 'INTERACTIVE' | 'BATCH'
  readonly maximumBytesBilled: string | undefined
  readonly jobTimeoutMs: number | undefined
  readonly quotaProject: string | undefined
  readonly impersonate: string | undefined
  readonly scopes: readonly string[]
  /** Undefined: what the machine has (application default credentials). */
  readonly credentials: Readonly<Record<string, unknown>> | undefined
  /** A token that somebody else renews. */
  readonly token: string | undefined
}

/** Throws SLU3013 for a setting that cannot be used. */
export async function bigquerySettings({ settings, directory }: OpenRequest): Promise<BigquerySettings> {
  const text = (name: string) => {
    const value = settings.get(name)
    return value === undefined || value === '' ? undefined : String(value)
  }
  const project = text('project')
  if (project === undefined) throw unusable('expected a project in the target, found none')
  const seconds = wholeNumber(settings, 'job_execution_timeout_seconds')
  return {
    project,
    executionProject: text('execution_project') ?? project,
    dataset: text('dataset'),
    location: text('location'),
    apiEndpoint: text('api_endpoint'),
    priority: priorityOf(text('priority')),
    maximumBytesBilled: wholeNumber(settings, 'maximum_bytes_billed')?.toString(),
    jobTimeoutMs: seconds === undefined ? undefined : Number(seconds) * 1000,
    quotaProject: text('quota_project'),
    impersonate: text('impersonate_service_account'),
    scopes: text('scopes')?.split(/[\s,]+/) ?? [],
    credentials: await credentialsOf(text, directory),
    token: text('refresh_token') === undefined ? text('token') : undefined,
  }
}

async function credentialsOf(
  text: (name: string) => string | undefined,
  directory: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const keyfile = text('keyfile')
  if (keyfile !== undefined) return parsed(await read(resolve(directory, keyfile), keyfile), 'keyfile')
  const json = text('keyfile_json')
  if (json !== undefined) return parsed(json, 'keyfile_json')
  const refreshToken = text('refresh_token')
  if (refreshToken === undefined) return undefined
  return {
    type: 'authorized_user',
    client_id: text('client_id') ?? missing('client_id'),
    client_secret: text('client_secret') ?? missing('client_secret'),
    refresh_token: refreshToken,
  }
}

async function read(path: string, written: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw unusable(`expected a keyfile that can be read, found none at "${written}"`)
  }
}

/** What does not parse is a secret, of which nothing is told. */
function parsed(json: string, setting: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && 'type' in value) return { ...value }
  } catch {
    // told below
  }
  throw unusable(
    `expected the JSON of a service account or of other credentials in ${setting}, found something else`,
  )
}

function wholeNumber(settings: OpenRequest['settings'], name: string): bigint | undefined {
  const value = settings.get(name)
  if (value === undefined || value === '') return undefined
  if (/^\d{1,18}$/.test(String(value))) return BigInt(value)
  throw unusable(`expected a whole number as ${name}, found "${value}"`)
}

function priorityOf(written: string | undefined): BigquerySettings['priority'] {
  const priority = (written ?? 'interactive').toUpperCase()
  if (priority === 'INTERACTIVE' || priority === 'BATCH') return priority
  throw unusable(`expected priority interactive or batch, found "${written}"`)
}

function missing(name: string): never {
  throw unusable(`expected ${name} beside refresh_token, found none`)
}

function unusable(message: string): SluiceError {
  return new SluiceError('SLU3013', { message })
}
