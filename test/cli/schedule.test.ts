import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { finished, projectFolder, receiver, sluice, startSluice } from '../support/cli.ts'
import { smallShop } from '../support/small-shop.ts'

/** Once a year: it was due before the first run, and is not again for as long as a test takes. */
const YEARLY = '    schedule: "0 0 1 1 *"\n'

test('run sends what is due and builds the project, then nothing is due until the next time', async (context) => {
  const hook = await receiver(context)
  const folder = projectFolder(context, smallShop(hook.url, { more: YEARLY }))
  const run = async (...args: readonly string[]) => {
    const result = await sluice(['-C', folder, ...args, '-o', 'json'])
    assert.equal(result.code, 0, result.stdout)
    return result.json()
  }
  const named = ({ syncs }: Readonly<Record<string, unknown>>) =>
    (syncs as { name: string }[]).map(({ name }) => name)
  assert.deepEqual(named(await run('run')), ['buyers_to_hook'])
  assert.equal(hook.bodies.length, 1)
  // Segments that no sync reads are built too: people read the tables.
  assert.equal((await run('preview', 'french')).count, 2)
  assert.deepEqual(named(await run('run')), [])
  const text = await sluice(['-C', folder, 'run'])
  assert.match(text.stdout, /^No sync is due\.$/m)
  assert.deepEqual(named(await run('sync')), ['buyers_to_hook'], 'sync does not ask what is due')
})

test('a sync that failed is still due', async (context) => {
  const hook = await receiver(context)
  hook.status = 404
  const folder = projectFolder(context, smallShop(hook.url, { more: YEARLY }))
  assert.equal((await sluice(['-C', folder, 'run'])).code, 6)
  hook.status = 200
  const again = await sluice(['-C', folder, 'run', '-o', 'json'])
  assert.deepEqual([again.code, hook.bodies.length], [0, 1], again.stdout)
})

test('a sync that a guard stopped is still due, so that every run says so until someone has looked', async (context) => {
  const hook = await receiver(context)
  const files = smallShop(hook.url, { more: `${YEARLY}    guard: {max_held: 0}\n` })
  const shared = (files['sluice.yml'] ?? '')
    .replace('segment: buyers', 'entity: customer')
    .replace('match: {email: email}', 'match: {country: country}')
  const folder = projectFolder(context, { ...files, 'sluice.yml': shared })
  assert.equal((await sluice(['-C', folder, 'run'])).code, 4)
  assert.equal((await sluice(['-C', folder, 'run'])).code, 4)
  assert.equal(hook.bodies.length, 0)
})

test('serve is healthy and ready, and ends with 143 when it is told to', async (context) => {
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/', { more: YEARLY }))
  const port = await freePort()
  const child = startSluice(['-C', folder, 'serve', '--port', String(port)])
  context.after(() => child.kill('SIGKILL'))
  const ended = finished(child)
  const status = async (path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined))?.status
  for (let tries = 0; (await status('/readyz')) !== 200 && tries < 200; tries += 1) await wait(50)
  assert.deepEqual([await status('/readyz'), await status('/healthz'), await status('/')], [200, 200, 404])
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  assert.match(metrics, /^sluice_runs_total\{status="failed"\} 0$/m)
  child.kill('SIGTERM')
  const { code, stderr } = await ended
  assert.equal(code, 143, stderr)
  assert.match(stderr, /serving 1 syncs/)
})

test('serve without a schedule, or on a port that is taken, says so', async (context) => {
  const idle = projectFolder(context, smallShop('http://127.0.0.1:9/'))
  const nothing = await sluice(['-C', idle, 'serve', '-o', 'json'])
  assert.deepEqual([nothing.code, (nothing.json().error as { code: string }).code], [78, 'SLU7013'])
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/', { more: YEARLY }))
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  context.after(() => taken.close())
  const port = (taken.address() as { port: number }).port
  const result = await sluice(['-C', folder, 'serve', '--port', String(port), '-o', 'json'])
  assert.equal(result.code, 64, result.stdout)
  assert.match(result.stdout, /EADDRINUSE/)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
