/** The client that connectors see. Made by `createHttpTools`; every request passes the request guard. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it stands; parts one after the other, bytes among them as UTF-8: joining long texts costs more than sending them. */
  readonly body?: string | readonly (string | Uint8Array)[]
  /** For all of it, redirects and the answer's body too. Default 30,000. */
  readonly timeoutMs?: number
  /**
   * Statuses that the connector reads itself: they come back as answers instead of being thrown. `all`: every one but a
   * redirect that is followed.
   */
  readonly answers?: readonly number[] | 'all'
}

/** A 2xx answer, or one of the request's `answers`. Anything else is thrown as a `DestinationError`. */
export interface HttpAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface HttpOptions {
  /** Also lets plain http through, to such addresses only. Default false. */
  readonly allowPrivateNetwork?: boolean
  /** Default 30,000; a request's own wins. */
  readonly timeoutMs?: number
}
