import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectFolder, sluice } from '../support/cli.ts'

const FILES = {
  'sluice.yml': `version: 1
name: shop
default_target: dev
targets:
  dev: {type: duckdb, path: shop.duckdb}
  pg: {type: postgres, host: 127.0.0.1, port: 1, user: x, password: x, database: x}
sources: [{name: people, file: people.csv, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: {mail: mail}, facts: {name: name, zip: zip}}]
      candidates:
        - {name: names, compare: name, block_by: [zip], similarity: {jaro_winkler: 0.9}, link: true}
        - {name: typos, compare: name, block_by: [zip], similarity: {edit_distance: 2}}
`,
  'people.csv': 'id,mail,name,zip\n1,a@x.example,Martha Smith,01010\n2,b@x.example,Marhta Smith,01010\n',
}

test('validate refuses a similarity that the warehouse does not have, at its place, without asking it', async (context) => {
  const folder = projectFolder(context, FILES)
  assert.equal((await sluice(['-C', folder, 'validate'])).code, 0)
  const refused = await sluice(['-C', folder, '-t', 'pg', 'validate', '-o', 'json'])
  assert.equal(refused.code, 78)
  const { ok, errors } = refused.json() as {
    readonly ok: boolean
    readonly errors: readonly { readonly code: string; readonly line: number; readonly hint: string }[]
  }
  assert.equal(ok, false)
  assert.deepEqual(
    errors.map(({ code, line }) => [code, line]),
    [
      ['SLU4203', 13],
      ['SLU4203', 14],
    ],
  )
  assert.match(errors[0]?.hint ?? '', /build on duckdb/)
  assert.equal((await sluice(['-C', folder, 'validate'])).code, 0, 'the other target is as it was')
})

test('what a rule links is one in every command, and identity why says so', async (context) => {
  const folder = projectFolder(context, FILES)
  assert.equal((await sluice(['-C', folder, 'build'])).code, 0)
  const stats = await sluice(['-C', folder, 'identity', 'stats'])
  assert.match(stats.stdout, /LOOK ALIKE BY +PAIRS NOT ONE +LINKED\nnames +0 +1/)
  const why = await sluice(['-C', folder, 'identity', 'why', 'people:1', 'people:2'])
  assert.match(why.stdout, /one person, .*: 1 link apart\n\npeople:1\n {2}\| names 0\.9805 alike\npeople:2/)
  const json = (await sluice(['-C', folder, 'identity', 'why', 'people:1', 'people:2', '-o', 'json'])).json()
  const [, link] = json.path as readonly Readonly<Record<string, unknown>>[]
  assert.deepEqual([link?.kind, link?.rule], ['candidate', 'names'])
  const destroyed = await sluice(['-C', folder, 'state', 'destroy', '--yes', '-o', 'json'])
  assert.equal(destroyed.code, 0)
  assert.equal(destroyed.json().schema_dropped, true, destroyed.stdout)
})
