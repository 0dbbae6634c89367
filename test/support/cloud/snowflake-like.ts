import { generateKeyPairSync } from 'node:crypto'
import type { TestContext } from 'node:test'
import { openWarehouse } from '../../../src/warehouse/open.ts'
import { QUIET_CLIENTS } from '../../../src/warehouse/quiet-clients.ts'
import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import type { OpenOptions } from '../engines.ts'
import { type FakeOptions, type SnowflakeFake, startSnowflake } from './snowflake-fake.ts'

Object.assign(process.env, QUIET_CLIENTS)

/** A key of the user LOADER, made once: it takes a while. */
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

export type FakeSettings = ReadonlyMap<string, string | number | boolean>

/** A fake of Snowflake that is gone after the test, and the settings of a target that logs in to it by its key. */
export async function freshSnowflake(
  context: TestContext,
  options: Partial<FakeOptions> = {},
): Promise<{ readonly fake: SnowflakeFake; readonly settings: FakeSettings }> {
  const fake = await startSnowflake({ users: { LOADER: { publicKey } }, ...options })
  context.after(() => fake.close())
  return { fake, settings: new Map([...SETTINGS, ['private_key', privateKey], ['access_url', fake.url]]) }
}

const SETTINGS: readonly (readonly [string, string])[] = [
  ['account', 'acme-shop'],
  ['user', 'loader'],
  ['warehouse', 'wh'],
  ['database', 'shop'],
]

/** Snowflake's own client, connected to the fake. */
export async function openSnowflakeLike(context: TestContext, options: OpenOptions = {}): Promise<Warehouse> {
  const { settings } = await freshSnowflake(context)
  const warehouse = await openWarehouse({
    type: 'snowflake',
    directory: options.directory ?? '.',
    settings,
    stateSchema: 'sluice',
    runId: options.runId ?? 'test-run',
  })
  // hooks run as they were added, and the fake would cut what the session still says
  context.after(() => warehouse.close())
  return warehouse
}
