import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProjectErrors, SluiceError } from '../base/errors.ts'
import { redact } from '../base/redact.ts'
import type { WrittenSetting, WrittenText } from './setting-values.ts'
import { checkSettings, resolveSettings, resolveUseSettings } from './settings.ts'
import type { Manifest, ObjectDefinition, Settings } from './types.ts'

const MANIFEST: Manifest = {
  name: 'crm',
  title: 'CRM',
  verification: 'generic',
  objects: {},
  settings: {
    token: { type: 'text', required: true, secret: true, description: 'A token.' },
    region: { type: 'text', default: 'eu', description: 'Where.' },
    size: { type: 'integer', default: 500, minimum: 1, maximum: 1000, description: 'How many.' },
    open: { type: 'boolean', default: false, description: 'Whether.' },
    headers: { type: 'text_map', secret: true, description: 'Headers.' },
  },
}

const AT = { file: 'crm.yml', line: 3, column: 5 }
const ENV: Readonly<Record<string, string>> = {
  TOKEN: 'tok-canary-1',
  SIZE: '250',
  OPEN: 'true',
  KEY: 'key-canary-2',
  EMPTY: '',
}

const text = (raw: string, line = 7): WrittenText => ({ raw, at: { file: 'crm.yml', line, column: 9 } })

function read({ raw, at }: WrittenText): string {
  return raw.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = ENV[name]
    if (value !== undefined) return value
    throw new SluiceError('SLU1018', { message: `expected ${name}`, at })
  })
}

function resolved(settings: Readonly<Record<string, WrittenSetting>>): Settings {
  return resolveSettings(
    MANIFEST,
    { name: 'my_crm', settings: new Map(Object.entries(settings)), settingsAt: AT },
    read,
  )
}

function mistakes(settings: Readonly<Record<string, WrittenSetting>>): readonly string[] {
  try {
    resolved(settings)
  } catch (error) {
    assert.ok(error instanceof ProjectErrors)
    return error.errors.map(
      (one) => `${one.code} ${one.at?.line}: ${one.message}${one.hint ? ` (${one.hint})` : ''}`,
    )
  }
  return []
}

const token = text(`$\{TOKEN}`)

test('what is not written has its default, or is not there', () => {
  assert.deepEqual(resolved({ token }), { token: 'tok-canary-1', region: 'eu', size: 500, open: false })
})

test('a text from the environment becomes what the connector takes', () => {
  const settings = resolved({
    token,
    size: text(`$\{SIZE}`),
    open: text(`$\{OPEN}`),
    region: text(`$\{SIZE}-a`),
  })
  assert.deepEqual(settings, { token: 'tok-canary-1', region: '250-a', size: 250, open: true })
})

test('numbers, booleans and maps are taken as they are written', () => {
  const headers = { at: AT, entries: new Map([['X-Key', text(`Bearer $\{KEY}`)]]) }
  const settings = resolved({ token, size: 1000, open: true, headers })
  assert.deepEqual(settings.headers, { 'X-Key': 'Bearer key-canary-2' })
  assert.deepEqual([settings.size, settings.open], [1000, true])
})

test('secret settings are hidden everywhere from then on, public headers are not', () => {
  const entries = new Map([
    ['authorization', text(`Bearer $\{KEY}`)],
    ['Content-Type', text('application/json')],
  ])
  resolved({ token, headers: { at: AT, entries }, region: text('region-is-no-secret') })
  assert.equal(redact('a tok-canary-1 b Bearer key-canary-2'), 'a [redacted] b [redacted]')
  assert.equal(redact('quoted: "key-canary-2"'), 'quoted: "[redacted]"')
  assert.equal(redact('application/json region-is-no-secret'), 'application/json region-is-no-secret')
})

test('every mistake is told at once, with its place, and no value is quoted', () => {
  assert.deepEqual(
    mistakes({
      region: 5,
      size: text('many', 11),
      open: text('perhaps', 12),
      headers: { at: AT, entries: new Map<string, WrittenSetting>([['X-Key', 4]]) },
      sizes: text('5', 13),
    }),
    [
      'SLU6002 3: expected the setting "token" of the destination my_crm, found it is missing (A token.)',
      'SLU6001 3: expected a text for the setting "region" of the destination my_crm, found a number (put it in quotes)',
      'SLU6001 3: expected a text at "X-Key" for the setting "headers" of the destination my_crm, found a number (put it in quotes)',
      'SLU6001 11: expected an integer from 1 to 1000 for the setting "size" of the destination my_crm, found another text',
      'SLU6001 12: expected true or false for the setting "open" of the destination my_crm, found another text',
      'SLU6003 13: expected a setting of the connector crm, found "sizes" (did you mean "size"?)',
    ].toSorted((a, b) => Number(a.slice(8, a.indexOf(':'))) - Number(b.slice(8, b.indexOf(':')))),
  )
})

test('a way to prove who asks must be whole, and what the nearest lacks is told', () => {
  const secret = { type: 'text', secret: true, description: 'A secret.' } as const
  const manifest: Manifest = {
    ...MANIFEST,
    settings: {
      token: secret,
      id: secret,
      key: secret,
      region: { type: 'text', default: 'eu', description: 'Where.' },
    },
    auth: [
      { kind: 'header', needs: ['token'], name: 'authorization', value: '{token}' },
      { kind: 'basic', needs: ['id', 'key', 'region'], user: '{id}', password: '{key}' },
    ],
  }
  const told = (...names: readonly string[]) => {
    const settings = new Map(names.map((name) => [name, text('some-canary-text')]))
    const { errors } = checkSettings(manifest, { name: 'my_crm', settings, settingsAt: AT }, read)
    return errors.map(({ code, message, hint, at }) => [code, message, hint, at?.line])
  }
  const expected =
    'expected token, or id and key among the settings of the destination my_crm, found none complete'
  assert.deepEqual(told(), [['SLU6002', expected, 'give token', 3]])
  assert.deepEqual(told('key'), [['SLU6002', expected, 'give id', 3]])
  assert.deepEqual([told('token'), told('id', 'key')], [[], []])
})

test('settings of a sync are read as those of a destination, and told of as its own', () => {
  const object: ObjectDefinition = {
    description: 'A list.',
    keys: undefined,
    keyNormalizers: {},
    modes: ['upsert'],
    idempotent: true,
    carriesSyncName: false,
    remove: 'none',
    batch: { maxItems: 1, maxBytes: 1000 },
    settings: {
      list: { type: 'text', required: true, description: 'Its name.' },
      size: { type: 'integer', default: 5, description: 'How many.' },
    },
  }
  const of = (settings: Readonly<Record<string, WrittenSetting>>) =>
    resolveUseSettings(
      object,
      'crm.list',
      { name: 'vips', settings: new Map(Object.entries(settings)), settingsAt: AT },
      read,
    )
  assert.deepEqual(of({ list: text(`n$\{SIZE}`) }), { list: 'n250', size: 5 })
  assert.throws(
    () => of({ size: text('many'), lists: text('x') }),
    (error: unknown) => {
      assert.ok(error instanceof ProjectErrors)
      assert.deepEqual(error.errors.map(({ code, message }) => `${code} ${message}`).sort(), [
        'SLU6001 expected an integer for the setting "size" of the sync vips, found another text',
        'SLU6002 expected the setting "list" of the sync vips, found it is missing',
        'SLU6003 expected a setting of crm.list, found "lists"',
      ])
      return true
    },
  )
  assert.throws(() =>
    resolveUseSettings(
      { ...object, settings: {} },
      'crm.list',
      { name: 'vips', settings: new Map([['a', text('x')]]), settingsAt: AT },
      read,
    ),
  )
})

test('an integer out of its range, a fraction, and an empty variable are mistakes', () => {
  for (const [size, found] of [
    [0, '0'],
    [1001, '1001'],
    [1.5, 'another number'],
    [text('1e3'), 'another text'],
    [text(`$\{EMPTY}`), 'an empty text'],
    [[1], 'a list'],
  ] as const) {
    const [mistake] = mistakes({ token, size })
    assert.match(mistake ?? '', new RegExp(`found ${found}$`))
  }
  assert.match(mistakes({ token: text(`$\{EMPTY}`) })[0] ?? '', /expected a text .* found an empty text/)
})

test('a variable that is not set is told as it is, among the others', () => {
  assert.deepEqual(
    mistakes({ token: text(`$\{NOWHERE}`, 8), size: 0 }).map((mistake) => mistake.slice(0, 10)),
    ['SLU6001 3:', 'SLU1018 8:'],
  )
})
