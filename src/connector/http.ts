/** The client that connectors see. Made by `createHttpClient`; every request passes the request guard. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it stands. */
  readonly body?: string
  /** Default 30,000. */
  readonly timeoutMs?: number
}

/** A 2xx answer. Anything else is thrown as a `DestinationError`. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface HttpOptions {
  /** Also lets plain http through, to such addresses only. Default false. */
  readonly allowPrivateNetwork?: boolean
  /** Default 30,000; a request's own wins. */
  readonly timeoutMs?: number
}
