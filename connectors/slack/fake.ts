import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow } from '../../src/connector/types.ts'

/** A Slack workspace with one channel that the app is in; it holds messages, never rows. */
export async function startFake(): Promise<ConnectorFake> {
  const messages: HeldRow[] = []
  const server = await startFakeServer((request) => answer(request, messages))
  return {
    server,
    settings: {
      token: TOKEN,
      base_url: `${server.origin}/api`,
      allow_private_network: true,
      timeout_seconds: 30,
    },
    held: () => messages,
    useOf: () => ({ channel: CHANNEL }),
    close: () => server.close(),
  }
}

const TOKEN = 'xoxb-fake-canary-token'
const CHANNEL = 'C0123456789'
/** What is longer is refused. */
const LONGEST_TEXT = 40_000

function answer({ method, path, headers, body }: FakeRequest, messages: HeldRow[]): FakeAnswer {
  if (headers.authorization === undefined) return failed('not_authed')
  if (headers.authorization !== `Bearer ${TOKEN}`) return failed('invalid_auth')
  if (path === '/api/auth.test' && method === 'GET')
    return ok({ team_id: 'T0FAKE', team: 'Fake', user_id: 'U1', bot_id: 'B1' })
  if (path !== '/api/chat.postMessage' || method !== 'POST') return failed('unknown_method')
  if (headers['content-type']?.startsWith('application/json') !== true) return failed('invalid_form_data')
  const { channel, text }: { readonly channel?: string; readonly text?: string } = JSON.parse(body)
  if (channel === 'C0ARCHIVED') return failed('is_archived')
  if (channel !== CHANNEL) return failed('channel_not_found')
  if (text === undefined || text.trim() === '') return failed('no_text')
  if (text.length > LONGEST_TEXT) return failed('msg_too_long')
  const ts = `1764144000.${String(messages.length + 1).padStart(6, '0')}`
  messages.push({ key: { ts }, fields: { text } })
  return ok({ channel, ts, message: { text } })
}

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify({ ok: true, ...body }) }
}

function failed(error: string): FakeAnswer {
  return { status: 200, body: JSON.stringify({ ok: false, error }) }
}
