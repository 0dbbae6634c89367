import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { createHttpTools, type SentRequest } from '../../src/connector/http-client.ts'
import type { Change, Connection, ObjectMode, Receipt, Settings } from '../../src/connector/types.ts'
import { batchOf } from '../../test/support/batches.ts'
import { type RealPostgres, startRealPostgres } from '../../test/support/real-postgres.ts'
import { connector } from './index.ts'

interface Rig {
  readonly server: RealPostgres
  readonly connection: Connection
  readonly sent: SentRequest[]
  connect(settings?: Settings, object?: string, mayStart?: () => void): Connection
  write(changes: readonly Change[], mode?: ObjectMode, to?: Connection): Promise<readonly Receipt[]>
  table(name: string, columns: string): Promise<void>
}

async function rig(context: TestContext, columns?: string): Promise<Rig> {
  const server = await startRealPostgres()
  context.after(() => server.close())
  const sent: SentRequest[] = []
  const table = (name: string, text: string) =>
    server.query(`create table "${server.schema}"."${name}" (${text})`).then(() => {})
  const connect: Rig['connect'] = (settings = {}, object = 'things', mayStart) => {
    const tools = createHttpTools({ clock: systemClock, onRequest: (one) => sent.push(one), mayStart })
    context.after(() => tools.close())
    const all = { port: 5432, timeout_seconds: 30, ...server.settings, ...settings }
    return connector.connect(all, tools, { object, settings: { schema: server.schema } })
  }
  if (columns !== undefined) await table('things', columns)
  const connection = connect()
  const write: Rig['write'] = (changes, mode = 'upsert', to = connection) =>
    to.write({ ...batchOf('things', changes), mode })
  return { server, connection, sent, connect, write, table }
}

const add = (id: string, fields: Change['fields']): Change => ({ op: 'add', key: { id }, fields })

const rowsOf = ({ server }: Rig, columns = '*', order = 'id') =>
  server.query(`select ${columns} from "${server.schema}".things order by ${order}`)

async function refusal(work: Promise<unknown>): Promise<DestinationError> {
  const error = await work.then(
    () => assert.fail('it was taken'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof DestinationError, String(error))
  return error
}

const APPLIED: Receipt = { status: 'applied' }

describe('rows of a table', () => {
  test('take the types of their columns, whatever JSON has for them', async (context) => {
    const there = await rig(
      context,
      'id bigint primary key, amount numeric, is_ok boolean, at timestamptz, data jsonb, tags text[], who uuid',
    )
    const fields = {
      amount: '12345678901234567890.000000000001',
      is_ok: true,
      at: '2026-01-31T08:00:00.000Z',
      data: { a: [1, null, 'x'] },
      tags: ['a "b"', 'c,d'],
      who: '6f1c1f8e-0f36-4b6e-9a6e-0d6e5b0f8a11',
    }
    assert.deepEqual(await there.write([add('9007199254740993', fields)]), [APPLIED])
    const texts =
      "id::text, amount::text, is_ok, at at time zone 'UTC' = '2026-01-31 08:00' as at, data, tags, who::text"
    assert.deepEqual(await rowsOf(there, texts), [{ id: '9007199254740993', ...fields, at: true }])
  })

  test('keep the columns that nobody maps, and are told apart by keys of several columns', async (context) => {
    const there = await rig(
      context,
      `id text, "we""ird" int, a text, b text default 'own', primary key (id, "we""ird")`,
    )
    const one = (a: string | null): Change => ({ op: 'add', key: { id: 'x', 'we"ird': '7' }, fields: { a } })
    assert.deepEqual(
      await there.write([one('first'), { ...one('other'), key: { id: 'x', 'we"ird': '8' } }]),
      [APPLIED, APPLIED],
    )
    await there.server.query(`update "${there.server.schema}".things set b = 'theirs'`)
    assert.deepEqual(await there.write([{ ...one(null), op: 'change' }]), [APPLIED])
    assert.deepEqual(await rowsOf(there, 'a, b', `"we""ird"`), [
      { a: null, b: 'theirs' },
      { a: 'other', b: 'theirs' },
    ])
    const removal: Change = { op: 'remove', key: { id: 'x', 'we"ird': '7' }, fields: {} }
    assert.deepEqual(await there.write([removal]), [APPLIED])
    assert.deepEqual(await rowsOf(there, 'a'), [{ a: 'other' }])
  })

  test('with different fields are all written, and a field that is left out stays', async (context) => {
    const there = await rig(context, 'id text primary key, a text, b text')
    await there.write([add('1', { a: 'a1', b: 'b1' }), add('2', { a: 'a2', b: 'b2' })])
    const changes: Change[] = [
      { op: 'change', key: { id: '1' }, fields: { a: 'new' } },
      { op: 'change', key: { id: '2' }, fields: { b: 'new' } },
      add('3', {}),
    ]
    assert.deepEqual(await there.write(changes), [APPLIED, APPLIED, APPLIED])
    assert.deepEqual(await rowsOf(there), [
      { id: '1', a: 'new', b: 'b1' },
      { id: '2', a: 'a2', b: 'new' },
      { id: '3', a: null, b: null },
    ])
  })

  test('are only changed by "update", which rejects a key that is not there', async (context) => {
    const there = await rig(context, 'id text primary key, a text, must text not null')
    await there.server.query(
      `insert into "${there.server.schema}".things values ('1', 'x', 'm'), ('3', 'y', 'm')`,
    )
    const receipts = await there.write(
      [add('1', { a: 'n' }), add('2', { a: 'n' }), add('3', { a: 'n' })],
      'update',
    )
    assert.deepEqual(receipts, [
      APPLIED,
      { status: 'rejected', error: 'expected a row with this key in the table, found none' },
      APPLIED,
    ])
    assert.deepEqual(await rowsOf(there, 'id, a'), [
      { id: '1', a: 'n' },
      { id: '3', a: 'n' },
    ])
  })

  test('that are there are left alone by "insert"', async (context) => {
    const there = await rig(context, 'id text primary key, a text')
    await there.write([add('1', { a: 'first' })], 'insert')
    assert.deepEqual(await there.write([add('1', { a: 'second' }), add('2', { a: 'x' })], 'insert'), [
      APPLIED,
      APPLIED,
    ])
    assert.deepEqual(await rowsOf(there, 'a'), [{ a: 'first' }, { a: 'x' }])
  })
})

describe('a statement that is refused', () => {
  test('for a value or a constraint asks for halves, and says nothing of the value', async (context) => {
    const there = await rig(context, 'id text primary key, n int check (n < 100), mail text unique')
    const cases: readonly (readonly [Change['fields'], RegExp])[] = [
      [{ n: 'canary words' }, /22P02/],
      [{ n: 101 }, /23514/],
      [{ n: 99999999999 }, /22003/],
      [{ mail: 'canary@x.example' }, /23505/],
      [{ mail: 'canary\u0000' }, /22P05/],
    ]
    await there.write([add('0', { mail: 'canary@x.example' })])
    for (const [fields, code] of cases) {
      const alone = await refusal(there.write([add('1', fields)]))
      assert.deepEqual([alone.action, alone.ambiguous], ['split', false])
      assert.match(alone.message, code)
      assert.doesNotMatch(alone.message, /canary|101|99999999999/)
      assert.equal((await refusal(there.write([add('1', fields), add('2', {})]))).action, 'split')
    }
    assert.equal((await rowsOf(there)).length, 1)
  })

  test('for the table or the user stops, and says what to do', async (context) => {
    const there = await rig(context, 'id text, a text')
    await there.table('locked', 'id text primary key')
    const { server, connect, write } = there
    const row = [add('1', { a: 'x' })]
    const stops = async (to: Connection, says: RegExp, status?: number, changes = row) => {
      const { action, message, status: found } = await refusal(write(changes, 'upsert', to))
      assert.deepEqual([action, found], ['stop', status])
      assert.match(message, says)
    }
    await stops(connect(), /42P10.*: make a unique index of the columns of match/)
    await stops(connect({}, 'nothing'), /42P01.*: check database, schema and table/, 404)
    await stops(connect(), /42703.*: check the fields of match and map/, undefined, [add('1', { nope: 1 })])
    await server.query(`create role "${server.schema}" login password 'secret canary'`)
    const other = { user: server.schema, password: 'secret canary' }
    await stops(connect(other), /42501.*: grant it to the user/, 403)
    await stops(connect({ ...other, password: 'wrong canary' }), /28P01.*: check user and password/, 401)
    await stops(connect({ database: 'nowhere' }), /3D000.*: check database/, 404)
    await server.query(`drop role "${server.schema}"`)
  })

  test('because another holds the rows is tried again', async (context) => {
    const there = await rig(context, 'id text primary key, a text')
    await there.write([add('1', { a: 'x' })])
    const holding = there.server.query(
      `begin; update "${there.server.schema}".things set a = 'y'; select pg_sleep(3); commit`,
    )
    await systemClock.sleep(500)
    const { action, ambiguous, message } = await refusal(
      there.write([add('1', { a: 'z' })], 'upsert', there.connect({ timeout_seconds: 4 })),
    )
    assert.deepEqual([action, ambiguous], ['retry', false], message)
    assert.match(message, /57014/)
    await holding
  })

  test('by a session that was ended is tried again, and the next has a session of its own', async (context) => {
    const there = await rig(context, 'id text primary key, a text')
    await there.write([add('1', { a: 'x' })])
    await there.server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sluice' and query like '%things%' and pid <> pg_backend_pid()",
    )
    const { action, ambiguous } = await refusal(there.write([add('2', { a: 'x' })]))
    assert.deepEqual([action, ambiguous], ['retry', true])
    assert.deepEqual(await there.write([add('2', { a: 'x' })]), [APPLIED])
  })
})

describe('a connection', () => {
  test('names the database and the table', async (context) => {
    const { connection, server } = await rig(context)
    const { host, port, database } = server.settings
    assert.equal(await connection.account(), `${host}:${port}/${database}, table ${server.schema}.things`)
  })

  test('says which columns there are, and which the server sets by itself', async (context) => {
    const { connection, connect } = await rig(
      context,
      'id text primary key, n bigint generated always as identity, m bigint generated by default as identity, twice text generated always as (id || id) stored',
    )
    assert.deepEqual(await connection.fields?.(), [
      { name: 'id', writable: true },
      { name: 'n', writable: false },
      { name: 'm', writable: true },
      { name: 'twice', writable: false },
    ])
    const { action, status } = await refusal(connect({}, 'nothing').fields?.() ?? Promise.resolve())
    assert.deepEqual([action, status], ['stop', 404])
  })

  test('goes to no private address unless it may, and unencrypted to no other', async (context) => {
    const { connect } = await rig(context)
    const refused = async (settings: Settings, says: RegExp) => {
      const { action, message } = await refusal(connect(settings).account())
      assert.equal(action, 'stop')
      assert.match(message, says)
    }
    await refused(
      { allow_private_network: false, sslmode: 'verify-full' },
      /expected a public address, found the address 127\.0\.0\.1/,
    )
    await refused({ allow_private_network: false }, /expected an encrypted connection, found a plain one/)
    await refused({ host: '8.8.8.8' }, /expected an encrypted connection to a public address/)
    await refused({ host: '169.254.169.254' }, /expected an address that requests may go to/)
    await refused({ host: '/var/run/postgresql' }, /expected the name of a host/)
    await refused(
      { sslmode: 'always' },
      /expected sslmode verify-full, verify-ca, require or disable, found another/,
    )
    // This server speaks no TLS.
    await refused({ sslmode: 'verify-full' }, /check sslmode and ca/)
  })

  test('that is closed leaves no session at the server', async (context) => {
    const { connection, server } = await rig(context)
    const password = 'closing'
    await server.query(`create role "${server.schema}" login password '${password}'`)
    context.after(() => server.query(`drop role "${server.schema}"`))
    const { connect } = await rig(context)
    const own = connect({ ...server.settings, user: server.schema, password })
    const sessions = async () => {
      const [row] = await server.query(
        `select count(*)::int as n from pg_stat_activity where usename = '${server.schema}'`,
      )
      return row?.n
    }
    await own.account()
    assert.equal(await sessions(), 1)
    await own.close?.()
    await connection.close?.()
    for (let tries = 0; tries < 50 && (await sessions()) !== 0; tries += 1) await systemClock.sleep(20)
    assert.equal(await sessions(), 0)
  })

  test('to a port that nobody listens at was sent nothing', async (context) => {
    const { connect } = await rig(context)
    const { action, ambiguous, message } = await refusal(connect({ port: 1 }).account())
    assert.deepEqual([action, ambiguous], ['retry', false])
    assert.match(message, /could not be reached \(ECONNREFUSED\)/)
  })

  test('counts what leaves, and sends nothing when the run may not send any more', async (context) => {
    const there = await rig(context, 'id text primary key, a text')
    await there.write([add('1', { a: 'x'.repeat(1000) })])
    const [only, ...others] = there.sent
    assert.ok((only?.bytes ?? 0) > 1000 && others.length === 0)
    const stopped = new Error('not any more')
    const connection = there.connect({}, 'things', () => {
      throw stopped
    })
    await assert.rejects(there.write([add('2', {})], 'upsert', connection), stopped)
    assert.equal((await rowsOf(there)).length, 1)
  })
})
