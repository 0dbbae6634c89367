import assert from 'node:assert/strict'
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { type Clock, systemClock } from '../base/clock.ts'
import { redact } from '../base/redact.ts'
import { authMethodOf, credentialsOf } from './auth.ts'
import { DestinationError } from './errors.ts'
import { type FakeAnswer, type FakeServer, startFakeServer } from './fake-server.ts'
import { createHttpTools } from './http-client.ts'
import type { AuthMethod, Manifest, Settings } from './types.ts'

const TOKEN: AuthMethod = {
  kind: 'header',
  needs: ['access_token'],
  name: 'authorization',
  value: 'Bearer {access_token}',
}
const REFRESH: AuthMethod = {
  kind: 'oauth2',
  needs: ['client_id', 'client_secret', 'refresh_token'],
  tokenUrl: '{base_url}/oauth/token',
  form: {
    grant_type: 'refresh_token',
    client_id: '{client_id}',
    client_secret: '{client_secret}',
    refresh_token: '{refresh_token}',
  },
  baseUrlIn: 'instance_url',
}

function manifestWith(...auth: readonly AuthMethod[]): Manifest {
  return { name: 'crm', title: 'A CRM', verification: 'generic', settings: {}, objects: {}, auth }
}

const GRANTED = { client_id: 'app-1', client_secret: 'shh-secret', refresh_token: 'refresh-me' }

/** A place that gives tokens `token-1`, `token-2`, …, each with what `answer` says beside it. */
async function tokenServer(context: TestContext, answer: object = {}): Promise<FakeServer> {
  let given = 0
  const server = await startFakeServer(() => {
    given += 1
    return { status: 200, body: JSON.stringify({ access_token: `token-${given}`, ...answer }) }
  })
  context.after(() => server.close())
  return server
}

function open(
  context: TestContext,
  method: AuthMethod,
  settings: Settings,
  clock: Clock = systemClock,
): ReturnType<typeof credentialsOf> {
  const tools = createHttpTools({ clock })
  context.after(() => tools.close())
  return credentialsOf(manifestWith(method), settings, {
    clock,
    client: tools.http({ allowPrivateNetwork: true }),
  })
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('the first way whose settings are all given is taken', () => {
  const manifest = manifestWith(TOKEN, REFRESH)
  assert.equal(authMethodOf(manifest, { access_token: 'a', ...GRANTED }), TOKEN)
  assert.equal(authMethodOf(manifest, GRANTED), REFRESH)
  assert.equal(authMethodOf(manifest, { client_id: 'a', refresh_token: 'b' }), undefined)
  assert.equal(authMethodOf(manifestWith(), {}), undefined)
})

test('a token of the settings stands in its header, and a user with a password as HTTP has it', async (context) => {
  const key = open(context, TOKEN, { access_token: 'pat-canary' })
  assert.deepEqual(await key.pass(), { headers: bearer('pat-canary') })
  const basic: AuthMethod = {
    kind: 'basic',
    needs: ['email', 'api_token'],
    user: '{email}/token',
    password: '{api_token}',
  }
  const pass = await open(context, basic, { email: 'a@b.example', api_token: 'tok-canary' }).pass()
  const encoded = Buffer.from('a@b.example/token:tok-canary').toString('base64')
  assert.deepEqual(pass, { headers: { authorization: `Basic ${encoded}` } })
  assert.equal(redact(encoded), '[redacted]')
})

test('a token is asked for once, however many wait for it, and says where the API is', async (context) => {
  const server = await tokenServer(context, { instance_url: 'https://eu1.crm.example', expires_in: 3600 })
  const credentials = open(context, REFRESH, { ...GRANTED, base_url: server.origin })
  const passes = await Promise.all([1, 2, 3].map(() => credentials.pass()))
  for (const pass of passes)
    assert.deepEqual(pass, { headers: bearer('token-1'), baseUrl: 'https://eu1.crm.example' })
  assert.equal(server.requests.length, 1)
  const [request] = server.requests
  assert.equal(request?.headers['content-type'], 'application/x-www-form-urlencoded')
  assert.equal(request?.path, '/oauth/token')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(request?.body)), {
    grant_type: 'refresh_token',
    ...GRANTED,
  })
  assert.equal(redact('token-1'), '[redacted]')
})

test('an app whose id and secret go into the header sends them there', async (context) => {
  const server = await tokenServer(context)
  const method: AuthMethod = {
    ...REFRESH,
    form: { grant_type: 'refresh_token', refresh_token: '{refresh_token}' },
    basic: { user: '{client_id}', password: '{client_secret}' },
  }
  await open(context, method, { ...GRANTED, base_url: server.origin }).pass()
  const [request] = server.requests
  const encoded = Buffer.from('app-1:shh-secret').toString('base64')
  assert.equal(request?.headers.authorization, `Basic ${encoded}`)
  assert.equal(request?.body, 'grant_type=refresh_token&refresh_token=refresh-me')
  assert.equal(redact(encoded), '[redacted]')
})

test('it is renewed before it ends, and one without an end is kept', async (context) => {
  let nowMs = 0
  const clock: Clock = { ...systemClock, monotonicMs: () => nowMs }
  const server = await tokenServer(context, { expires_in: 600 })
  const credentials = open(context, REFRESH, { ...GRANTED, base_url: server.origin }, clock)
  assert.deepEqual((await credentials.pass()).headers, bearer('token-1'))
  nowMs = 539_000
  assert.deepEqual((await credentials.pass()).headers, bearer('token-1'))
  nowMs = 540_000
  assert.deepEqual((await credentials.pass()).headers, bearer('token-2'))
  const endless = await tokenServer(context)
  const kept = open(context, REFRESH, { ...GRANTED, base_url: endless.origin }, clock)
  await kept.pass()
  nowMs = 1e12
  assert.deepEqual((await kept.pass()).headers, bearer('token-1'))
})

test('a token that is refused stops, names the settings, and quotes none of them', async (context) => {
  const answers: readonly FakeAnswer[] = [
    { status: 400, body: '{"error":"invalid_grant","error_description":"refresh-me has ended"}' },
    { status: 401, body: '{"error":"<b>shh-secret</b>"}' },
    { status: 403, body: 'no' },
    { status: 200, body: '{"token":"elsewhere"}' },
    { status: 200, body: '<html>' },
  ]
  for (const answer of answers) {
    const server = await startFakeServer(() => answer)
    context.after(() => server.close())
    const error: unknown = await open(context, REFRESH, { ...GRANTED, base_url: server.origin })
      .pass()
      .catch((thrown: unknown) => thrown)
    assert.ok(error instanceof DestinationError)
    if (answer.body === '<html>') continue
    assert.equal(error.action, 'stop')
    assert.match(error.message, /expected a token for client_id, client_secret, refresh_token, found \d+/)
    assert.equal(error.message.includes('(invalid_grant)'), answer.status === 400)
    for (const secret of Object.values(GRANTED)) assert.ok(!error.message.includes(secret))
  }
})

test('a token that was not given is asked for again by the next request', async (context) => {
  const server = await tokenServer(context)
  server.script({ kind: 'answer', status: 503 })
  const credentials = open(context, REFRESH, { ...GRANTED, base_url: server.origin })
  await assert.rejects(credentials.pass(), (error: DestinationError) => error.action === 'retry')
  assert.deepEqual((await credentials.pass()).headers, bearer('token-1'))
})

test('an assertion is signed with the key of the settings, lives as long as it says, and its line ends may be written', async (context) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const method: AuthMethod = {
    kind: 'oauth2',
    needs: ['client_email', 'private_key'],
    tokenUrl: '{base_url}/token',
    form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' },
    jwt: {
      key: '{private_key}',
      claims: { iss: '{client_email}', scope: 'sheets', aud: '{base_url}/token' },
      lifetimeSeconds: 3600,
    },
  }
  const clock: Clock = { ...systemClock, nowMs: () => 1_700_000_000_000 }
  const server = await tokenServer(context)
  for (const key of [privateKey, privateKey.replaceAll('\n', '\\n')]) {
    const settings = { client_email: 'robot@crm.example', private_key: key, base_url: server.origin }
    await open(context, method, settings, clock).pass()
    const assertion = new URLSearchParams(server.requests.at(-1)?.body).get('assertion') ?? ''
    const [header = '', payload = '', signature = ''] = assertion.split('.')
    assert.ok(
      createVerify('RSA-SHA256')
        .update(`${header}.${payload}`)
        .verify(publicKey, Buffer.from(signature, 'base64url')),
    )
    assert.deepEqual(JSON.parse(Buffer.from(payload, 'base64url').toString()), {
      iss: 'robot@crm.example',
      scope: 'sheets',
      aud: `${server.origin}/token`,
      iat: 1_700_000_000,
      exp: 1_700_003_600,
    })
  }
  const broken = open(context, method, { client_email: 'a', private_key: 'canary-no-key', base_url: 'x' })
  await assert.rejects(broken.pass(), (error: DestinationError) => {
    assert.equal(error.action, 'stop')
    return /expected a private key in PEM among client_email, private_key/.test(error.message)
  })
})
