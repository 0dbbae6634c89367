import { canonical, digest } from './canonical.ts'
import type { Node } from './graph.ts'
import type { NodeParts } from './node-parts.ts'

/** Of the way fingerprints are made: a change makes every node look changed. */
const FINGERPRINT_VERSION = 1

/**
 * The nodes by id, each after all it needs, ties in the order given. Needs must not lead back to their start.
 */
export function nodesOf(parts: readonly NodeParts[]): ReadonlyMap<string, Node> {
  const byId = new Map(parts.map((one) => [`${one.kind}:${one.name}`, one]))
  const nodes = new Map<string, Node>()
  for (const id of orderOf(byId)) {
    const one = byId.get(id)
    if (one === undefined) continue
    const { kind, name, tags, needs } = one
    nodes.set(id, { id, kind, name, tags, needs, fingerprint: fingerprintOf(id, one, nodes) })
  }
  return nodes
}

/** Of all nodes together; their order makes no difference. */
export function fingerprintOfAll(nodes: Iterable<Node>): string {
  return digest(
    [...nodes]
      .map(({ id, fingerprint }) => `${id} ${fingerprint}`)
      .toSorted()
      .join('\n'),
  )
}

function fingerprintOf(id: string, parts: NodeParts, nodes: ReadonlyMap<string, Node>): string {
  const needs = parts.needs.toSorted().map((need) => [need, nodes.get(need)?.fingerprint])
  return digest(canonical([FINGERPRINT_VERSION, id, parts.meaning, needs]))
}

/** Without recursion: a chain of segments may be longer than the stack. */
function orderOf(byId: ReadonlyMap<string, NodeParts>): readonly string[] {
  const order = new Set<string>()
  for (const start of byId.keys()) {
    const stack = [{ id: start, next: 0 }]
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const need = order.has(visit.id) ? undefined : byId.get(visit.id)?.needs[visit.next]
      visit.next += 1
      if (need === undefined) {
        order.add(visit.id)
        stack.pop()
      } else if (!order.has(need)) stack.push({ id: need, next: 0 })
    }
  }
  return [...order]
}
