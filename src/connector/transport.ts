import { Axios, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios'
import type { Agent, Dispatcher } from 'undici'
import { errorOfBrokenAnswer, requestName } from './answers.ts'
import { DestinationError } from './errors.ts'
import { unpacked } from './packed-answers.ts'

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
  const method = (config.method ?? 'get').toUpperCase() as Dispatcher.HttpMethod
  const answer = await agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method,
    headers: config.headers.toJSON() as Record<string, string>,
    body: (config.data as Buffer | undefined) ?? null,
    ...(config.signal === undefined ? {} : { signal: config.signal as AbortSignal }),
    // One timer of ours covers all of a request; these two would each start their own.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const data = await textOf(answer, () => requestName(method, url))
  // axios makes its own of these, so they are not made twice.
  const headers = answer.headers as Record<string, string>
  return { data, status: answer.statusCode, statusText: '', headers, config }
}

async function textOf(answer: Dispatcher.ResponseData, request: () => string): Promise<string> {
  const { statusCode: status } = answer
  const read = await bytesOf(answer.body, LARGEST_ANSWER_BYTES)
  const plain = await unpacked(read, answer.headers['content-encoding'], LARGEST_ANSWER_BYTES)
  if (plain instanceof Buffer) return decoder.decode(plain)
  // What a refusal says beside its status is not needed.
  if (status >= 300) return ''
  throw plain === 'broken' ? errorOfBrokenAnswer(request(), status) : tooLarge(request(), status)
}

function tooLarge(request: string, status: number): DestinationError {
  return new DestinationError('stop', {
    message: `${request} was answered with ${status} and more than the ${LARGEST_ANSWER_BYTES / 1024 / 1024} MB that an answer may have: correct the receiver, or the URL`,
    status,
    ambiguous: true,
  })
}

/** Answers to batches are short; one that is longer than this is not worth the memory of every request in flight. */
const LARGEST_ANSWER_BYTES = 10 * 1024 * 1024

const decoder = new TextDecoder()

/**
 * One that is too large is not read to its end. By events: to read a body part by part with `for await` costs more than
 * all else of an answer.
 */
function bytesOf(body: Dispatcher.ResponseData['body'], most: number): Promise<Buffer | 'too_large'> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    body.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= most) parts.push(part)
      else {
        body.destroy()
        resolve('too_large')
      }
    })
    body.on('end', () =>
      resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)),
    )
    body.on('error', reject)
  })
}
