import type { FakeAnswer } from '../../src/connector/fake-server.ts'

export function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

export function partial(results: readonly object[], errors: readonly object[]): FakeAnswer {
  return {
    status: 207,
    body: JSON.stringify({ status: 'COMPLETE', results, numErrors: errors.length, errors }),
  }
}

/** Of one row, or of a whole request. */
export function failure(category: string, message: string) {
  return { status: 'error', category, message }
}

export function refused(status: number, category: string, message = 'refused'): FakeAnswer {
  return { status, body: JSON.stringify(failure(category, message)) }
}

/** Of a request that is not as it should be. */
export function refusal(message: string): FakeAnswer {
  return refused(400, 'VALIDATION_ERROR', message)
}
