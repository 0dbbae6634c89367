import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { forEachEngine, temporaryFolder } from '../support/engines.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { type Lab, openLab } from '../support/sync-lab.ts'

const project = (url: string) => `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 8}}
syncs:
  - {name: out, source: people, to: hook.rows, mode: mirror, match: {id: id}, map: {city: city, "näme": name}, guard: {max_remove: 100%}}
`

/** Names of several bytes a letter: bytes are counted, not characters. */
async function people(lab: Lab, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, at) => `('p${at + 100}', 'Zürich', '日本 "${at}"')`)
  await lab.sql('create table people (id varchar(20), city varchar(20), name varchar(40))')
  await lab.sql(`insert into people values ${rows.join(', ')}`)
}

async function recorded(lab: Lab, run: string) {
  const [row] = await lab.rows(
    `select destination, requests, sent_rows, resent_rows, sent_bytes, sent_fields
from sluice.sync_runs where run_id = '${run}'`,
  )
  return row
}

function received(receiver: Receiver) {
  return { requests: receiver.requests.length, rows: receiver.changes.length, bytes: receiver.bytes }
}

forEachEngine((engine, open) => {
  test(`${engine}: rows and bytes that left are those that the receiver got, and stand in the run`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 30)
    const result = await lab.sync('out')
    const got = received(receiver)
    assert.deepEqual([got.requests, got.rows], [4, 30])
    assert.deepEqual({ requests: result.requests, rows: result.sentRows, bytes: result.sentBytes }, got)
    assert.equal(result.resentRows, 0)
    assert.deepEqual(await recorded(lab, 'run1'), {
      destination: 'hook',
      requests: 4,
      sent_rows: 30,
      resent_rows: 0,
      sent_bytes: got.bytes,
      sent_fields: '["id","city","näme"]',
    })
  })

  test(`${engine}: what is sent again, whole or in halves, is counted each time, and told apart`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 30)
    const seen = new Set<number>()
    receiver.reply = ({ batch, changes }) => {
      const first = !seen.has(batch)
      seen.add(batch)
      if (batch === 2 && first) return { status: 503 }
      return changes.some(({ key }) => key.id === 'p100') ? { status: 422 } : undefined
    }
    const result = await lab.sync('out')
    const got = received(receiver)
    assert.deepEqual([result.applied, result.rejected], [29, 1])
    // Batch 2 again: 8 rows; batch 1 cut: 4 + 4, 2 + 2, 1 + 1.
    assert.equal(result.resentRows, 8 + 14)
    assert.equal(got.rows, 30 + 8 + 14)
    assert.deepEqual({ requests: result.requests, rows: result.sentRows, bytes: result.sentBytes }, got)
  })

  test(`${engine}: a run that sends nothing says so, and one that only removes counts its rows`, async (context) => {
    const receiver = await startReceiver(context)
    const lab = await openLab(context, engine, open, project(receiver.url))
    await people(lab, 30)
    await lab.sync('out')
    const before = receiver.bytes
    const idle = await lab.sync('out')
    assert.deepEqual([idle.requests, idle.sentRows, idle.resentRows, idle.sentBytes], [0, 0, 0, 0])
    assert.equal((await recorded(lab, 'run2'))?.sent_fields, '[]')
    receiver.clear()
    await lab.sql("delete from people where id > 'p109'")
    const fewer = await lab.sync('out')
    assert.deepEqual([fewer.remove, fewer.sentRows], [20, 20])
    assert.equal(fewer.sentBytes, receiver.bytes - before)
  })

  test(`${engine}: what is appended to a file is counted in bytes of the file`, async (context) => {
    const path = join(temporaryFolder(context), 'out.csv')
    const yaml = project('http://127.0.0.1/')
      .replace(
        /destinations:\n.*\n/,
        `destinations:\n  - {name: out_file, connector: file, settings: {path: "${path}", format: csv}}\n`,
      )
      .replace('to: hook.rows', 'to: out_file.rows')
    const lab = await openLab(context, engine, open, yaml)
    await people(lab, 30)
    const result = await lab.sync('out')
    assert.equal(result.error, undefined)
    assert.deepEqual([result.requests, result.sentRows], [0, 30])
    assert.equal(result.sentBytes, readFileSync(path).length)
    assert.equal((await recorded(lab, 'run1'))?.destination, 'out_file')
  })
})
