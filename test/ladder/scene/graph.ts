import assert from 'node:assert/strict'
import type { ConnectorEntry } from '../../../src/connector/types.ts'
import { buildGraph } from '../../../src/graph/build-graph.ts'
import type { Graph } from '../../../src/graph/graph.ts'
import { parseProject } from '../../../src/spec/parse-project.ts'

const HEAD = `version: 1
name: scene
targets: {dev: {type: postgres, host: 127.0.0.1, user: u, database: d}}
`

/** A project without its head, that is right. What type its target says does not matter: the warehouse is open already. */
export function sceneGraph(yaml: string, connectors: ReadonlyMap<string, ConnectorEntry>): Graph {
  const { project, errors } = parseProject('/project', [{ path: 'sluice.yml', text: `${HEAD}${yaml}` }])
  assert.deepEqual(
    errors.map(({ message, at }) => `${message} ${at?.line}`),
    [],
  )
  assert.ok(project !== undefined)
  const built = buildGraph(project, new Map([...connectors].map(([name, { manifest }]) => [name, manifest])))
  assert.deepEqual(
    built.errors.map(({ message, at }) => `${message} ${at?.line}`),
    [],
  )
  assert.ok(built.graph !== undefined)
  return built.graph
}
