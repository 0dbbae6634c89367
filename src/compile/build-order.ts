import { SluiceError } from '../base/errors.ts'
import type { Graph, Node } from '../graph/graph.ts'
import type { Entity, Segment, Source } from '../spec/project.ts'
import { hasCandidates } from './identity/candidates/compared.ts'
import { candidatesOutput, identityOutputs } from './identity/identity-plan.ts'
import { fieldOutputs, keepsFieldRows } from './profile/field-rows.ts'

/** The nodes with all that they need, each after what it needs; without syncs, which stand for what they read. */
export function buildOrder(graph: Graph, nodeIds: readonly string[]): readonly Node[] {
  const wanted = new Set(nodeIds)
  // A set that grows while it is walked: what is needed is visited too, without recursion.
  for (const nodeId of wanted) for (const needed of nodeOf(graph, nodeId).needs) wanted.add(needed)
  return graph.order
    .filter((nodeId) => wanted.has(nodeId))
    .map((nodeId) => nodeOf(graph, nodeId))
    .filter((node) => node.kind !== 'sync')
}

/** Logical names of the tables that a node makes. */
export function outputsOf(graph: Graph, node: Node): readonly string[] {
  switch (node.kind) {
    case 'identity':
      return identityOutputs(entityOf(graph, node))
    case 'entity':
      return profileOutputs(entityOf(graph, node))
    case 'segment':
      return [`segment_${node.name}`]
    case 'source':
    case 'sync':
      return []
  }
}

function profileOutputs(entity: Entity): readonly string[] {
  return keepsFieldRows(entity) ? [entity.name, ...fieldOutputs(entity)] : [entity.name]
}

/** Logical names of tables that the node made under other rules, and makes no more. */
export function staleOutputs(graph: Graph, node: Node): readonly string[] {
  if (node.kind !== 'identity' && node.kind !== 'entity') return []
  const entity = entityOf(graph, node)
  if (node.kind === 'entity') return keepsFieldRows(entity) ? [] : fieldOutputs(entity)
  return hasCandidates(entity) ? [] : [candidatesOutput(entity)]
}

/**
 * The sources whose primary key must be present and unique because others join to it: parents, and those whose rows
 * are an entity without stitching. Records of an identity are checked while they are stitched.
 */
export function keyedSources(graph: Graph, nodes: readonly Node[]): readonly Source[] {
  const sources = nodes.filter(({ kind }) => kind === 'source').map((node) => sourceOf(graph, node.name))
  const names = new Set(sources.map(({ name }) => name))
  const parents = sources.flatMap((source) => source.belongsTo.map(({ parent }) => parent.value))
  const entities = nodes.filter(({ kind }) => kind === 'entity').map((node) => entityOf(graph, node))
  const own = entities.flatMap(({ source }) => (source === undefined ? [] : [source.value]))
  const stitched = nodes
    .filter(({ kind }) => kind === 'identity')
    .flatMap((node) => entityOf(graph, node).identity?.from ?? [])
    .map(({ source }) => source.value)
  const checked = new Set(stitched.filter((name) => sourceOf(graph, name).occurredAt === undefined))
  return [...new Set([...parents, ...own])]
    .filter((name) => names.has(name) && !checked.has(name))
    .map((name) => sourceOf(graph, name))
}

export function sourcesOf(graph: Graph, nodes: readonly Node[]): readonly Source[] {
  return nodes.filter(({ kind }) => kind === 'source').map((node) => sourceOf(graph, node.name))
}

/** The entity of an `identity:` or `entity:` node. */
export function entityOf(graph: Graph, node: Node): Entity {
  return graph.project.entities.get(node.name) ?? missing(node.id)
}

export function segmentOf(graph: Graph, node: Node): Segment {
  return graph.project.segments.get(node.name) ?? missing(node.id)
}

function sourceOf(graph: Graph, name: string): Source {
  return graph.project.sources.get(name) ?? missing(`source:${name}`)
}

function nodeOf(graph: Graph, nodeId: string): Node {
  return graph.nodes.get(nodeId) ?? missing(nodeId)
}

function missing(nodeId: string): never {
  throw new SluiceError('SLU9001', { message: `expected "${nodeId}" in the graph, found none` })
}
