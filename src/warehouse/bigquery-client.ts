import type { BigQuery } from '@google-cloud/bigquery'
import { SluiceError } from '../base/errors.ts'
import type { BigquerySettings } from './bigquery-settings.ts'
import { bearer, impersonating } from './bigquery-signers.ts'
import type { OpenRequest } from './open-request.ts'

/** One request to the service, as it answers it. */
export interface BigqueryService {
  readonly client: BigQuery
  /** `path` begins behind the project. Rejects with what the client library says. */
  ask<T>(method: 'GET' | 'POST', path: string, query: Query): Promise<T>
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** The client library, which is loaded only now. Throws SLU3020 where it is not installed. */
export async function bigqueryService(
  settings: BigquerySettings,
  request: OpenRequest,
): Promise<BigqueryService> {
  const library = await loaded()
  const options = {
    projectId: settings.executionProject,
    ...(settings.location === undefined ? {} : { location: settings.location }),
    ...(settings.apiEndpoint === undefined ? {} : { apiEndpoint: settings.apiEndpoint }),
    ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
    scopes: [...settings.scopes],
    // Requests are repeated by us, with the job's own id.
    autoRetry: false,
    userAgent: 'sluice',
  }
  const own = settings.token === undefined ? {} : { authClient: bearer(settings.token) }
  const source = new library.BigQuery({ ...options, ...own } as object)
  const client =
    settings.impersonate === undefined
      ? source
      : new library.BigQuery({
          ...options,
          authClient: impersonating(source, settings.impersonate, request.clock),
        } as object)
  if (settings.quotaProject !== undefined) client.interceptors.push(billedTo(settings.quotaProject))
  return { client, ask: (method, path, query) => ask(client, method, path, query) }
}

async function loaded(): Promise<typeof import('@google-cloud/bigquery')> {
  try {
    return await import('@google-cloud/bigquery')
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new SluiceError('SLU3020', {
      message:
        'expected the package @google-cloud/bigquery for a target of type bigquery, found it not installed',
      hint: 'npm install @google-cloud/bigquery',
    })
  }
}

function billedTo(project: string): BigQuery['interceptors'][number] {
  return {
    request: (options) => {
      options.headers = { ...options.headers, 'x-goog-user-project': project }
      return options as never
    },
  }
}

function ask<T>(client: BigQuery, method: 'GET' | 'POST', path: string, query: Query): Promise<T> {
  return new Promise((resolve, reject) => {
    client.request({ method, uri: path, qs: query }, (error, body) => {
      if (error) reject(error)
      else resolve(body as T)
    })
  })
}
