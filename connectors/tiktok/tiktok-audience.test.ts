import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Change, JobAnswer, Receipt, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { startFake } from './fake.ts'
import { connector } from './index.ts'

test('the first people make the audience, with one file of each kind of identifier that they have', async (context) => {
  const { start, fake, posts } = await opened(context)
  await start([add('1', ['email:ada', 'email:ada2', 'phone:ada']), add('2', ['email:bob'])])
  const [emails, phones, made] = posts()
  assert.ok(
    emails?.body.includes(`\r\n\r\nemail_SHA256\n${hash('ada')}\n${hash('ada2')}\n${hash('bob')}\n\r\n`),
  )
  assert.ok(phones?.body.includes(`\r\n\r\nphone_SHA256\n${hash('ada')}\n\r\n`))
  for (const file of [emails, phones])
    assert.match(file?.body ?? '', /name="calculate_type"\r\n\r\nMULTIPLE_TYPES\r\n/)
  assert.equal(made?.path, '/open_api/v1.3/dmp/custom_audience/create/')
  const { custom_audience_name: name, calculate_type: type } = JSON.parse(made?.body ?? '')
  assert.deepEqual([name, type], ['VIPs', 'MULTIPLE_TYPES'])
  assert.equal(fake.held('', 'audience').length, 4)
})

test('later people are appended, never put in the place of those who are there', async (context) => {
  const { start, posts, fake } = await opened(context)
  await start([add('1', ['email:ada'])])
  await start([add('2', ['email:bob'])])
  const { action, file_paths: files } = JSON.parse(posts().at(-1)?.body ?? '')
  assert.deepEqual([action, files.length], ['APPEND', 1])
  assert.equal(fake.held('', 'audience').length, 2)
})

test('the same batch has the same boundary and signature, and another one has another', async (context) => {
  const { start, posts } = await opened(context)
  await start([add('1', ['email:ada'])])
  await start([add('1', ['email:ada'])])
  await start([add('2', ['email:bob'])])
  const uploads = posts().filter(({ path }) => path.endsWith('/upload/'))
  const [first, again, other] = uploads.map(({ headers, body }) => [headers['content-type'], body])
  assert.deepEqual(first, again)
  assert.notEqual(first?.[0], other?.[0])
})

test('who leaves is taken out with all that found them, and who stays keeps the rest', async (context) => {
  const { start, fake, posts } = await opened(context)
  await start([
    add('1', ['email:ada', 'email:ada2', 'phone:ada']),
    add('2', ['email:bob', 'phone:bob']),
    add('3', ['email:eve']),
  ])
  const before = posts().length
  const receipts = await start([
    { op: 'remove', key: { id: '1' }, fields: {}, leaving: tokens(['email:ada', 'email:ada2', 'phone:ada']) },
    { ...add('2', ['email:bob', 'email:bob2']), op: 'change', leaving: tokens(['phone:bob']) },
    { op: 'remove', key: { id: '4' }, fields: {}, leaving: '' },
  ])
  assert.deepEqual(receipts, applied(3))
  assert.deepEqual(
    posts()
      .slice(before)
      .filter(({ path }) => path.endsWith('/update/'))
      .map(({ body }) => JSON.parse(body).action),
    ['REMOVE', 'APPEND'],
  )
  assert.deepEqual(
    fake.held('', 'audience').map(({ key }) => key),
    [{ email: hash('bob') }, { email: hash('eve') }, { email: hash('bob2') }],
  )
})

test('rows that nothing is to be done for make no audience and no request but the search', async (context) => {
  const { start, fake, posts } = await opened(context)
  const receipts = await start([
    add('1', []),
    { op: 'remove', key: { id: '2' }, fields: {}, leaving: tokens(['email:gone']) },
  ])
  assert.deepEqual(receipts, applied(2))
  assert.equal(posts().length, 0)
  assert.equal(fake.audiences.all.length, 0)
})

test('a row with a value that is no hash is rejected without quoting it, and the others are sent', async (context) => {
  const { start, fake } = await opened(context)
  const [bad, good] = await start([
    { ...add('1', ['email:ada']), identifiers: 'email:canary@example.com' },
    add('2', ['email:bob']),
  ])
  assert.deepEqual(bad, {
    status: 'rejected',
    error: 'expected email to be a SHA-256 hash in lower-case hex, found something else',
  })
  assert.equal(good?.status, 'applied')
  assert.equal(fake.held('', 'audience').length, 1)
})

test('a batch that finds TikTok at work on the audience becomes a job, and is done when it is taken', async (context) => {
  const { start, startJob, poll, fake, answers } = await opened(context)
  await start([add('1', ['email:ada'])])
  fake.audiences.isSlow = true
  await start([add('2', ['email:bob'])])
  const changes = [add('3', ['email:eve'])]
  const jobId = await startJob(changes)
  answers(200, { code: 40202, message: 'Write conflict.' })
  assert.equal((await poll(jobId, changes)).status, 'running')
  const running = { status: 'running', afterMs: 600_000 }
  assert.deepEqual(await poll(jobId, changes), running)
  assert.equal(fake.held('', 'audience').length, 2)
  fake.audiences.settle()
  assert.deepEqual(await poll(jobId, changes), { status: 'done', receipts: applied(1) })
  assert.equal(fake.held('', 'audience').length, 3)
})

test('what is taken out keeps TikTok at work, so the same people are put in by a job, also by another process', async (context) => {
  const { start, startJob, fake, another } = await opened(context)
  await start([add('1', ['email:ada', 'email:ada2'])])
  fake.audiences.isSlow = true
  const changes: readonly Change[] = [
    { ...add('1', ['email:ada', 'email:ada3']), op: 'change', leaving: tokens(['email:ada2']) },
  ]
  const jobId = await startJob(changes)
  assert.deepEqual(emails(fake.held('', 'audience')), [hash('ada')])
  fake.audiences.settle()
  assert.deepEqual(await another().poll(jobId, changes), { status: 'done', receipts: applied(1) })
  assert.deepEqual(emails(fake.held('', 'audience')), [hash('ada'), hash('ada3')])
})

test('a batch that takes out and puts in waits for its begin, and is started again then', async (context) => {
  const { start, startJob, poll, fake } = await opened(context)
  await start([add('1', ['email:ada', 'email:ada2'])])
  fake.audiences.isSlow = true
  await start([add('2', ['email:bob'])])
  const changes: readonly Change[] = [
    { ...add('1', ['email:ada', 'email:ada3']), op: 'change', leaving: tokens(['email:ada2']) },
  ]
  const jobId = await startJob(changes)
  assert.equal((await poll(jobId, changes)).status, 'running')
  assert.equal(fake.held('', 'audience').length, 3, 'nothing was taken out')
  fake.audiences.settle()
  const answer = await poll(jobId, changes)
  assert.ok(answer.status === 'failed' && answer.retry)
  fake.audiences.isSlow = false
  assert.deepEqual(await start(changes), applied(1))
  assert.deepEqual(emails(fake.held('', 'audience')), [hash('ada'), hash('bob'), hash('ada3')])
})

test('a file that expired while it waited is uploaded again with its batch, and a text that is no job is forgotten', async (context) => {
  const { start, startJob, poll, fake } = await opened(context)
  await start([add('1', ['email:ada'])])
  fake.audiences.isSlow = true
  await start([add('2', ['email:bob'])])
  const changes = [add('3', ['email:eve'])]
  const jobId = await startJob(changes)
  fake.audiences.settle()
  fake.audiences.forgetFiles()
  const answer = await poll(jobId, changes)
  assert.ok(answer.status === 'failed' && answer.retry, answer.status)
  assert.deepEqual(await poll('job-1', changes), { status: 'forgotten' })
})

test('leavers whom TikTok keeps because few would stay are rejected and not put in, and others join', async (context) => {
  const { start, fake } = await opened(context)
  await start(['1', '2', '3'].map((id) => add(id, [`email:${id}`])))
  fake.audiences.fewest = 3
  const refused = {
    status: 'rejected',
    error:
      'TikTok: the audience would have fewer than 1,000 people, which it refuses: they leave when it has more',
  }
  const receipts = await start([
    { op: 'remove', key: { id: '1' }, fields: {}, leaving: tokens(['email:1']) },
    { ...add('2', ['email:22']), op: 'change', leaving: tokens(['email:2']) },
    add('4', ['email:4']),
  ])
  assert.deepEqual(receipts, [refused, refused, { status: 'applied' }])
  assert.deepEqual(emails(fake.held('', 'audience')), ['1', '2', '3', '4'].map(hash))
})

test('the same refusal of a job rejects the leavers that waited', async (context) => {
  const { start, startJob, poll, fake } = await opened(context)
  await start(['1', '2'].map((id) => add(id, [`email:${id}`])))
  fake.audiences.isSlow = true
  await start([add('3', ['email:3'])])
  const changes: readonly Change[] = [
    { op: 'remove', key: { id: '1' }, fields: {}, leaving: tokens(['email:1']) },
  ]
  const jobId = await startJob(changes)
  fake.audiences.settle()
  fake.audiences.fewest = 3
  const answer = await poll(jobId, changes)
  assert.deepEqual(answer.status === 'done' && answer.receipts.map(({ status }) => status), ['rejected'])
})

test('an audience that was made with too few people stops the sync with TikTok’s words', async (context) => {
  const { start, fake } = await opened(context)
  fake.audiences.fewest = 2
  await start([add('1', ['email:ada'])])
  const error = await failing(start([add('2', ['email:bob'])]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /Less than 1000 matches were found.*delete it in TikTok/)
})

test('an audience that was deleted meanwhile stops the sync', async (context) => {
  const { start, fake } = await opened(context)
  await start([add('1', ['email:ada'])])
  fake.audiences.all.length = 0
  const error = await failing(start([add('2', ['email:bob'])]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /was deleted or has expired: run with --full-resync/)
})

test('an audience of one kind of identifier takes that kind without a header, and no other', async (context) => {
  const { start, fake, posts } = await opened(context)
  fake.audiences.add('VIPs', { type: 'EMAIL_SHA256' })
  await start([add('1', ['email:ada'])])
  assert.ok(posts()[0]?.body.includes(`\r\n\r\n${hash('ada')}\n\r\n`))
  const error = await failing(start([add('2', ['email:bob', 'phone:bob'])]))
  assert.equal(error.action, 'stop')
  assert.match(error.message, /that takes phone, found one of EMAIL_SHA256: leave them out of identifiers/)
})

test('an audience is found by name or id on any page, and no other one is taken for it', async (context) => {
  const { fake, account } = await opened(context)
  for (let index = 0; index < 150; index += 1) fake.audiences.add(`Other ${index}`)
  const { id } = fake.audiences.add('Far away')
  fake.audiences.add('Twins')
  fake.audiences.add('Twins')
  fake.audiences.add('Visitors', { kind: 'Website Audience' })
  const advertiser = fake.settings.advertiser_id
  assert.equal(await account('Far away'), `advertiser ${advertiser}, audience Far away`)
  assert.equal(await account(id), `advertiser ${advertiser}, audience ${id}`)
  assert.equal(await account('Not there yet'), `advertiser ${advertiser}, audience Not there yet`)
  assert.equal(fake.audiences.all.length, 154, 'none was made')
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['Twins', /found several: give the setting audience its id/],
    ['Visitors', /to come from a customer file/],
    ['7999999999999999999', /an audience with the id 7999999999999999999, found none/],
    ['x'.repeat(129), /at most 128 characters/],
  ]
  for (const [name, words] of wrong) {
    const error = await failing(account(name))
    assert.equal(error.action, 'stop')
    assert.match(error.message, words)
  }
})

test('how large it is, and how it fares, is read back', async (context) => {
  const { start, fake, status } = await opened(context)
  assert.deepEqual(await status(), {})
  fake.audiences.isSlow = true
  await start([add('1', ['email:ada']), add('2', ['email:bob'])])
  assert.deepEqual(await status(), { state: 'unavailable' })
  fake.audiences.settle()
  assert.deepEqual(await status(), { size: 2, state: 'available' })
})

test('the code of an answer outranks its status', async (context) => {
  const { start, answers } = await opened(context)
  await start([add('1', ['email:ada'])])
  const expected: readonly (readonly [status: number, code: number, action: string, ambiguous: boolean])[] = [
    [200, 40100, 'retry', false],
    [200, 40133, 'retry', false],
    [200, 40016, 'retry', false],
    [200, 40105, 'refresh', false],
    [200, 40102, 'refresh', false],
    [200, 40001, 'stop', false],
    [200, 40300, 'stop', false],
    [200, 40915, 'split', false],
    [200, 20001, 'split', false],
    [200, 50000, 'retry', true],
    [200, 51003, 'retry', true],
    [200, 60001, 'retry', false],
    [401, 40001, 'stop', false],
    [500, 40000, 'split', false],
  ]
  for (const [status, code, action, ambiguous] of expected) {
    answers(status, { code, message: 'no' })
    const error = await failing(start([add('2', ['email:bob'])]))
    assert.deepEqual([code, error.action, error.ambiguous], [code, action, ambiguous])
  }
})

function hash(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

/** `email:ada` with the hash of what stands after the kind. */
function tokens(values: readonly string[]): string {
  return values.map((one) => one.replace(/:(.*)$/, (_, value: string) => `:${hash(value)}`)).join(' ')
}

function add(id: string, values: readonly string[]): Change {
  return { op: 'add', key: { id }, fields: {}, identifiers: tokens(values), leaving: '' }
}

function applied(count: number): readonly Receipt[] {
  return Array.from({ length: count }, () => ({ status: 'applied' }))
}

function emails(held: readonly { readonly key: Change['key'] }[]): readonly unknown[] {
  return held.map(({ key }) => key.email)
}

async function opened(context: TestContext) {
  const fake = await startFake()
  const tools = createHttpTools({ clock: systemClock })
  context.after(async () => {
    await tools.close()
    await fake.close()
  })
  const connect = (settings: Settings) =>
    connector.connect(fake.settings, tools, { object: 'audience', settings })
  const usual = { audience: 'VIPs', lifetime_days: 365 }
  const connection = connect(usual)
  const started = async (changes: readonly Change[]) =>
    (await connection.start?.(batchOf('audience', changes))) ?? assert.fail('it starts batches')
  const poller = (asked = connection) => ({
    poll: async (jobId: string, changes: readonly Change[]): Promise<JobAnswer> => {
      const { changesJson: _, changes: __, ...known } = batchOf('audience', changes) as Batch
      return (await asked.poll?.(jobId, { ...known, changes: async () => changes })) ?? assert.fail()
    },
  })
  return {
    fake,
    start: async (changes: readonly Change[]) => {
      const answer = await started(changes)
      return 'receipts' in answer ? answer.receipts : assert.fail(`it waits: ${answer.jobId}`)
    },
    startJob: async (changes: readonly Change[]) => {
      const answer = await started(changes)
      return 'jobId' in answer ? answer.jobId : assert.fail('it did not wait')
    },
    ...poller(),
    another: () => poller(connect(usual)),
    account: (audience: string) => connect({ ...usual, audience }).account(),
    status: () => connection.audienceStatus?.(),
    /** Requests that change something, so far. */
    posts: () => (fake.server?.requests ?? []).filter(({ method }) => method === 'POST'),
    /** To the next request. */
    answers: (status: number, body: object) =>
      fake.server?.script({ kind: 'answer', status, body: JSON.stringify(body) }),
  }
}

async function failing(work: Promise<unknown>): Promise<DestinationError> {
  const outcome = await work.catch((error) => error)
  assert.ok(outcome instanceof DestinationError, String(outcome))
  return outcome
}
