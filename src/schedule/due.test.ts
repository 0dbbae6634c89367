import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildGraph } from '../graph/build-graph.ts'
import { parseProject } from '../spec/parse-project.ts'
import { dueSyncs } from './due.ts'

const at = (iso: string) => Date.parse(iso)

const { project } = parseProject('/nowhere', [
  {
    path: 'sluice.yml',
    text: `version: 1
name: due
timezone: Europe/Paris
sources: [{name: contacts, table: contacts, primary_key: id}]
destinations: [{name: hook, connector: hook}]
syncs:
  - {name: always, source: contacts, to: hook.rows, match: {id: id}}
  - {name: at_nine, source: contacts, to: hook.rows, match: {id: id}, schedule: "0 9 * * *"}
  - {name: hourly, source: contacts, to: hook.rows, match: {id: id}, schedule: "0 * * * *"}
`,
  },
])
assert.ok(project)
const { graph } = buildGraph(
  project,
  new Map([
    [
      'hook',
      {
        name: 'hook',
        title: 'Hook',
        settings: {},
        verification: 'generic',
        objects: {
          rows: {
            description: 'rows',
            keys: undefined,
            keyNormalizers: {},
            modes: ['upsert'],
            idempotent: true,
            carriesSyncName: true,
            remove: 'none',
            batch: { maxItems: 1, maxBytes: 1 },
          },
        },
      },
    ],
  ]),
)
assert.ok(graph)
const SYNCS = ['always', 'at_nine', 'hourly']

test('what never ran is due, and what has no schedule is due at every run, after the others', () => {
  assert.deepEqual(dueSyncs(graph, SYNCS, new Map(), at('2026-01-31T12:30:00Z')), [
    'at_nine',
    'hourly',
    'always',
  ])
})

test('a sync is due once its time has come since its last run, and only once', () => {
  const served = new Map([
    ['at_nine', at('2026-01-31T08:00:00Z')],
    ['hourly', at('2026-01-31T11:59:59Z')],
    ['always', at('2026-01-31T12:29:00Z')],
  ])
  // Nine in Paris is eight in UTC: served to the second.
  assert.deepEqual(dueSyncs(graph, SYNCS, served, at('2026-01-31T12:30:00Z')), ['hourly', 'always'])
  assert.deepEqual(dueSyncs(graph, ['at_nine'], served, at('2026-02-01T07:59:59Z')), [])
  assert.deepEqual(dueSyncs(graph, ['at_nine'], served, at('2026-02-01T08:00:00Z')), ['at_nine'])
})
