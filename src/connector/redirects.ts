import { redact } from '../base/redact.ts'
import { requestName } from './answers.ts'
import { DestinationError } from './errors.ts'
import type { HttpAnswer, HttpRequest } from './http.ts'

/**
 * The request that a redirect asks for; undefined when the answer is none. A read follows any redirect, without the
 * caller's headers once the origin is another, for they may hold secrets. A write is followed only where the same
 * request goes to the same origin (307, 308): anything else would turn it into a read, or hand rows to a host that
 * no one configured. Throws a DestinationError `stop` for what is not followed.
 */
export function redirectOf(request: HttpRequest, url: URL, answer: HttpAnswer): HttpRequest | undefined {
  if (!REDIRECTS.has(answer.status)) return undefined
  const name = requestName(request.method, url)
  const target = URL.parse(answer.headers.location ?? '', url.href)
  if (answer.headers.location === undefined || target === null)
    throw notFollowed(name, answer.status, 'a redirect to no URL')
  const sameOrigin = target.origin === url.origin
  if (request.method === 'GET')
    return { ...request, url: target.href, headers: sameOrigin ? (request.headers ?? {}) : {} }
  if (sameOrigin && SAME_REQUEST.has(answer.status)) return { ...request, url: target.href }
  throw notFollowed(name, answer.status, `a redirect to ${redact(shownTarget(target))}`)
}

/** The path only where it is plain: the destination wrote it, and may have put anything into it. */
function shownTarget({ protocol, origin, pathname }: URL): string {
  if (origin === 'null') return `a URL of the protocol "${protocol}"`
  return PLAIN_PATH.test(pathname) ? `${origin}${pathname}` : origin
}

const PLAIN_PATH = /^[\w./~-]{1,100}$/

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const SAME_REQUEST: ReadonlySet<number> = new Set([307, 308])

function notFollowed(name: string, status: number, what: string): DestinationError {
  return new DestinationError('stop', {
    message: `${name} was answered with ${status}, ${what}, which is not followed: set the final URL`,
    status,
  })
}
