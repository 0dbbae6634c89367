import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectFolder, sluice } from '../support/cli.ts'

interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null }
  readonly errors: readonly unknown[]
}

const MISTAKES: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
  { args: [], says: /expected a command/ },
  { args: ['pln'], says: /unknown command "pln"/ },
  { args: ['explain', 'email=a@b.example', 'buyers'], says: /found no "in"/ },
  { args: ['plan', '--detailed-exitcod'], says: /unknown option "--detailed-exitcod"/ },
  { args: ['plan', 'everything'], says: /too many arguments/ },
  { args: ['preview'], says: /missing required argument/ },
  { args: ['preview', 'a', '--limit', 'many'], says: /whole number/ },
  { args: ['sync', '--wait', 'long'], says: /such as 90s/ },
  { args: ['runs'], says: /expected a command/ },
  { args: ['connectors', 'show', 'htp'], says: /expected a connector, found "htp"/ },
]

for (const { args, says } of MISTAKES)
  test(`\`sluice ${args.join(' ')}\` ends with 64 and says so, as text and as JSON`, async () => {
    const text = await sluice(args)
    assert.equal(text.code, 64)
    assert.equal(text.stdout, '')
    assert.match(text.stderr, says)
    const asJson = await sluice([...args, '-o', 'json'])
    assert.equal(asJson.code, 64)
    const answer = asJson.json() as unknown as ErrorAnswer
    assert.match(answer.error.message, says)
    assert.equal(answer.errors.length, 1)
    assert.equal(asJson.stderr, '')
  })

test('a word that is nearly right brings the right one', async () => {
  for (const [args, meant] of [
    [['pln'], 'plan'],
    [['plan', '--detailed-exitcod'], '--detailed-exitcode'],
    [['connectors', 'show', 'htp'], 'http'],
  ] as const) {
    const { json } = await sluice([...args, '-o', 'json'])
    assert.ok((json() as unknown as ErrorAnswer).error.hint?.includes(meant), args.join(' '))
  }
})

test('an unknown output format is refused as text, since nothing else was asked for', async () => {
  const { code, stdout, stderr } = await sluice(['plan', '-o', 'yaml'])
  assert.deepEqual([code, stdout], [64, ''])
  assert.match(stderr, /text, json/)
})

test('help and version are answers', async () => {
  const help = await sluice(['plan', '--help'])
  assert.equal(help.code, 0)
  assert.match(help.stdout, /--detailed-exitcode[\s\S]*--project-dir/)
  assert.match(String((await sluice(['--version', '--output=json'])).json().version), /^\d+\.\d+\.\d+$/)
})

test('help loads no engine: not yaml, zod, a driver or a client', async () => {
  const { stderr, code } = await sluice(['--help'], { env: { NODE_DEBUG: 'esm', NODE_OPTIONS: '' } })
  assert.equal(code, 0)
  assert.doesNotMatch(stderr, /node_modules\/(?:yaml|zod|pg|@duckdb|axios|undici|kysely)\//)
})

test('every flag is also a variable, and the command line wins over it', async (context) => {
  const folder = projectFolder(context, { 'sluice.yml': 'version: 1\nname: empty\n' })
  const env = { SLUICE_PROJECT_DIR: folder, SLUICE_OUTPUT: 'json' }
  assert.equal((await sluice(['validate'], { env })).json().ok, true)
  assert.match((await sluice(['validate', '-o', 'text'], { env })).stdout, /^ok/)
  const wrong = await sluice(['sync'], { env: { ...env, SLUICE_LIMIT: 'many' } })
  assert.equal(wrong.code, 64)
  assert.match((wrong.json() as unknown as ErrorAnswer).error.message, /SLUICE_LIMIT/)
})

test('flags stand before or after the command', async (context) => {
  const folder = projectFolder(context, { 'sluice.yml': 'version: 1\nname: empty\n' })
  for (const args of [
    ['-C', folder, '-o', 'json', 'validate'],
    ['validate', '-C', folder, '-o', 'json'],
    ['-C', folder, 'validate', '--output=json'],
  ])
    assert.equal((await sluice(args)).json().ok, true, args.join(' '))
})
