import { Axios, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import type { Agent, Dispatcher } from 'undici'
import { DestinationError } from './errors.ts'

/**
 * axios over an undici pool: it sends bytes as they stand and gives a text back. No transform touches a body that
 * was already built, no status throws, and redirects are answers.
 */
export function axiosOver(agent: Agent): Axios {
  return new Axios({
    adapter: (config) => send(agent, config),
    transformRequest: [],
    transformResponse: [],
    validateStatus: () => true,
    maxRedirects: 0,
  })
}

async function send(agent: Agent, config: InternalAxiosRequestConfig): Promise<AxiosResponse<string>> {
  const url = new URL(config.url ?? '')
  const answer = await agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: (config.method ?? 'get').toUpperCase() as Dispatcher.HttpMethod,
    headers: config.headers.toJSON() as Record<string, string>,
    body: (config.data as Buffer | undefined) ?? null,
    ...(config.signal === undefined ? {} : { signal: config.signal as AbortSignal }),
    // One timer of ours covers all of a request; these two would each start their own.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const data = await textOf(answer)
  // axios makes its own of these, so they are not made twice.
  const headers = answer.headers as Record<string, string>
  return { data, status: answer.statusCode, statusText: '', headers, config }
}

/** Answers to batches are short; one that is longer than this is not worth the memory of every request in flight. */
const LARGEST_ANSWER_BYTES = 10 * 1024 * 1024

const decoder = new TextDecoder()

async function textOf(answer: Dispatcher.ResponseData): Promise<string> {
  // No more is read than it says, and reading at once is cheaper than part by part.
  if (Number(answer.headers['content-length']) <= LARGEST_ANSWER_BYTES) return answer.body.text()
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer.body) {
    bytes += (part as Buffer).length
    if (bytes > LARGEST_ANSWER_BYTES) throw tooLarge(answer.statusCode)
    parts.push(part as Buffer)
  }
  return decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts))
}

function tooLarge(status: number): DestinationError {
  return new DestinationError('stop', {
    message: `expected an answer of at most ${LARGEST_ANSWER_BYTES / 1024 / 1024} MB, found a larger one (status ${status})`,
    status,
    ambiguous: status < 300,
  })
}
