import { createHash } from 'node:crypto'
import { type OracleNode, type OracleSource, type Stitched, stitch } from './identity-oracle.ts'

/** What the limits of an identity mean, in plain TypeScript: identifiers are tried one after the other. */

export interface OracleLimits {
  /** By identifier type; a type that is not there has no limit and no priority. */
  readonly types: Readonly<
    Record<
      string,
      { readonly most?: number; readonly priority?: number | undefined; readonly maxRecords?: number }
    >
  >
  readonly entitySize?: number | undefined
  /** Lists of `source|record_id`. */
  readonly block?: readonly (readonly string[])[]
}

export interface GuardedStitch {
  /** What would be without limits. */
  readonly plain: Stitched
  /** Node id -> a name of its entity. Unattached events are not there. */
  readonly entities: ReadonlyMap<string, string>
  /** `source|record_id` -> node id. */
  readonly records: ReadonlyMap<string, string>
  /** `type=value reason`, in order. */
  readonly refused: readonly string[]
}

export function stitchWithin(sources: readonly OracleSource[], limits: OracleLimits): GuardedStitch {
  const types = Object.keys(limits.types)
  const plain = stitch(sources, Object.fromEntries(types.map((type) => [type, maxRecordsOf(limits, type)])))
  const graph = new LimitedNodes(plain, limits)
  const refused = new Set<string>()
  for (const members of componentsOf(plain)) {
    if (graph.broken(members).length === 0) graph.unite(members)
    else solve(graph, members, refused)
  }
  const hopeless = new Set([...refused].filter((one) => !one.endsWith(ALONE)).map((one) => one.split(' ')[0]))
  const isEvent = new Map(sources.map((source) => [source.name, source.isEvent]))
  const usable = (node: OracleNode) =>
    !isEvent.get(node.source) || node.values.some((value) => graph.isTrusted(value) && !hopeless.has(value))
  const kept = new Set([...plain.nodes.values()].filter(usable).map(({ id }) => id))
  return {
    plain,
    entities: new Map([...kept].map((id) => [id, graph.clusterOf(id)])),
    records: new Map([...plain.records].filter(([, node]) => kept.has(node))),
    refused: [...refused].sort(),
  }
}

export const ALONE = 'record_over_limit'

/** One component that is over a limit. */
function solve(graph: LimitedNodes, members: readonly string[], refused: Set<string>): void {
  const alone = new Set<string>()
  for (const node of members)
    for (const value of graph.tooManyOf(node)) {
      alone.add(node)
      refused.add(`${value} ${ALONE}`)
    }
  const holders = new Map<string, string[]>()
  for (const node of members)
    if (!alone.has(node))
      for (const value of graph.trusted(node)) holders.set(value, [...(holders.get(value) ?? []), node])
  for (const value of graph.inOrder([...holders.keys()])) {
    const joined = graph.clustersOf(holders.get(value) ?? [])
    if (graph.broken(joined).length === 0) graph.unite(joined)
  }
  // What it would break in the end: more than when it was tried, if others grew meanwhile.
  for (const [value, nodes] of holders)
    if (new Set(nodes.map((node) => graph.clusterOf(node))).size > 1)
      for (const reason of graph.broken(graph.clustersOf(nodes))) refused.add(`${value} ${reason}`)
}

/** Nodes, what they hold of what is limited, and which of them are together. */
export class LimitedNodes {
  readonly #nodes: ReadonlyMap<string, OracleNode>
  readonly #limits: OracleLimits
  readonly #records: ReadonlyMap<string, string>
  readonly #held: ReadonlyMap<string, number>
  readonly #cluster = new Map<string, readonly string[]>()

  constructor(plain: Stitched, limits: OracleLimits) {
    this.#nodes = plain.nodes
    this.#records = plain.records
    this.#limits = limits
    this.#held = plain.held
    for (const node of plain.nodes.keys()) this.#cluster.set(node, [node])
  }

  /** The reasons for which these nodes cannot be one entity. */
  broken(nodes: readonly string[]): readonly string[] {
    const values = new Set(nodes.flatMap((node) => this.trusted(node)))
    const reasons = new Set<string>()
    for (const [type, { most }] of Object.entries(this.#limits.types))
      if (most !== undefined && [...values].filter((value) => typeOf(value) === type).length > most)
        reasons.add('max_per_entity')
    if (nodes.length > (this.#limits.entitySize ?? Number.POSITIVE_INFINITY)) reasons.add('max_entity_size')
    for (const list of this.#limits.block ?? []) {
      const blocked = new Set(list.map((record) => this.#records.get(record)))
      if (nodes.filter((node) => blocked.has(node)).length > 1) reasons.add('block')
    }
    return [...reasons]
  }

  /** Values of types of which this node alone holds more than an entity may. */
  tooManyOf(node: string): readonly string[] {
    return Object.entries(this.#limits.types).flatMap(([type, { most }]) => {
      const values = this.trusted(node).filter((value) => typeOf(value) === type)
      return most !== undefined && values.length > most ? values : []
    })
  }

  trusted(node: string): readonly string[] {
    return (this.#nodes.get(node)?.values ?? []).filter((value) => this.isTrusted(value))
  }

  isTrusted(value: string): boolean {
    return (this.#held.get(value) ?? 0) <= maxRecordsOf(this.#limits, typeOf(value))
  }

  inOrder(values: readonly string[]): readonly string[] {
    const key = (value: string) => {
      const type = typeOf(value)
      const rule = this.#limits.types[type] ?? {}
      const text = value.slice(type.length + 1)
      const md5 = createHash('md5').update(`${type}|${text}`).digest('hex')
      return [rule.priority ?? 1e9, rule.most === undefined ? 1 : 0, md5] as const
    }
    return [...values].sort((a, b) => {
      const [x, y] = [key(a), key(b)]
      return x[0] - y[0] || x[1] - y[1] || (x[2] < y[2] ? -1 : 1)
    })
  }

  clustersOf(nodes: readonly string[]): readonly string[] {
    return [...new Set(nodes.flatMap((node) => this.#cluster.get(node) ?? []))]
  }

  clusterOf(node: string): string {
    return [...(this.#cluster.get(node) ?? [])].sort()[0] ?? ''
  }

  unite(nodes: readonly string[]): void {
    for (const node of nodes) this.#cluster.set(node, nodes)
  }
}

function maxRecordsOf({ types }: OracleLimits, type: string): number {
  return types[type]?.maxRecords ?? 1000
}

export function componentsOf(plain: Stitched): readonly (readonly string[])[] {
  return [...Map.groupBy(plain.components.keys(), (node) => plain.components.get(node) ?? '').values()]
}

function typeOf(value: string): string {
  return value.split('=')[0] ?? ''
}
