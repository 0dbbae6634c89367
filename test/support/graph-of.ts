import assert from 'node:assert/strict'
import { type BuiltGraph, buildGraph } from '../../src/graph/build-graph.ts'
import type { Graph } from '../../src/graph/graph.ts'
import type { ProjectText } from '../../src/spec/join-files.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import { filesOf, toldOf } from './broken-project.ts'
import { MANIFESTS } from './manifests.ts'

/** What `buildGraph` says of a project whose text is right: one YAML, or files that `# file: PATH` lines start. */
export function built(yaml: string): BuiltGraph {
  return builtOf(filesOf(yaml))
}

export function builtOf(files: readonly ProjectText[]): BuiltGraph {
  const { project, errors } = parseProject('/project', files)
  assert.ok(project, toldOf(errors, files))
  return buildGraph(project, MANIFESTS)
}

/** The graph of a project without mistakes. */
export function graphOf(yaml: string): Graph {
  const files = filesOf(yaml)
  const { graph, errors } = builtOf(files)
  assert.ok(graph, toldOf(errors, files))
  return graph
}
