import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type CliResult, finished, projectFolder, startSluice } from './cli.ts'
import { smallShop } from './small-shop.ts'

/** A warehouse in which the whole way of a project is gone, by the command line as a user goes it. */
export interface ChainOn {
  /** What stands at `dev:` in the project, with `state_schema` in it. */
  readonly target: string
  readonly env?: Readonly<Record<string, string>>
  /** A schema for the sources, as the target's SQL writes it; made here. */
  readonly schema: string
  /** A session of the same warehouse, for what somebody else does there. */
  readonly warehouse: Warehouse
  readonly context: TestContext
}

const AS_OF = ['--as-of', '2026-02-01']

/**
 * Validate, doctor, build, plan, sync, a sync that finds nothing to do, a change, and a sync that is killed while a
 * destination holds its request, which the next one takes up.
 */
export async function goTheChain(on: ChainOn): Promise<void> {
  await makeSources(on)
  const hook = await holdingReceiver(on.context)
  const files = smallShop(hook.url, { target: on.target })
  const yaml = (files['sluice.yml'] ?? '')
    .replace('file: contacts.csv', `table: ${on.schema}.contacts`)
    .replace('file: orders.csv', `table: ${on.schema}.orders`)
  const folder = projectFolder(on.context, { 'sluice.yml': yaml })
  const start = (...args: readonly string[]) =>
    startSluice(['-C', folder, ...args, '-o', 'json'], { env: on.env ?? {} })
  const answer = async (...args: readonly string[]) => told(await finished(start(...args)), args)

  assert.equal((await answer('validate', '--connect')).ok, true)
  const built = await answer('build', ...AS_OF)
  assert.equal((built.nodes as unknown[]).length, 4, JSON.stringify(built))
  const planned = syncOf(await answer('plan', ...AS_OF))
  assert.deepEqual([planned.add, hook.changes().length], [2, 0])
  // What a plan reads is told where the warehouse says it before.
  assert.equal(Number(planned.bytes_read) > 0, on.warehouse.estimate !== undefined)
  assert.equal(syncOf(await answer('sync', ...AS_OF)).applied, 2)
  assert.deepEqual(hook.changes(), [
    { op: 'add', key: { email: 'ada@example.com' }, fields: { spent: 30.5 } },
    { op: 'add', key: { email: 'grace@example.com' }, fields: { spent: 5.25 } },
  ])
  const again = syncOf(await answer('sync', ...AS_OF))
  assert.deepEqual([again.unchanged, hook.changes().length], [2, 2])
  const stats = await answer('identity', 'stats')
  assert.deepEqual([stats.records, stats.entities], [7, 3])

  await changeSources(on)
  hook.hold()
  const killed = start('sync', ...LATER)
  const ended = finished(killed)
  await Promise.race([hook.held(), ended.then(({ stdout }) => assert.fail(`ended too soon: ${stdout}`))])
  killed.kill('SIGKILL')
  await ended
  hook.release()
  // Nobody else can know that it is dead, so that its lease would last for a while.
  await answer('state', 'unlock', 'sync:buyers_to_hook')
  const resumed = syncOf(await answer('sync', ...LATER))
  assert.deepEqual([resumed.resumed, resumed.applied], [true, 3], JSON.stringify(resumed))
  const last = new Map(hook.changes().map((change) => [change.key.email, change]))
  assert.deepEqual([...last].map(([email, { op, fields }]) => [email, op, fields?.spent]).sort(), [
    ['ada@example.com', 'change', 130.5],
    ['grace@example.com', 'remove', undefined],
    ['linus@example.com', 'add', 7],
  ])
  const none = syncOf(await answer('sync', ...LATER))
  assert.deepEqual([none.add, none.change, none.remove], [0, 0, 0])
}

const LATER = ['--as-of', '2026-02-02']

async function makeSources({ warehouse, schema }: ChainOn): Promise<void> {
  const { types, quote, stored } = warehouse.dialect
  // A word of the language in some of them.
  const placed = quote(stored('at'))
  const at = (day: string) => `cast('${day}' as ${types.timestamp})`
  await statements(warehouse, [
    `create schema ${schema}`,
    `create table ${schema}.contacts (id ${types.integer}, email ${types.text}, first_name ${types.text}, country ${types.text})`,
    `insert into ${schema}.contacts values (1, 'ada@example.com', 'Ada', 'FR'), (2, 'grace@example.com', 'Grace', 'BE'),
      (3, 'linus@example.com', 'Linus', 'FR'), (4, 'ADA@example.com', 'Ada', 'FR')`,
    `create table ${schema}.orders (id ${types.integer}, buyer ${types.text}, total decimal(10, 2), ${placed} ${types.timestamp})`,
    `insert into ${schema}.orders values (1, 'ada@example.com', 10.50, ${at('2026-01-02 00:00:00')}),
      (2, 'ada@example.com', 20, ${at('2026-01-03 00:00:00')}), (3, 'grace@example.com', 5.25, ${at('2026-01-04 00:00:00')})`,
  ])
}

/** One changes, one leaves, one comes. */
async function changeSources({ warehouse, schema }: ChainOn): Promise<void> {
  const at = `cast('2026-02-01 12:00:00' as ${warehouse.dialect.types.timestamp})`
  await statements(warehouse, [
    `insert into ${schema}.orders values (4, 'ada@example.com', 100, ${at}), (5, 'linus@example.com', 7, ${at})`,
    `delete from ${schema}.orders where id = 3`,
  ])
}

async function statements(warehouse: Warehouse, texts: readonly string[]): Promise<void> {
  for (const sql of texts) await warehouse.execute({ step: 'chain', sql })
}

interface Change {
  readonly op: string
  readonly key: { readonly email: string }
  readonly fields?: { readonly spent?: number }
}

/** A destination that takes everything, but for the requests that it holds until the sender is gone. */
async function holdingReceiver(context: TestContext) {
  const changes: Change[] = []
  let isHolding = false
  const { promise, resolve } = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      if (isHolding) return resolve()
      changes.push(...JSON.parse(Buffer.concat(pieces).toString()).changes)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows`,
    changes: () => changes,
    held: () => promise,
    hold: () => {
      isHolding = true
    },
    release: () => {
      isHolding = false
    },
  }
}

function told(result: CliResult, args: readonly string[]): Readonly<Record<string, unknown>> {
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stdout}${result.stderr}`)
  return result.json()
}

function syncOf(answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return (answer.syncs as Readonly<Record<string, unknown>>[])[0] ?? {}
}
