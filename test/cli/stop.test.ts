import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { beforeItEnds, finished, projectFolder, receiver, sluice, startSluice } from '../support/cli.ts'
import { smallShop } from '../support/small-shop.ts'

/** Takes a request in and never answers; `asked` comes back when the first is there. */
async function silentDestination(context: TestContext): Promise<{ url: string; asked: Promise<void> }> {
  let tell: () => void = () => {}
  const asked = new Promise<void>((resolve) => {
    tell = resolve
  })
  const server = createServer(() => tell())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`, asked }
}

test('a signal gives what is in flight its grace, then the run ends and the next one goes on', async (context) => {
  const silent = await silentDestination(context)
  const folder = projectFolder(context, smallShop(silent.url))
  // From the environment, as in a container.
  const child = startSluice(['-C', folder, 'sync', '-o', 'json'], { env: { SLUICE_GRACE: '1s' } })
  const ended = finished(child)
  await beforeItEnds(silent.asked, ended)
  const began = performance.now()
  child.kill('SIGTERM')
  const result = await ended
  const seconds = (performance.now() - began) / 1000
  assert.equal(result.code, 143, result.stderr)
  assert.ok(seconds >= 1 && seconds < 20, `${seconds} s`)
  assert.equal((result.json().error as { code: string }).code, 'SLU7011')
  const [sync] = (await sluice(['-C', folder, 'sync', '--dry-run', '-o', 'json'])).json().syncs as {
    add: number
  }[]
  assert.equal(sync?.add, 2)
})

test('a second signal ends it at once', async (context) => {
  const silent = await silentDestination(context)
  const folder = projectFolder(context, smallShop(silent.url))
  const child = startSluice(['-C', folder, 'sync', '--grace', '1h'])
  const ended = finished(child)
  await beforeItEnds(silent.asked, ended)
  const began = performance.now()
  child.kill('SIGTERM')
  setTimeout(() => child.kill('SIGTERM'), 200)
  assert.equal((await ended).code, 143)
  assert.ok(performance.now() - began < 10_000)
})

test('a deadline that is over sends nothing and ends with 1; with time enough all is sent', async (context) => {
  const hook = await receiver(context)
  const folder = projectFolder(context, smallShop(hook.url))
  const late = await sluice(['-C', folder, 'sync', '--deadline', '0s', '-o', 'json'])
  assert.deepEqual([late.code, hook.bodies.length], [1, 0], late.stdout)
  const { error, syncs } = late.json() as unknown as { error: { code: string }; syncs: { status: string }[] }
  assert.deepEqual([error.code, syncs[0]?.status], ['SLU5110', 'skipped'])
  assert.equal((await sluice(['-C', folder, 'run', '--deadline', '10m'])).code, 0)
  assert.equal(hook.bodies.length, 1)
})
