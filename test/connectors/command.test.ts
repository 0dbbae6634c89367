import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { type Lab, labOn } from '../support/sync-lab.ts'

interface Rig {
  readonly lab: Lab
  /** Lines that the program noted. */
  noted(): readonly string[]
}

/** A sync of five people, two in a batch, to a program that answers a `write` by this JavaScript. */
async function rig(context: TestContext, onWrite: string): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-command-engine-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const [program, notes] = [join(folder, 'program.mjs'), join(folder, 'notes')]
  writeFileSync(program, programOf(notes, onWrite))
  const settings = new Map([['path', ':memory:']])
  const warehouse = await openWarehouse({ type: 'duckdb', directory: '.', settings, runId: 'command' })
  context.after(() => warehouse.close())
  const command = JSON.stringify([process.execPath, program])
  const lab = await labOn(
    warehouse,
    'duckdb',
    `sources: [{name: people, table: people, primary_key: email}]
destinations: [{name: erp, connector: command, settings: {command: ${command}, batch_size: 2}}]
syncs:
  - {name: people, source: people, to: erp.rows, match: {email: email}, map: {city: city}}
`,
  )
  await lab.sql(
    'create table people (email varchar, city varchar)',
    `insert into people select 'p' || i || '@example.com', 'Bern' from range(5) t(i)`,
  )
  const noted = () => (existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').slice(0, -1) : [])
  return { lab, noted }
}

const programOf = (notes: string, onWrite: string) => `
import { appendFileSync, readFileSync, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
const reply = (answer) => process.stdout.write(JSON.stringify(answer) + '\\n')
const note = (text) => appendFileSync(${JSON.stringify(notes)}, text + '\\n')
const has = (text) => readFileSync(${JSON.stringify(notes)}, 'utf8').split('\\n').includes(text)
const take = ({ changes }) => {
  for (const { key } of changes) note('took ' + key.email)
  reply({ type: 'receipts', receipts: changes.map(() => ({ status: 'applied' })) })
}
note('started ' + process.pid)
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  if (asked.type === 'describe') reply({ type: 'described', protocol: 1, account: 'erp' })
  else { ${onWrite} }
}
note('ended')
`

const startsIn = (noted: readonly string[]) => noted.filter((line) => line.startsWith('started')).length
const takenIn = (noted: readonly string[]) =>
  noted.flatMap((line) => (line.startsWith('took ') ? [line.slice(5)] : []))
const ALL = [0, 1, 2, 3, 4].map((index) => `p${index}@example.com`)

test('one program takes a whole run, and ends with it', async (context) => {
  const { lab, noted } = await rig(context, 'take(asked)')
  const { status, applied } = await lab.sync('people')
  assert.deepEqual([status, applied], ['done', 5])
  assert.deepEqual(takenIn(noted()).toSorted(), ALL)
  assert.deepEqual([startsIn(noted()), noted().at(-1)], [1, 'ended'])
})

test('a program that breaks amid a run is started anew, and every row arrives', async (context) => {
  const { lab, noted } = await rig(
    context,
    `if (!has('broke')) { note('broke'); process.exit(1) } else take(asked)`,
  )
  const { status, applied } = await lab.sync('people')
  assert.deepEqual([status, applied], ['done', 5])
  assert.deepEqual([...new Set(takenIn(noted()))].toSorted(), ALL)
  assert.equal(startsIn(noted()), 2)
})

test('one that asks for new credentials is ended and started anew, once a run', async (context) => {
  const refuse = `reply({ type: 'failed', action: 'refresh', error: 'the session has ended' })`
  const once = await rig(context, `if (!has('refused')) { note('refused'); ${refuse} } else take(asked)`)
  assert.equal((await once.lab.sync('people')).status, 'done')
  assert.deepEqual([startsIn(once.noted()), takenIn(once.noted()).length], [2, 5])
  const always = await rig(context, refuse)
  const { status, error } = await always.lab.sync('people')
  assert.equal(status, 'failed')
  assert.match(String(error?.message), /the command failed: the session has ended/)
  assert.equal(startsIn(always.noted()), 2)
})

test('a row that is rejected is so by itself, and one that cannot be taken yet comes again', async (context) => {
  const { lab, noted } = await rig(
    context,
    `const receipts = asked.changes.map(({ key: { email } }) => {
    if (email.startsWith('p1')) return { status: 'rejected', error: 'no city of that name: Bern' }
    if (email.startsWith('p2') && !has('later')) { note('later'); return { status: 'retry', error: 'locked' } }
    note('took ' + email)
    return { status: 'applied' }
  })
  reply({ type: 'receipts', receipts })`,
  )
  const { status, applied, rejected } = await lab.sync('people')
  assert.deepEqual([status, applied, rejected], ['partial', 4, 1])
  assert.deepEqual(takenIn(noted()).toSorted(), ALL.toSpliced(1, 1))
  const [receipt] = await lab.rows('select reason from sluice.receipts')
  assert.equal(receipt?.reason, 'no city of that name: [value]')
})

test('a run that is stopped while the program is busy kills it, and the next run sends all again', async (context) => {
  const { lab, noted } = await rig(context, `if (!has('busy')) note('busy'); else take(asked)`)
  const stop = new AbortController()
  const stopped = lab.sync('people', { signal: stop.signal, graceMs: 50 })
  while (!noted().includes('busy')) await sleep(10)
  stop.abort()
  assert.equal((await stopped).applied, 0)
  const pid = Number(noted()[0]?.split(' ')[1])
  await isGone(pid)
  assert.equal((await lab.sync('people')).status, 'done')
  assert.deepEqual([...new Set(takenIn(noted()))].toSorted(), ALL)
})

async function isGone(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await sleep(10)
  }
  assert.fail(`expected the program ${pid} to be gone, found it running`)
}
