/**
 * The demo: `npm run demo`. Seeds a small shop into a DuckDB file in a temporary folder, runs the command line on
 * it as a user would, and shows what arrives at a receiver on the loopback. Offline; nothing stays behind.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'

const HERE = dirname(fileURLToPath(import.meta.url))
const MAIN = join(HERE, '..', '..', 'src', 'cli', 'main.ts')
/** Every run of the demo sees the same day. */
const TODAY = '2026-01-31'
const TOMORROW = '2026-02-01'

interface Received {
  readonly changes: readonly { readonly op: string; readonly key: object; readonly fields: object }[]
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
const database = join(folder, 'shop.duckdb')
let received: Received[] = []
const receiver = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    received.push(JSON.parse(Buffer.concat(parts).toString()))
    response.end('{}')
  })
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const env = {
  ...process.env,
  SHOP_DB: database,
  RECEIVER_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/rows`,
}

try {
  say('A shop with 550 contacts and 2,400 orders, in one DuckDB file')
  await run(readFileSync(join(HERE, 'seed.sql'), 'utf8'))
  await sluice('validate')
  say('Identity, profiles, traits and segments, made where the data is')
  await sluice('build', '--as-of', TODAY)
  await sluice('identity', 'stats')
  await sluice('preview', 'lapsing_vips', '--limit', '3', '--as-of', TODAY)
  say('What would be sent, before anything is')
  await sluice('plan', '--as-of', TODAY)
  say('Send it')
  await sluice('sync', '--as-of', TODAY)
  say('Send it again: nothing has changed, so nothing is sent')
  await sluice('sync', '--as-of', TODAY)
  say('One lapsing customer orders again: only that leaves the warehouse')
  await run(`insert into shop.orders
    select 'o9999', email, 'paid', 42.00, timestamp '2026-01-31 12:00:00'
    from sluice.customer join sluice.segment_lapsing_vips using (customer_id) order by email limit 1`)
  await sluice('sync', '--as-of', TOMORROW)
} finally {
  receiver.close()
  rmSync(folder, { recursive: true, force: true })
}

function say(line: string): void {
  console.log(`\n${styleText(['bold', 'cyan'], `# ${line}`)}`)
}

async function run(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(database)
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}

async function sluice(...args: readonly string[]): Promise<void> {
  console.log(styleText('bold', `\n$ sluice ${args.join(' ')}`))
  received = []
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(process.execPath, [MAIN, '-C', HERE, '--quiet', ...args], { env, stdio: 'inherit' })
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`expected the demo's command to end with 0, found ${code}`)
  if (args[0] === 'plan' || args[0] === 'sync') showReceived()
}

function showReceived(): void {
  const changes = received.flatMap((body) => body.changes)
  console.log(
    styleText('green', `the receiver got ${changes.length} changes in ${received.length} requests`) +
      (changes[0] === undefined ? '' : `, the first: ${JSON.stringify(changes[0])}`),
  )
}
