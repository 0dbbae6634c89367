import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools } from '../../src/connector/http-client.ts'
import type { Batch, Connection, Settings } from '../../src/connector/types.ts'
import { connector } from './index.ts'

interface Rig {
  readonly connection: Connection
  readonly folder: string
  readonly written: readonly number[]
  write(count?: number): ReturnType<Connection['write']>
  /** What the program wrote to `seen`. */
  seen(): string
}

/** `answer` is JavaScript: the line in `asked`, `reply(text)` writes one back, `note(text)` adds to the file `seen`. */
async function rig(context: TestContext, answer: string, settings: Settings = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-command-test-'))
  writeFileSync(join(folder, 'program.mjs'), programOf(answer))
  const tools = createHttpTools({ clock: systemClock })
  const written: number[] = []
  const connection = connector.connect(
    { command: [process.execPath, 'program.mjs'], timeout_seconds: 5, batch_size: 500, ...settings },
    { ...tools, clock: systemClock, directory: folder, onWritten: (bytes) => written.push(bytes) },
  )
  context.after(async () => {
    await connection.close?.()
    await tools.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const seen = join(folder, 'seen')
  return {
    ...{ connection, folder, written },
    write: async (count = 2) => connection.write(batchOf(count)),
    seen: () => (existsSync(seen) ? readFileSync(seen, 'utf8') : ''),
  }
}

const programOf = (answer: string) => `
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
const reply = (text) => process.stdout.write(text + '\\n')
const note = (text) => appendFileSync('seen', text + '\\n')
const receipts = (...list) => reply(JSON.stringify({ type: 'receipts', receipts: list }))
const described = { type: 'described', protocol: 1, account: 'tenant 7' }
const applied = { status: 'applied' }
const describe = () => reply(JSON.stringify(described))
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  const isWrite = asked.type === 'write'
  ${answer}
}
`

/** Describes itself, then does this. */
const onWrite = (answer: string) => `if (!isWrite) describe()\n  else { ${answer} }`

function batchOf(count: number): Batch {
  const changes = Array.from({ length: count }, (_, index) => ({
    op: 'add' as const,
    key: { email: `person-${index}-canary@example.com` },
    fields: { city: `City-${index}-canary` },
  }))
  const changesJson = JSON.stringify(changes)
  return {
    ...{ sync: 'vips', runId: 'run-1', object: 'rows', mode: 'mirror', batch: 3, count },
    ...{ changesJson, changes: () => changes, idempotencyKey: 'key-1' },
  }
}

const errorOf = async (work: Promise<unknown>): Promise<DestinationError> => {
  const error = await work.catch((thrown: unknown) => thrown)
  assert.ok(error instanceof DestinationError, String(error))
  assert.doesNotMatch(`${error.message} ${error.stack}`, /canary/)
  return error
}

const told = ({ action, ambiguous, message }: DestinationError) => ({ action, ambiguous, message })

test('a program is described, gets a batch as one line, and answers with a receipt a change', async (context) => {
  const { connection, write, seen, written } = await rig(
    context,
    onWrite(`note(line); receipts(applied, { status: 'rejected', error: 'no such city: City-1-canary' })`),
  )
  assert.equal(await connection.account(), 'tenant 7')
  assert.deepEqual(await write(), [
    { status: 'applied' },
    { status: 'rejected', error: 'no such city: [value]' },
  ])
  const { changes, ...head } = JSON.parse(seen())
  assert.deepEqual(head, {
    ...{ type: 'write', sync: 'vips', run_id: 'run-1', object: 'rows', mode: 'mirror', batch: 3 },
    idempotency_key: 'key-1',
  })
  assert.deepEqual(changes, batchOf(2).changes())
  assert.equal(
    written.reduce((sum, bytes) => sum + bytes, 0),
    Buffer.byteLength(seen()),
  )
})

test('one process serves a whole run, one question at a time', async (context) => {
  const { write, seen } = await rig(
    context,
    `note(asked.type + ' ' + process.pid)
  if (!isWrite) describe()
  else setTimeout(() => { note('answered'); receipts(applied) }, 20)`,
  )
  await Promise.all([write(1), write(1), write(1)])
  const words = seen()
    .split('\n')
    .map((line) => line.split(' ')[0])
  assert.deepEqual(words, ['describe', 'write', 'answered', 'write', 'answered', 'write', 'answered', ''])
  assert.equal(new Set(seen().match(/\d+/g)).size, 1)
})

test('the program sees what env says of an environment, and nothing of that of Sluice', async (context) => {
  const { write, seen } = await rig(
    context,
    onWrite('note(JSON.stringify(process.env)); receipts(applied)'),
    {
      env: { ERP_TOKEN: 'shh' },
    },
  )
  await write(1)
  assert.deepEqual(JSON.parse(seen()), { ERP_TOKEN: 'shh' })
})

test('line ends of any kind in a value leave the line one line', async (context) => {
  const { connection, seen } = await rig(context, onWrite('note(line); receipts(applied)'))
  const changes = [{ op: 'add' as const, key: { id: 1 }, fields: { note: 'a\nb\r\u2028c\u2029d\u0085e' } }]
  // Laid out as a warehouse may do it.
  const changesJson = JSON.stringify(changes, null, 2)
  await connection.write({ ...batchOf(1), changesJson, changes: () => changes })
  assert.deepEqual(JSON.parse(seen()).changes, changes)
  assert.doesNotMatch(seen().trimEnd(), /[\n\r\u0085\u2028\u2029]/)
})

test('a program that ends amid a batch is told as perhaps applied, with its exit code and no word of what it said', async (context) => {
  const { write, seen } = await rig(
    context,
    onWrite(`note('tried'); console.error('City-0-canary\\nmore'); process.exit(3)`),
  )
  assert.deepEqual(told(await errorOf(write())), {
    action: 'retry',
    ambiguous: true,
    message:
      'expected the command to answer by a line, found that it ended with exit code 3; it wrote 2 lines to standard error, not shown since rows may be in them',
  })
  // It is started anew for the next one.
  await errorOf(write())
  assert.equal(seen(), 'tried\ntried\n')
})

test('a program that does not answer in time is killed with what it started, and started anew', async (context) => {
  const { write, seen } = await rig(
    context,
    `const { spawn } = await import('node:child_process')
  if (!isWrite) describe()
  else {
    const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    note(process.pid + ' ' + pid)
  }`,
    { timeout_seconds: 1 },
  )
  const error = await errorOf(write())
  assert.deepEqual([error.action, error.ambiguous], ['retry', true])
  assert.match(error.message, /it did not answer within 1 seconds/)
  for (const pid of seen().trim().split(' ')) assert.ok(await isGone(Number(pid)), pid)
})

/** A process that was killed is there until its parent, or the system, takes note of it. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
    if (/\) Z /.test(state)) return true
    try {
      process.kill(pid, 0)
    } catch {
      return true
    }
    await sleep(20)
  }
  return false
}

for (const [what, answer, expected] of [
  ['too few receipts', 'receipts(applied)', /expected 2 receipts of the command, found 1/],
  ['too many receipts', 'receipts(applied, applied, applied)', /expected 2 receipts of the command, found 3/],
  ['no receipts', `reply('{"type":"receipts"}')`, /expected 2 receipts of the command, found 0/],
  [
    'a line that is no JSON',
    `reply('City-0-canary')`,
    /found another line: its standard output is for answers/,
  ],
  [
    'an answer of another type',
    `reply('{"type":"described"}')`,
    /receipts or failed .* found the type described/,
  ],
  ['a row as the type', `reply('{"type":"City-0-canary"}')`, /found another line/],
  [
    'two lines',
    `const twice = JSON.stringify({ type: 'receipts', receipts: [applied, applied] }); reply(twice + '\\n' + twice)`,
    /a line that it was not asked for/,
  ],
  [
    'a line without an end',
    `process.stdout.write('x'.repeat(17 * 1024 * 1024))`,
    /a line of more than 16777216 bytes/,
  ],
] as const)
  test(`${what}: nobody knows what became of the batch, so it comes again`, async (context) => {
    const { write } = await rig(context, onWrite(answer))
    const error = await errorOf(write())
    assert.deepEqual([error.action, error.ambiguous], ['retry', true])
    assert.match(error.message, expected)
  })

test('a receipt that says nothing known is of a row that may be there', async (context) => {
  const { write } = await rig(
    context,
    onWrite(`receipts(null, { status: 'done' }, { status: 'retry', after_ms: 50 }, { status: 'rejected' })`),
  )
  const error = 'expected the status applied, rejected or retry, found another'
  assert.deepEqual(await write(4), [
    { status: 'retry', error, ambiguous: true },
    { status: 'retry', error, ambiguous: true },
    { status: 'retry', error: 'to be sent again, no reason given', afterMs: 50 },
    { status: 'rejected', error: 'rejected, no reason given' },
  ])
})

test('a failure of the whole batch is what the program says it is, without values of rows', async (context) => {
  const failed = (more: object) => onWrite(`reply('${JSON.stringify({ type: 'failed', ...more })}')`)
  const outcome = async (more: object) => {
    const { write } = await rig(context, failed(more))
    const { action, ambiguous, afterMs, message } = await errorOf(write())
    return [action, ambiguous, afterMs, message]
  }
  assert.deepEqual(await outcome({ action: 'retry', error: 'locked by City-1-canary', after_ms: 70 }), [
    ...(['retry', false, 70, 'the command failed: locked by [value]'] as const),
  ])
  assert.deepEqual((await outcome({ action: 'split', ambiguous: true })).slice(0, 2), ['split', true])
  assert.equal((await outcome({ action: 'refresh' }))[0], 'refresh')
  assert.deepEqual(await outcome({ action: 'stop' }), [
    ...(['stop', false, undefined, 'the command failed: it says no more'] as const),
  ])
  assert.equal((await outcome({ action: 'explode' }))[0], 'stop')
})

for (const [what, answer, expected] of [
  ['does not describe itself', 'receipts(applied)', /found the type receipts/],
  ['greets first', `reply('ready'); describe()`, /it was not asked for|found another line/],
  ['speaks another protocol', `reply(JSON.stringify({ ...described, protocol: 2 }))`, /speak protocol 1/],
  ['names no account', `reply(JSON.stringify({ ...described, account: ' ' }))`, /name its account/],
  ['ends at once', 'process.exit(1)', /exit code 1.*check the settings command and env/],
] as const)
  test(`a program that ${what} stops the sync before it gets a row`, async (context) => {
    const { write, seen } = await rig(context, `if (isWrite) note('got a row')\n  ${answer}`)
    const error = await errorOf(write())
    assert.deepEqual([error.action, error.ambiguous], ['stop', false])
    assert.match(error.message, expected)
    assert.equal(seen(), '')
  })

test('a program that is not there, or may not be run, stops and names the setting', async (context) => {
  for (const [program, code] of [
    ['no-such-program-of-ours', 'ENOENT'],
    ['bin/missing', 'ENOENT'],
    ['./program.mjs', 'EACCES'],
  ] as const) {
    const { write } = await rig(context, '', { command: [program] })
    const { action, message } = await errorOf(write())
    assert.equal(action, 'stop')
    assert.match(
      message,
      new RegExp(`it cannot be started \\(${code}\\); check the settings command and env`),
    )
  }
  assert.match(
    (await errorOf((async () => (await rig(context, '', { command: [] })).write())())).message,
    /empty list/,
  )
})

test('one that names another account when it is started anew stops', async (context) => {
  const { write } = await rig(
    context,
    `if (!isWrite) reply(JSON.stringify({ ...described, account: 'tenant ' + process.pid }))
  else process.exit(1)`,
  )
  assert.equal((await errorOf(write())).action, 'retry')
  const error = await errorOf(write())
  assert.equal(error.action, 'stop')
  assert.match(error.message, /name the account that it named before/)
})

test('closing ends its input and waits for it; amid a batch it is killed', async (context) => {
  const calm = await rig(
    context,
    `${onWrite('receipts(applied)')}
  process.stdin.on('end', () => note('input ended'))`,
  )
  await calm.write(1)
  await calm.connection.close?.()
  assert.equal(calm.seen().includes('input ended'), true)
  const busy = await rig(context, onWrite('note(String(process.pid))'))
  const outcome = errorOf(busy.write())
  while (busy.seen() === '') await sleep(5)
  await busy.connection.close?.()
  const error = await outcome
  assert.deepEqual([error.action, error.ambiguous], ['retry', true])
  assert.match(error.message, /it was stopped/)
  assert.ok(await isGone(Number(busy.seen())))
  assert.match((await errorOf(busy.write())).message, /found it closed/)
})

test('an empty batch starts nothing', async (context) => {
  const { write, written } = await rig(context, `note('started')`)
  assert.deepEqual(await write(0), [])
  assert.deepEqual(written, [])
})
