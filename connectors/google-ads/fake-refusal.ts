import type { FakeAnswer } from '../../src/connector/fake-server.ts'

/** A request that Google refuses as a whole, as it words it: a code, and which field it is about. */
export class FakeRefusal extends Error {
  readonly reason: string
  readonly field: string | undefined
  readonly status: number

  constructor(reason: string, field?: string, status = 400) {
    super(reason)
    this.reason = reason
    this.field = field
    this.status = status
  }

  answer(): FakeAnswer {
    const { reason, field, status } = this
    const violation = { field, description: `${reason} of the fake`, reason }
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'datamanager.googleapis.com' },
      ...(field === undefined
        ? []
        : [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [violation] }]),
    ]
    const code = CODES[status] ?? 'INVALID_ARGUMENT'
    const error = { code: status, status: code, message: 'There was a problem with the request.', details }
    return { status, body: JSON.stringify({ error }) }
  }
}

const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
}

export type Json = Readonly<Record<string, unknown>>

/** As a parser of protocol buffers does it: a name that is not known is a mistake. */
export function known(value: unknown, names: readonly string[], at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FakeRefusal('INVALID_ARGUMENT', at)
  for (const name of Object.keys(value))
    if (!names.includes(name)) throw new FakeRefusal('INVALID_ARGUMENT', `${at}.${name}`)
  return value as Json
}

export function list(value: unknown, most: number, tooMany: string, at: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new FakeRefusal('REQUIRED_FIELD_MISSING', at)
  if (value.length > most) throw new FakeRefusal(tooMany, at)
  return value
}

export function oneOf(value: unknown, words: readonly string[], at: string): string {
  if (typeof value === 'string' && words.includes(value)) return value
  throw new FakeRefusal('INVALID_ENUM_VALUE', at)
}

export function text(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new FakeRefusal('REQUIRED_FIELD_MISSING', at)
}
