/** One request to the workspace, or to the storage of its results. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** What `Retry-After` says, in milliseconds from now. */
  readonly retryAfterMs: number | undefined
}

/** No answer came. */
export class NoAnswer extends Error {
  /** False when no connection stood, so that nothing can have arrived. */
  readonly mayHaveArrived: boolean

  constructor(code: string) {
    super(code)
    this.mayHaveArrived = !NEVER_SENT.has(code) && !CERTIFICATE.test(code)
  }
}

/** Throws NoAnswer. */
export async function sendHttp(request: HttpRequest, nowMs: number): Promise<HttpAnswer> {
  try {
    const answer = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      redirect: 'error',
    })
    const text = await answer.text()
    return { status: answer.status, text, retryAfterMs: pauseOf(answer.headers.get('retry-after'), nowMs) }
  } catch (error) {
    throw new NoAnswer(codeOf(error))
  }
}

const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME/

/** What the operating system or the client calls it; it holds nothing of the request. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause
  const code = (inner as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : 'no answer'
}

/** Seconds, or a moment. */
function pauseOf(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const seconds = Number(header)
  if (header.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const moment = Date.parse(header)
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - nowMs)
}
