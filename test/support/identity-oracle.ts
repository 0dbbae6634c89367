import { createHash } from 'node:crypto'

/** What identity means, in plain TypeScript: union-find and the rule of anchors (docs: "Entity ids"). */

export interface OracleRow {
  readonly key: string
  /** Values as they are after normalising, by type. */
  readonly ids: Readonly<Record<string, readonly string[]>>
}

export interface OracleSource {
  readonly name: string
  readonly isEvent: boolean
  readonly rows: readonly OracleRow[]
}

export interface OracleNode {
  /** `source|node_key`. */
  readonly id: string
  readonly source: string
  readonly nodeKey: string
  /** `type=value`. */
  readonly values: readonly string[]
}

export interface Stitched {
  /** By node id. */
  readonly nodes: ReadonlyMap<string, OracleNode>
  /** Node id -> the least node id of its component. Unattached events are not there. */
  readonly components: ReadonlyMap<string, string>
  /** `source|record_id` -> node id; rows that belong to none are not there. */
  readonly records: ReadonlyMap<string, string>
  readonly unattached: number
  /** How many records hold each `type=value`, unattached ones among them. */
  readonly held: ReadonlyMap<string, number>
}

const DEFAULT_MAX = 1000

export function stitch(
  sources: readonly OracleSource[],
  maxRecords: Readonly<Record<string, number>> = {},
): Stitched {
  const nodes = new Map<string, OracleNode>()
  const records = new Map<string, string>()
  let unattached = 0
  for (const source of sources)
    for (const row of source.rows) {
      const values = valuesOf(row)
      if (source.isEvent && values.length === 0) {
        unattached += 1
        continue
      }
      const nodeKey = source.isEvent ? eventKey(row) : row.key
      const id = `${source.name}|${nodeKey}`
      nodes.set(id, { id, source: source.name, nodeKey, values })
      records.set(`${source.name}|${row.key}`, id)
    }
  const holders = new Map<string, string[]>()
  for (const node of nodes.values())
    for (const value of node.values) holders.set(value, [...(holders.get(value) ?? []), node.id])
  const links = [...holders].filter(
    ([value, held]) => held.length <= (maxRecords[value.split('=')[0] ?? ''] ?? DEFAULT_MAX),
  )
  const usable = new Set(links.map(([value]) => value))
  const isEvent = new Map(sources.map((source) => [source.name, source.isEvent]))
  for (const node of [...nodes.values()])
    if (isEvent.get(node.source) && !node.values.some((value) => usable.has(value))) nodes.delete(node.id)
  for (const [record, node] of [...records])
    if (!nodes.has(node)) {
      records.delete(record)
      unattached += 1
    }
  const held = new Map([...holders].map(([value, holding]) => [value, holding.length]))
  return { nodes, components: united([...nodes.keys()], links), records, unattached, held }
}

function united(
  ids: readonly string[],
  links: readonly (readonly [string, readonly string[]])[],
): ReadonlyMap<string, string> {
  const parent = new Map(ids.map((id) => [id, id]))
  const find = (id: string): string => {
    let root = id
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up
    parent.set(id, root)
    return root
  }
  for (const [, held] of links) {
    const present = held.filter((id) => parent.has(id))
    for (const id of present) {
      const a = find(present[0] ?? id)
      const b = find(id)
      if (a < b) parent.set(b, a)
      else if (b < a) parent.set(a, b)
    }
  }
  return new Map(ids.map((id) => [id, find(id)]))
}

export interface NodeState {
  readonly firstRun: number
  readonly rank: bigint
  readonly owned: string | undefined
  readonly entity: string
}

export interface Assigned {
  readonly state: ReadonlyMap<string, NodeState>
  readonly merges: readonly string[]
  readonly splits: readonly string[]
}

/**
 * The rule of anchors. `rankOf`: the stored hash of a node that is new. Logs are `from>into`.
 */
export function assign(
  entity: string,
  stitched: Stitched,
  before: ReadonlyMap<string, NodeState>,
  run: number,
  rankOf: (id: string) => bigint,
): Assigned {
  const heirs = heirsOf(stitched, before)
  const ranked = new Map(
    [...stitched.nodes.keys()].map((id) => {
      const old = before.get(id)
      const heir = heirs.get(id)
      return [
        id,
        {
          firstRun: heir?.firstRun ?? old?.firstRun ?? run,
          rank: heir?.rank ?? old?.rank ?? rankOf(id),
          owned: heir?.entity ?? old?.owned,
        },
      ] as const
    }),
  )
  const anchors = new Map<string, string>()
  for (const [id, root] of stitched.components) {
    const anchor = anchors.get(root)
    if (anchor === undefined || compare(ranked.get(id), ranked.get(anchor), id, anchor) < 0)
      anchors.set(root, id)
  }
  const entityOf = new Map(
    [...anchors].map(([root, id]) => [root, ranked.get(id)?.owned ?? minted(entity, stitched, id, ranked)]),
  )
  const state = new Map(
    [...stitched.components].map(([id, root]) => {
      const of = ranked.get(id)
      const mine = entityOf.get(root) ?? ''
      const owned = anchors.get(root) === id ? mine : of?.owned
      return [id, { firstRun: of?.firstRun ?? 0, rank: of?.rank ?? 0n, owned, entity: mine }]
    }),
  )
  const alive = new Set(entityOf.values())
  const moves = new Set<string>()
  for (const [id, now] of state) {
    const old = before.get(id)
    if (old !== undefined && old.entity !== now.entity) moves.add(`${old.entity}>${now.entity}`)
  }
  const isAlive = (move: string) => alive.has(move.split('>')[0] ?? '')
  return {
    state,
    merges: [...moves].filter((move) => !isAlive(move)).sort(),
    splits: [...moves].filter(isAlive).sort(),
  }
}

function heirsOf(
  stitched: Stitched,
  before: ReadonlyMap<string, NodeState>,
): ReadonlyMap<string, { readonly firstRun: number; readonly rank: bigint; readonly entity: string }> {
  const heirs = new Map<string, { firstRun: number; rank: bigint; entity: string }>()
  for (const [id, anchor] of before) {
    if (anchor.owned !== anchor.entity || stitched.nodes.has(id)) continue
    const members = [...before].filter(
      ([member, { entity }]) => entity === anchor.entity && stitched.nodes.has(member),
    )
    const [next] = members.sort(([a, x], [b, y]) => compare(x, y, a, b))
    if (next !== undefined)
      heirs.set(next[0], { firstRun: anchor.firstRun, rank: anchor.rank, entity: anchor.entity })
  }
  return heirs
}

type Rank = Pick<NodeState, 'firstRun' | 'rank'>

function compare(a: Rank | undefined, b: Rank | undefined, idA: string, idB: string): number {
  if (a === undefined || b === undefined) throw new Error('a node without a rank')
  if (a.firstRun !== b.firstRun) return a.firstRun - b.firstRun
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1
  return idA < idB ? -1 : 1
}

function minted(entity: string, stitched: Stitched, id: string, ranked: ReadonlyMap<string, Rank>): string {
  const node = stitched.nodes.get(id)
  const text = `${entity}|${node?.source}|${node?.nodeKey}|${ranked.get(id)?.firstRun}`
  return createHash('md5').update(text).digest('hex')
}

function valuesOf(row: OracleRow): readonly string[] {
  return Object.entries(row.ids).flatMap(([type, values]) =>
    [...new Set(values)].map((value) => `${type}=${value}`),
  )
}

function eventKey(row: OracleRow): string {
  const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('|', '\\|')
  const text = Object.entries(row.ids)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([type, values]) => [...new Set(values)].sort().map((value) => `${type}=${escaped(value)}|`))
    .join('')
  return createHash('md5').update(text).digest('hex')
}
