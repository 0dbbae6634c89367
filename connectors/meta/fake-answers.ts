import type { FakeAnswer } from '../../src/connector/fake-server.ts'

/** As Meta refuses: a status that says little, and codes. */
export interface Refusal {
  readonly status?: number
  readonly code: number
  readonly subcode?: number
  readonly message: string
  /** For people. */
  readonly told?: string
}

function isRefusal(outcome: object): outcome is Refusal {
  return 'code' in outcome && 'message' in outcome
}

export function answerOf(outcome: object): FakeAnswer {
  if (!isRefusal(outcome)) return { status: 200, body: JSON.stringify(outcome) }
  const { status = 400, code, subcode, message, told } = outcome
  const error = {
    ...{ message, type: 'OAuthException', code, is_transient: false, fbtrace_id: 'trace' },
    ...(subcode === undefined ? {} : { error_subcode: subcode }),
    ...(told === undefined ? {} : { error_user_title: 'Not done', error_user_msg: told }),
  }
  return { status, body: JSON.stringify({ error }) }
}

export function invalid(message: string, subcode?: number, told?: string): Refusal {
  return {
    ...{ code: 100, message },
    ...(subcode === undefined ? {} : { subcode }),
    ...(told === undefined ? {} : { told }),
  }
}

export function isHash(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}
