import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type AsyncFake, startAsyncFake } from '../support/async-destination.ts'
import { finished, projectFolder, startSluice } from '../support/cli.ts'

const PRELOAD = pathToFileURL(join(import.meta.dirname, '..', 'support', 'register-jobs.ts')).href

const SLOW = { kind: 'slow', polls: Number.POSITIVE_INFINITY } as const

interface Shop {
  readonly fake: AsyncFake
  start(...args: readonly string[]): ReturnType<typeof startSluice>
  json(
    ...args: readonly string[]
  ): Promise<{ readonly code: number | null; readonly stderr: string; readonly out: Json }>
  text(...args: readonly string[]): Promise<string>
}

// biome-ignore lint/suspicious/noExplicitAny: what a command prints is looked into, and compared
type Json = any

async function shop(context: TestContext, asyncWait = '1s'): Promise<Shop> {
  const fake = await startAsyncFake()
  context.after(() => fake.close())
  const folder = projectFolder(context, {
    'people.csv': 'id,city\n1,Paris\n2,Rome\n3,Oslo\n',
    'sluice.yml': `version: 1
name: jobs
targets: {dev: {type: duckdb, path: warehouse.duckdb}}
sources: [{name: people, file: people.csv, primary_key: id}]
destinations:
  - {name: bulk, connector: jobs, settings: {url: "${fake.server.origin}", allow_private_network: true}}
syncs:
  - {name: out, source: people, to: bulk.people, match: {id: id}, map: {city: city}, async_wait: ${asyncWait}}
`,
  })
  const start = (...args: readonly string[]) =>
    startSluice(args, { cwd: folder, env: { NODE_OPTIONS: `--import=${PRELOAD}` } })
  return {
    fake,
    start,
    async json(...args) {
      const { code, stderr, json } = await finished(start(...args, '-o', 'json'))
      return { code, stderr, out: json() }
    },
    text: async (...args) => (await finished(start(...args))).stdout,
  }
}

const figures = ({ status, add, applied, rejected, pending }: Json) => [
  status,
  add,
  applied,
  rejected,
  pending,
]

test('a sync whose jobs take longer than async_wait is pending: exit 0, kept, shown, and finished by a later run', async (t) => {
  const { fake, json, text } = await shop(t)
  fake.jobs.script(SLOW)
  const first = await json('sync')
  assert.equal(first.code, 0, first.stderr)
  assert.deepEqual(figures(first.out.syncs[0]), ['pending', 3, 0, 0, 3])

  const shown = await json('runs', 'show', first.out.run_id)
  assert.deepEqual(figures(shown.out.syncs[0]), ['pending', 3, 0, 0, 3])
  assert.equal(shown.out.status, 'done')
  assert.match(await text('runs', 'show', first.out.run_id), /3 pending(?:.|\n)*the next run asks for them/)

  const planned = await json('plan')
  assert.deepEqual([planned.code, planned.out.syncs[0].open_jobs], [0, 1])
  assert.match(planned.stderr, /left 1 job open/)
  const [kept] = (await json('state', 'ls')).out.plans
  assert.deepEqual([kept.sync, kept.state, kept.open_jobs], ['out', 'sending', 1])

  // `run` takes it as due, though it has run.
  fake.jobs.release()
  const last = await json('run')
  assert.equal(last.code, 0, last.stderr)
  assert.deepEqual(figures(last.out.syncs[0]), ['done', 3, 3, 0, 0])
  assert.deepEqual([last.out.syncs[0].resumed, last.out.syncs[0].unchanged], [true, 3])
  assert.equal(fake.started.length, 1)
  assert.deepEqual((await json('state', 'ls')).out.plans, [])
})

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`${signal} while jobs are asked for: exit ${code}, and the next run asks on`, async (t) => {
    const { fake, start, json } = await shop(t, '10m')
    fake.jobs.script(SLOW)
    const child = start('sync', '-o', 'json')
    fake.before = (what) => {
      if (what === 'poll') child.kill(signal)
    }
    const stopped = await finished(child)
    assert.equal(stopped.code, code, stopped.stderr)
    fake.before = () => {}
    fake.jobs.release()
    const next = await json('sync')
    assert.deepEqual([next.code, ...figures(next.out.syncs[0])], [0, 'done', 3, 3, 0, 0])
    assert.equal(fake.started.length, 1)
  })

test('state drop-plan gives open jobs up, and what was handed over is sent again', async (t) => {
  const { fake, json } = await shop(t)
  fake.jobs.script(SLOW)
  await json('sync')
  const dropped = await json('state', 'drop-plan', 'out')
  assert.deepEqual([dropped.code, dropped.out.open_jobs, dropped.out.dropped.length], [0, 1, 1])
  const next = await json('sync')
  assert.equal(next.code, 0, next.stderr)
  const { status, add, change, applied, resumed } = next.out.syncs[0]
  assert.deepEqual([status, add + change, applied, resumed], ['done', 3, 3, false])
  assert.equal(fake.started.length, 2)
})

test('a sandbox plays jobs on the fake of their connector', async (t) => {
  const { fake, json } = await shop(t)
  const played = await json('sync', '--sandbox')
  assert.equal(played.code, 0, played.stderr)
  assert.deepEqual(figures(played.out.syncs[0]), ['done', 3, 3, 0, 0])
  assert.equal(fake.started.length, 0)
})
