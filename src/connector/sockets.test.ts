import assert from 'node:assert/strict'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { DestinationError } from './errors.ts'
import { createHttpTools, type HttpToolsParts, type SentRequest } from './http-client.ts'
import type { SocketOptions } from './sockets.ts'

async function rig(context: TestContext, parts: Partial<HttpToolsParts> = {}) {
  let connections = 0
  const server = createServer(() => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const tools = createHttpTools({ clock: systemClock, ...parts })
  context.after(async () => {
    await tools.close()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const options = { host: '127.0.0.1', port, encrypted: false, allowPrivateNetwork: true, timeoutMs: 1000 }
  return {
    tools,
    open: (more: Partial<SocketOptions> = {}) => tools.openSocket({ ...options, ...more }),
    connections: () => connections,
  }
}

async function refusal(work: Promise<unknown>): Promise<DestinationError> {
  const error = await work.catch((thrown: unknown) => thrown)
  assert.ok(error instanceof DestinationError, String(error))
  return error
}

const resolvingTo = (address: string) => ({ resolve: async () => [{ address, family: 4 }] })

test('a name is judged by the address that it resolves to, which is the one that is connected to', async (context) => {
  const there = await rig(context, resolvingTo('127.0.0.1'))
  const { socket } = await there.open({ host: 'db.example' })
  assert.equal(socket.remoteAddress, '127.0.0.1')
  const { action, message } = await refusal(
    there.open({ host: 'db.example', allowPrivateNetwork: false, encrypted: true }),
  )
  assert.equal(action, 'stop')
  assert.match(message, /expected a public address, found db\.example, which resolves to 127\.0\.0\.1/)
  assert.equal(there.connections(), 1)
})

test('no metadata service is reached, and no public address without encryption, however it is written', async (context) => {
  const metadata = await rig(context, resolvingTo('169.254.169.254'))
  assert.match(
    (await refusal(metadata.open({ host: 'db.example' }))).message,
    /expected an address that requests may go to/,
  )
  const open = await rig(context, resolvingTo('8.8.8.8'))
  assert.match(
    (await refusal(open.open({ host: 'db.example' }))).message,
    /expected an encrypted connection to a public address/,
  )
  assert.match((await refusal(open.open({ host: '134744072' }))).message, /the address 8\.8\.8\.8/)
  for (const host of ['', 'a b', 'a/b', 'user@host', 'host:5432', '/tmp/socket'])
    assert.match((await refusal(open.open({ host }))).message, /expected the name of a host/, host)
})

test('what leaves is counted, unless nothing may leave any more', async (context) => {
  const sent: SentRequest[] = []
  let may = true
  const mayStart = () => {
    if (!may) throw new RangeError('not any more')
  }
  const { open } = await rig(context, { onRequest: (request) => sent.push(request), mayStart })
  const { leaving } = await open()
  leaving(7)
  assert.deepEqual(
    sent.map(({ bytes }) => bytes),
    [7],
  )
  may = false
  assert.throws(() => leaving(9), RangeError)
  assert.equal(sent.length, 1)
})

test('connections end with the tools, and with the run', async (context) => {
  const stopped = new AbortController()
  const there = await rig(context, { signal: stopped.signal })
  const { socket } = await there.open()
  stopped.abort()
  await new Promise((resolve) => socket.once('close', resolve))
  const { action, ambiguous } = await refusal(there.open())
  assert.deepEqual([action, ambiguous], ['retry', false])
  const other = await rig(context)
  const open = await other.open()
  const closed = new Promise((resolve) => open.socket.once('close', resolve))
  await other.tools.close()
  await closed
})
