import { Axios, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import type { Agent, Dispatcher } from 'undici'
import { DestinationError } from './errors.ts'

/**
 * axios over an undici pool: it sends bytes as they stand and gives a text back. The bare class has no transforms that
 * would touch a body that was already built, and this adapter throws for no status and follows no redirect. Each
 * setting that axios merges into a request costs about as much as a header, so there are none.
 */
export function axiosOver(agent: Agent): Axios {
  return new Axios({ adapter: (config) => send(agent, config) })
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

/** By events: to read a body part by part with `for await` costs more than all else of an answer. */
function textOf({ body, statusCode }: Dispatcher.ResponseData): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    body.on('data', (part: Buffer) => {
      bytes += part.length
      parts.push(part)
      if (bytes > LARGEST_ANSWER_BYTES) body.destroy(tooLarge(statusCode))
    })
    body.on('end', () => resolve(decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts))))
    body.on('error', reject)
  })
}

function tooLarge(status: number): DestinationError {
  return new DestinationError('stop', {
    message: `expected an answer of at most ${LARGEST_ANSWER_BYTES / 1024 / 1024} MB, found a larger one (status ${status})`,
    status,
    ambiguous: status < 300,
  })
}
