import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { testAuthority } from '../support/certificates.ts'
import { temporaryFolder } from '../support/engines.ts'
import { postgresServer } from '../support/postgres.ts'
import { freshSettings, startPostgres } from '../support/postgres-process.ts'

const PASSWORD = 'a-password'

/** Who may come in how: the owner in any way, one only encrypted, one only with a certificate. */
const RULES = `host all sluice_test 127.0.0.1/32 scram-sha-256
hostssl all encrypted all scram-sha-256
hostnossl all encrypted all reject
hostssl all certified all cert
`

test('every kind of TLS lets in whom it should, by name, authority and certificate, and nobody else', async (context) => {
  const { connect, isEncrypted } = await encryptingPostgres(context)
  const ours = { sslrootcert: 'ours.pem' }
  const encrypted: readonly Readonly<Record<string, string>>[] = [
    {},
    { sslmode: 'require' },
    { sslmode: 'require', ...ours },
    { sslmode: 'verify-ca', ...ours },
    { sslmode: 'verify-full', ...ours },
    // Only the address stands in the certificate.
    { sslmode: 'verify-ca', ...ours, host: 'localhost' },
    { sslmode: 'require', host: 'localhost' },
    ours,
  ]
  for (const more of encrypted) assert.equal(await isEncrypted({ user: 'encrypted', ...more }), true)
  assert.equal(await isEncrypted({ user: 'sluice_test', password: 'sluice-test-password' }), true)
  const plain = { user: 'sluice_test', password: 'sluice-test-password', sslmode: 'disable' }
  assert.equal(await isEncrypted(plain), false)

  const refused: readonly (readonly [Readonly<Record<string, string>>, string, RegExp])[] = [
    [{ sslmode: 'disable' }, 'SLU3002', /encrypted/],
    // The authority is none that Node knows, or another one.
    [{ sslmode: 'verify-ca' }, 'SLU3001', /certificate/],
    [{ sslmode: 'verify-full' }, 'SLU3001', /certificate/],
    [{ sslmode: 'require', sslrootcert: 'theirs.pem' }, 'SLU3001', /certificate/],
    [{ sslrootcert: 'theirs.pem' }, 'SLU3001', /certificate/],
    [{ sslmode: 'verify-full', ...ours, host: 'localhost' }, 'SLU3001', /localhost/],
    [{ ...ours, host: 'localhost' }, 'SLU3001', /localhost/],
    [{ sslrootcert: 'nowhere.pem' }, 'SLU3013', /nowhere\.pem/],
    [{ sslcert: 'certified.pem' }, 'SLU3013', /sslkey/],
  ]
  for (const [more, code, message] of refused)
    await assert.rejects(connect({ user: 'encrypted', ...more }), { code, message }, JSON.stringify(more))
})

test('a certificate says who the user is, where the server asks for one', async (context) => {
  const { connect, isEncrypted } = await encryptingPostgres(context)
  const known = { user: 'certified', sslcert: 'certified.pem', sslkey: 'certified.key' }
  for (const more of [{}, { sslmode: 'require' }, { sslrootcert: 'ours.pem' }])
    assert.equal(await isEncrypted({ ...known, ...more }), true)
  const refused: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ user: 'certified' }, 'SLU3002'],
    [{ ...known, sslcert: 'another.pem', sslkey: 'another.key' }, 'SLU3002'],
    [{ ...known, sslmode: 'disable' }, 'SLU3002'],
    [{ ...known, sslcert: 'stranger.pem', sslkey: 'stranger.key' }, 'SLU3001'],
  ]
  for (const [more, code] of refused) await assert.rejects(connect(more), { code }, JSON.stringify(more))
})

/** A PostgreSQL of its own that encrypts, and the files of who connects to it. */
async function encryptingPostgres(context: TestContext) {
  // On a machine that has none yet, the first one makes the user who may run it.
  await postgresServer()
  const folder = temporaryFolder(context)
  chmodSync(folder, 0o755)
  const [ours, theirs] = [testAuthority('Ours'), testAuthority('Theirs')]
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const issue = (name: string, { cert, key }: ReturnType<typeof ours.issue>) => {
    file(`${name}.pem`, cert)
    file(`${name}.key`, key)
  }
  file('ours.pem', ours.cert)
  file('theirs.pem', theirs.cert)
  file('rules.conf', RULES)
  issue('server', ours.issue({ hosts: ['127.0.0.1'] }))
  issue('certified', ours.issue({ hosts: ['certified'] }))
  issue('another', ours.issue({ hosts: ['another'] }))
  issue('stranger', theirs.issue({ hosts: ['certified'] }))
  readableBy('postgres', join(folder, 'server.key'))
  const server = await startPostgres({
    ssl: 'on',
    ssl_cert_file: join(folder, 'server.pem'),
    ssl_key_file: join(folder, 'server.key'),
    ssl_ca_file: join(folder, 'ours.pem'),
    hba_file: join(folder, 'rules.conf'),
    shared_buffers: '64MB',
  })
  context.after(() => server.stop())
  const settings = await freshSettings(server)
  const owner = await openWarehouse({ type: 'postgres', directory: folder, settings, runId: 'test' })
  for (const role of ['encrypted', 'certified'])
    await owner.execute({ step: 'test', sql: `create role ${role} login password '${PASSWORD}'` })
  await owner.close()
  const without = [...settings].filter(([name]) => name !== 'sslmode')
  const connect = async (more: Readonly<Record<string, string>>) => {
    const all = new Map<string, string | number>([
      ...without,
      ['password', PASSWORD],
      ...Object.entries(more),
    ])
    const warehouse = await openWarehouse({
      type: 'postgres',
      directory: folder,
      settings: all,
      runId: 'test',
    })
    context.after(() => warehouse.close())
    return warehouse
  }
  return {
    connect,
    isEncrypted: async (more: Readonly<Record<string, string>>) => {
      const asked = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
      return (await (await connect(more)).read({ step: 'test', sql: asked }))[0]?.ssl
    },
  }
}

/** PostgreSQL takes a key that is its user's alone; root does not run it. */
function readableBy(user: string, key: string): void {
  chmodSync(key, 0o600)
  if (process.getuid?.() !== 0) return
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  chownSync(key, id('-u'), id('-g'))
}
