import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectFolder, sluice } from '../support/cli.ts'
import { startRealPostgres } from '../support/real-postgres.ts'

test('doctor --connect asks a destination for its fields, sync by sync, and says which it lacks', async (context) => {
  const server = await startRealPostgres()
  context.after(() => server.close())
  const sync = (name: string, map: string) =>
    `  - {name: ${name}, source: people, to: ops.customers, match: {customer_id: id}, map: ${map}, settings: {schema: "${server.schema}"}}`
  const folder = projectFolder(context, {
    'people.csv': 'id,name\n1,Ada\n',
    'sluice.yml': `version: 1
name: lab
targets: {dev: {type: duckdb, path: warehouse.duckdb}}
sources: [{name: people, file: people.csv, primary_key: id}]
destinations: [{name: ops, connector: postgres, settings: ${JSON.stringify(server.settings)}}]
syncs:
${sync('right', '{first_name: name, town: {value: Pau}}')}
${sync('wrong', '{first_nam: name}')}
${sync('computed', '{arrived: {value: 1}}')}
`,
  })
  const { code, stdout } = await sluice(['-C', folder, 'doctor', '--connect', '-o', 'json'])
  assert.equal(code, 6, stdout)
  const { checks } = JSON.parse(stdout) as {
    checks: { name: string; status: string; message: string; hint?: string }[]
  }
  const found = checks.filter(({ name }) => name.startsWith('fields of'))
  assert.deepEqual(
    found.map(({ name, status }) => [name, status]),
    [
      ['fields of right', 'ok'],
      ['fields of wrong', 'failed'],
      ['fields of computed', 'failed'],
    ],
  )
  assert.match(found[0]?.message ?? '', /^ops has all 2 that are mapped$/)
  assert.match(
    found[1]?.message ?? '',
    /^expected fields that ops\.customers has, found "first_nam" \(sluice\.yml:/,
  )
  assert.equal(found[1]?.hint, 'did you mean "first_name"?')
  assert.match(found[2]?.message ?? '', /that can be written, found "arrived"/)
  const plain = await sluice(['-C', folder, 'doctor', '-o', 'json'])
  assert.doesNotMatch(plain.stdout, /fields of/)
})
