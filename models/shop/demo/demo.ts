/**
 * The demo: `npm run demo`. Writes the shop of `sluice init` with 20,000 people into a temporary folder and runs the
 * command line on it as a user would; what it sends arrives at a fake of HubSpot on the loopback. Offline; nothing
 * stays behind.
 */
import { spawn } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { startFake } from '../../../connectors/hubspot/fake.ts'
import type { Instant } from '../../../src/base/instant.ts'
import { shopData } from '../../../src/cli/shop/generate.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const MAIN = join(HERE, '..', '..', '..', 'src', 'cli', 'main.ts')
/** Every run of the demo sees the same days and the same people. */
const TODAY = '2026-01-31T00:00:00.000Z' as Instant
const TOMORROW = '2026-02-01T00:00:00.000Z'
const SIZE = { people: 20_000, events: 200_000, seed: 2026, until: TODAY }

const started = performance.now()
const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
const hubspot = await startFake()
const env = {
  ...process.env,
  HUBSPOT_TOKEN: String(hubspot.settings.access_token),
  HUBSPOT_URL: String(hubspot.settings.base_url),
}

try {
  say(
    'A shop whose four systems know 20,000 people in part: a CRM typed by hand, a web shop with guest orders,\n# loyalty cards of the till, and a tracker of 200,000 visits. One YAML project, one DuckDB file.',
  )
  writeShop()
  await sluice(0, 'validate')

  say('Identity, golden records, traits and segments, computed where the data is')
  await sluice(0, 'build', '--as-of', TODAY)
  await sluice(0, 'identity', 'stats')

  say('An anonymous visit and a card at the till: why are these one person?')
  await sluice(0, 'identity', 'why', 'visits:e132177', 'cards:k108202')

  say('Who is in a segment, and what does it look like? Text is masked in the warehouse')
  await sluice(0, 'preview', 'lapsing_vips', '--limit', '4', '--as-of', TODAY)
  await sluice(0, 'preview', 'left_a_basket', '--limit', '0', '--by', 'country', '--as-of', TODAY)

  say('Why is she in it?')
  const [email = ''] = await someVips(1)
  await sluice(0, 'explain', `email=${email}`, 'in', 'lapsing_vips', '--as-of', TODAY)

  say('What would be sent, before anything is')
  await sluice(0, 'plan', '-s', 'vips_to_crm', '--sample', '3', '--as-of', TODAY)

  say('Send it')
  await sluice(0, 'sync', '-s', 'vips_to_crm', '--as-of', TODAY)
  showHubSpot()

  say('Send it again: nothing has changed, so nothing is sent')
  await sluice(0, 'sync', '-s', 'vips_to_crm', '--as-of', TODAY)

  say(
    'A day later three of them have ordered, and others fell silent: only what changed leaves the warehouse',
  )
  for (const [index, one] of (await someVips(3)).entries())
    appendFileSync(
      join(folder, 'data', 'orders.csv'),
      `new${index},,${one},,web,paid,42.00,2026-01-31T12:00:00.000Z\n`,
    )
  await sluice(0, 'sync', '-s', 'vips_to_crm', '--as-of', TOMORROW)
  showHubSpot()

  say(
    'A bad export: half of the orders are missing. A guard stops the run before the first request (exit code 4)',
  )
  const orders = readFileSync(join(folder, 'data', 'orders.csv'), 'utf8').split('\n')
  writeFileSync(join(folder, 'data', 'orders.csv'), `${orders.slice(0, orders.length / 2).join('\n')}\n`)
  await sluice(4, 'sync', '-s', 'vips_to_crm', '--as-of', TOMORROW)
  showHubSpot()
  console.log(
    `\nThe demo took ${((performance.now() - started) / 1000).toFixed(0)} s. Your own: npm run -s sluice -- init my-shop`,
  )
} finally {
  await hubspot.close()
  rmSync(folder, { recursive: true, force: true })
}

function writeShop(): void {
  mkdirSync(join(folder, 'data'))
  const models = join(HERE, '..')
  for (const name of readdirSync(models).filter((one) => one.endsWith('.yml')))
    copyFileSync(join(models, name), join(folder, name))
  copyFileSync(join(HERE, 'hubspot.yml'), join(folder, 'hubspot.yml'))
  for (const [name, text] of shopData(SIZE)) writeFileSync(join(folder, 'data', name), text)
}

/** Addresses of members, for the story; what people see of them stays masked. */
async function someVips(count: number): Promise<readonly string[]> {
  const { out } = await run(
    ['preview', 'lapsing_vips', '--unmask', '--limit', '20', '--as-of', TODAY, '-o', 'json'],
    'pipe',
  )
  const { rows } = JSON.parse(out) as { readonly rows: readonly { readonly email: string | null }[] }
  return rows.flatMap(({ email }) => email ?? []).slice(0, count)
}

function showHubSpot(): void {
  const held = hubspot.held('vips_to_crm', 'contacts')
  const requests = hubspot.server?.requests.length ?? 0
  console.log(styleText('green', `HubSpot's fake holds ${held.length} contacts after ${requests} requests`))
}

function say(line: string): void {
  console.log(`\n${styleText(['bold', 'cyan'], `# ${line}`)}`)
}

async function sluice(expected: number, ...args: readonly string[]): Promise<void> {
  const shown = args.filter((arg, index) => arg !== '--as-of' && args[index - 1] !== '--as-of')
  console.log(styleText('bold', `\n$ sluice ${shown.join(' ').replace(/=[^@ ]+@/, '=***@')}`))
  const { code } = await run(args, 'inherit')
  if (code !== expected) throw new Error(`expected the command to end with ${expected}, found ${code}`)
}

function run(
  args: readonly string[],
  output: 'inherit' | 'pipe',
): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [MAIN, '-C', folder, '--quiet', ...args], {
    env,
    stdio: ['ignore', output, 'inherit'],
  })
  let out = ''
  child.stdout?.on('data', (data) => {
    out += data
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })))
}
