import type { Clock } from '../base/clock.ts'
import { redact } from '../base/redact.ts'
import { DestinationError } from './errors.ts'
import type { HttpAnswer } from './http.ts'

/** What the engine must do after an answer that is no success, by status (design section 5). */
export function errorOfAnswer(
  answer: {
    readonly request: string
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
  },
  clock: Clock,
): DestinationError {
  const { status } = answer
  const action = actionOf(status)
  return new DestinationError(action, {
    message: `${answer.request} was answered with ${status}`,
    status,
    // A gateway answers 5xx and 408 also for requests that did their work behind it.
    ambiguous: action === 'retry' && status !== 429 && status !== 425,
    afterMs: action === 'retry' ? retryAfterMs(answer.headers['retry-after'], clock) : undefined,
  })
}

/** A success whose body cannot be read: it may say anything of the rows. */
export function errorOfBrokenAnswer(request: string, status: number): DestinationError {
  return new DestinationError('retry', {
    message: `${request} was answered with ${status} and a body that is packed and cannot be unpacked: correct the receiver, or what stands before it`,
    status,
    ambiguous: true,
  })
}

/** No API answers with a page: a proxy or a login stands before it, and what became of the request is not known. */
export function errorOfPage({ text, status }: HttpAnswer, request: string): DestinationError | undefined {
  if (!PAGE.test(text)) return undefined
  return new DestinationError('retry', {
    message: `${request} was answered with ${status} and an HTML page: a proxy or a login stands before the receiver; correct the URL, or what stands there`,
    status,
    ambiguous: true,
  })
}

const PAGE = /^\s*<(?:!doctype\s+html|html)[\s>]/i

/** `POST https://api.example.com/rows`: never the query, the headers or the body, which may hold secrets. */
export function requestName(method: string, url: URL): string {
  return redact(`${method} ${url.origin}${url.pathname}`)
}

/** Milliseconds of a `Retry-After` header, in seconds or as an HTTP date; undefined when it is neither. */
function retryAfterMs(header: string | undefined, clock: Clock): number | undefined {
  const text = header?.trim() ?? ''
  const ms = SECONDS.test(text) ? Number(text) * 1000 : dateMs(text) - clock.nowMs()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(Math.ceil(ms), 0), LONGEST_RETRY_AFTER_MS)
}

const SECONDS = /^\d+(?:\.\d+)?$/

/** HTTP dates are UTC, though one of the three forms does not say so. NaN for what is none: `-5` would be a year. */
function dateMs(text: string): number {
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return Number.NaN
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}

/** Quotas reset daily; a header that says more is a mistake of the destination's. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000

function actionOf(status: number): DestinationError['action'] {
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'retry'
  if (status === 400 || status === 409 || status === 413 || status === 422) return 'split'
  if (status === 401) return 'refresh'
  return 'stop'
}
