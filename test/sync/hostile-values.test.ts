import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startFake } from '../../connectors/hubspot/fake.ts'
import { projectFolder, sluice } from '../support/cli.ts'
import type { EngineName } from '../support/engines.ts'
import { openEngine } from '../support/engines.ts'
import { type HostileDestination, startHostileDestination } from '../support/hostile-destination.ts'
import { CONTACTS, smallShop } from '../support/small-shop.ts'
import { type Lab, labOn } from '../support/sync-lab.ts'

const ENGINES = ['duckdb', 'postgres'] as const

interface Rig {
  readonly lab: Lab
  readonly there: HostileDestination
}

async function rig(
  context: TestContext,
  engine: EngineName,
  fields: readonly string[] = ['v'],
): Promise<Rig> {
  const there = await startHostileDestination(context)
  const lab = await labOn(
    await openEngine(engine, context),
    engine,
    `sources:
  - {name: rows, table: model, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${there.url()}", allow_private_network: true}}
syncs:
  - {name: out, source: rows, to: hook.rows, mode: mirror, match: {id: id}, map: {${mapped(fields)}}, guard: {max_remove: 100%}}
`,
  )
  return { lab, there }
}

function mapped(fields: readonly string[]): string {
  return fields.map((field) => `${field}: ${field}`).join(', ')
}

/** A value in the warehouse's SQL, and the JSON that arrives. */
type Value = readonly [sql: string, json: string]

const LONG = '1234567890123456789012345678901234567890'

const NUMBERS: Readonly<Record<EngineName, readonly Value[]>> = {
  duckdb: [
    ['cast(9007199254740993 as bigint)', '"9007199254740993"'],
    ['cast(-9007199254740992 as bigint)', '-9007199254740992'],
    [
      "cast('340282366920938463463374607431768211455' as uhugeint)",
      '"340282366920938463463374607431768211455"',
    ],
    [`cast('${LONG}' as bignum)`, `"${LONG}"`],
    [
      "cast('123456789012345678901234567890.1234567800' as decimal(38,8))",
      '"123456789012345678901234567890.12345678"',
    ],
    ["cast('0.12345678901234567890' as decimal(38,20))", '0.1234567890123456789'],
    ["cast('NaN' as double)", 'null'],
    ["cast('-Infinity' as double)", 'null'],
    ['cast(1e300 as double)', '1e+300'],
    [`cast('{"a":1e400,"b":0.1234567890123456789}' as json)`, '{"a":1e400,"b":0.1234567890123456789}'],
    [`cast('{"a":NaN}' as json)`, String.raw`"{\"a\":NaN}"`],
  ],
  postgres: [
    ['cast(9007199254740993 as bigint)', '"9007199254740993"'],
    [`cast('${LONG}' as numeric)`, `"${LONG}"`],
    [`cast('0.${LONG}' as numeric)`, `0.${LONG.slice(0, -1)}`],
    ["cast('1e400' as numeric)", `"1${'0'.repeat(400)}"`],
    ["cast('1e-400' as numeric)", `0.${'0'.repeat(399)}1`],
    ["cast('NaN' as numeric)", 'null'],
    ["cast('Infinity' as numeric)", 'null'],
    ["cast('NaN' as double precision)", 'null'],
    ["cast('-Infinity' as double precision)", 'null'],
    ['cast(1e300 as double precision)', '1e+300'],
    [`cast('{"a":1e400,"b":0.1234567890123456789}' as json)`, '{"a":1e400,"b":0.1234567890123456789}'],
  ],
}

const TEXTS: Readonly<Record<EngineName, readonly Value[]>> = {
  duckdb: [
    ["'a' || chr(0) || 'b'", String.raw`"a\u0000b"`],
    [String.raw`cast('"\u0000"' as json)`, String.raw`"\u0000"`],
    [String.raw`'\xFF\x00'::blob`, String.raw`"\\xFF\\x00"`],
  ],
  postgres: [
    [String.raw`cast('"\u0000\ud800"' as json)`, String.raw`"\u0000\ud800"`],
    [String.raw`cast('\xff00' as bytea)`, String.raw`"\\xff00"`],
  ],
}

/** Both engines hold them. */
const ANY_TEXTS: readonly string[] = [
  '\u2028\u2029',
  '😀👩‍👩‍👧‍👦𝒳',
  'שלום\u200f \u202etxt.exe\u202c',
  'a\u0301 \ufeff \uffff',
  '\u0001\u001f\u007f\u0085',
  '"\\"\\u0000\\',
  ' ',
  'é'.repeat(500_000),
]

for (const engine of ENGINES) {
  test(`${engine}: a number arrives digit for digit, as a number up to 2^53 and as a text beyond`, (context) =>
    arrive(context, engine, NUMBERS[engine]))

  test(`${engine}: any text that the warehouse holds arrives as it is`, async (context) => {
    const texts = ANY_TEXTS.map((text): Value => [`'${text}'`, JSON.stringify(text)])
    await arrive(context, engine, [...TEXTS[engine], ...texts])
  })

  test(`${engine}: a row of more bytes than a batch may have is rejected unsent, and sent when it shrinks`, async (context) => {
    const { lab, there } = await rig(context, engine)
    await lab.sql(
      'create table model (id varchar(20), v text)',
      "insert into model values ('1', 'A'), ('2', 'B'), ('3', 'C')",
    )
    assert.equal((await lab.sync('out')).status, 'done')
    await lab.sql(
      "update model set v = repeat('é', 5000000) where id = '2'",
      "update model set v = 'D' where id = '3'",
    )
    there.heal()
    for (const run of [1, 2]) {
      const { status, applied, rejected, error } = await lab.sync('out')
      assert.deepEqual([status, applied, rejected, error], ['partial', run === 1 ? 1 : 0, 1, undefined])
      assert.deepEqual(await lab.rows('select key, op, reason, attempts, requests from sluice.receipts'), [
        {
          key: '2',
          op: 'change',
          reason:
            'expected a row that fits into a batch of 5,242,880 bytes, found one of 10,000,052, which was not sent: map less of it',
          attempts: run,
          requests: 0,
        },
      ])
    }
    assert.deepEqual([there.requests.length, there.rows.get('2')], [1, { v: 'B' }])
    await lab.sql("update model set v = 'B' where id = '2'")
    const back = await lab.sync('out')
    assert.deepEqual([back.status, back.unchanged, back.requests], ['done', 3, 0])
    await lab.sql("update model set v = repeat('x', 5000000) where id = '2'")
    const fits = await lab.sync('out')
    assert.deepEqual(
      [fits.status, fits.applied, String(there.rows.get('2')?.v).length],
      ['done', 1, 5_000_000],
    )
  })
}

test('a batch that turns out to be larger than it was reckoned is cut, not refused', async (context) => {
  const { lab, there } = await rig(context, 'duckdb')
  // In JSON each of these characters takes six bytes.
  await lab.sql(
    "create table model as select repeat(chr(1), 300000) || n as id, 'A' as v from range(5) as t(n)",
  )
  const result = await lab.sync('out')
  assert.deepEqual([result.status, result.applied, result.rejected], ['done', 5, 0])
  assert.ok(there.texts.length > 1)
  for (const text of there.texts) assert.ok(text.length <= 5 * 1024 * 1024 + 200, String(text.length))
  assert.equal(there.rows.size, 5)
  assert.equal((await lab.sync('out')).unchanged, 5)
})

test('a connector that parses what it sends keeps every digit too', async (context) => {
  const fake = await startFake()
  context.after(() => fake.close())
  const { access_token: token, base_url: url } = fake.settings
  const values = ['0.1234567890123456789', '9007199254740993', '-9007199254740991.25', '1.5', '100']
  const fields = ['firstname', 'lastname', 'city', 'phone', 'lifetime_value']
  const lab = await labOn(
    await openEngine('duckdb', context),
    'duckdb',
    `sources:
  - {name: rows, table: model, primary_key: id}
destinations:
  - {name: crm, connector: hubspot, settings: {access_token: "${token}", base_url: "${url}", allow_private_network: true}}
syncs:
  - {name: out, source: rows, to: crm.contacts, match: {email: id}, map: {${mapped(fields)}}}
`,
  )
  const columns = values.map((value, at) => `cast('${value}' as decimal(38,19)) as ${fields[at]}`)
  await lab.sql(`create table model as select 'a@x.example' as id, ${columns.join(', ')}`)
  assert.equal((await lab.sync('out')).status, 'done')
  const expected = Object.fromEntries(values.map((value, at) => [fields[at], value]))
  assert.deepEqual(fake.held('out', 'contacts')[0]?.fields, expected)
})

test('a file that is not UTF-8 is refused before anything is built: its letters are not guessed', async (context) => {
  const there = await startHostileDestination(context)
  const folder = projectFolder(context, smallShop(there.url()))
  for (const bytes of [[0xff, 0xfe], [0xed, 0xa0, 0x80], [0xc3]]) {
    writeFileSync(
      join(folder, 'contacts.csv'),
      Buffer.concat([
        Buffer.from(`${CONTACTS}5,`),
        Buffer.from(bytes),
        Buffer.from('@example.com,canary,FR\n'),
      ]),
    )
    const { code, stdout, json } = await sluice(['-C', folder, 'sync', '-o', 'json'])
    const { code: said, message, hint } = json().error as Readonly<Record<string, string>>
    assert.deepEqual([code, said], [78, 'SLU4103'], stdout)
    assert.match(
      message ?? '',
      /source "contacts"; expected a file in UTF-8, found bytes that are none in line 6/,
    )
    assert.match(hint ?? '', /save the file as UTF-8/)
    assert.doesNotMatch(stdout, /canary|ada@/i)
  }
  assert.equal(there.connections, 0)
  writeFileSync(join(folder, 'contacts.csv'), CONTACTS)
  assert.equal((await sluice(['-C', folder, 'sync'])).code, 0)
  assert.equal(there.rows.size, 2)
})

/** One row that has all of them, sent once. */
async function arrive(context: TestContext, engine: EngineName, values: readonly Value[]): Promise<void> {
  const fields = values.map((_, at) => `f${at}_`)
  const { lab, there } = await rig(context, engine, fields)
  const columns = values.map(([sql], at) => `${sql} as f${at}_`)
  await lab.sql(`create table model as select '1' as id, ${columns.join(', ')}`)
  const result = await lab.sync('out')
  assert.deepEqual([result.status, result.applied, result.error], ['done', 1, undefined])
  const [sent = ''] = there.texts
  values.forEach(([sql, json], at) => {
    const from = sent.indexOf(`"f${at}_":`) + `"f${at}_":`.length
    assert.equal(sent.slice(from, from + json.length), json, sql.slice(0, 100))
    assert.match(sent.slice(from + json.length), /^[,}]/, sql.slice(0, 100))
  })
  assert.doesNotThrow(() => JSON.parse(sent))
  const again = await lab.sync('out')
  assert.deepEqual([again.unchanged, again.requests], [1, 0])
}
