import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProject } from '../spec/parse-project.ts'
import { textColumnsOf } from './text-columns.ts'

test('a key of a sync is text at its source, unless it is computed from numbers', () => {
  const { project, errors } = parseProject('/nowhere', [
    {
      path: 'sluice.yml',
      text: `version: 1
name: keys
sources:
  - {name: people, file: people.csv, primary_key: id}
  - {name: orders, file: orders.csv, primary_key: no, belongs_to: {people: person}}
entities:
  - {name: person, source: people, key: id, profile: {mail: {from: [people.mail], pick: most_recent}}}
traits:
  - {name: last_code, entity: person, max: orders.code}
  - {name: spent, entity: person, sum: orders.total}
syncs:
  - {name: a, entity: person, to: hook.rows, match: {mail: mail, code: last_code, spent: spent}}
`,
    },
  ])
  assert.deepEqual(errors, [])
  assert.ok(project)
  const columns = textColumnsOf(project)
  assert.deepEqual([...(columns.get('people') ?? [])].sort(), ['id', 'mail'])
  assert.deepEqual([...(columns.get('orders') ?? [])].sort(), ['code', 'no', 'person'])
})
