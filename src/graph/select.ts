import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { Graph, Node, NodeKind } from './graph.ts'
import { type Method, parseSelector, type Selector } from './selector.ts'

export interface Selection {
  /** Each may hold several selectors between blanks; all together are a union. Undefined or empty: everything. */
  readonly select?: readonly string[]
  readonly exclude?: readonly string[]
  /** What the command works on; nothing else comes out. */
  readonly kinds: readonly NodeKind[]
  /** Node id -> fingerprint of the last published build, for `state:modified`. */
  readonly published?: ReadonlyMap<string, string>
}

/**
 * The ids that a selection leaves, in the graph's order. Throws: SLU2201 for one that cannot be read, SLU7006 for a
 * name that is none, SLU2202 when nothing is left although something was asked for by name.
 */
export function selectNodes(graph: Graph, selection: Selection): readonly string[] {
  const { kinds } = selection
  const selected = selectorsOf(selection.select)
  const excluded = unionOf(graph, selection, selectorsOf(selection.exclude))
  const chosen = selected.length === 0 ? graph.nodes : unionOf(graph, selection, selected)
  const left = graph.order.filter((id) => chosen.has(id) && !excluded.has(id) && isOf(kinds, graph, id))
  // That nothing was modified is an answer, not a mistake.
  const asksState = selected.some((group) => group.some((one) => one.method === 'state'))
  if (left.length > 0 || selected.length === 0 || asksState) return left
  throw new SluiceError('SLU2202', {
    message: `expected a selection with ${kinds.join(', ')} in it, found nothing for "${selection.select?.join(' ')}"${excluded.size === 0 ? '' : ' without what is excluded'}`,
    hint: onwardHint(graph, chosen, selection),
  })
}

type Group = readonly Selector[]

/** A union of intersections. */
function selectorsOf(texts: readonly string[] = []): readonly Group[] {
  return texts
    .flatMap((text) => text.split(/\s+/))
    .filter((text) => text !== '')
    .map((text) => text.split(',').map(parseSelector))
}

function unionOf(
  graph: Graph,
  selection: Selection,
  groups: readonly Group[],
): { has(id: string): boolean; size: number } {
  const union = new Set<string>()
  const walk = new Walk(graph)
  for (const group of groups) {
    const [first = new Set<string>(), ...others] = group.map((one) =>
      walk.around(matches(graph, selection, one), one),
    )
    for (const id of first) if (others.every((other) => other.has(id))) union.add(id)
  }
  return union
}

function isOf(kinds: readonly NodeKind[], graph: Graph, id: string): boolean {
  const kind = graph.nodes.get(id)?.kind
  return kind !== undefined && kinds.includes(kind)
}

/** The nodes that a selector names, without those before and after them. */
function matches(graph: Graph, selection: Selection, selector: Selector): readonly Node[] {
  const nodes = [...graph.nodes.values()]
  const found = nodes.filter(matcherOf(selector, selection, nodes))
  if (found.length > 0 || selector.method === 'state') return found
  throw new SluiceError('SLU7006', {
    message: `expected ${EXPECTED[selector.method] ?? `the name of a ${selector.method}`} of the project, found "${selector.name}"`,
    hint: nearestHint(selector.name, candidatesOf(selector.method, nodes, selection)),
  })
}

const EXPECTED: Readonly<Partial<Record<Method, string>>> = {
  any: 'the name of a sync, segment or entity',
  tag: 'a tag',
  entity: 'the name of an entity',
  identity: 'the name of an entity with an identity',
}

function matcherOf(
  { method, name, pattern }: Selector,
  selection: Selection,
  nodes: readonly Node[],
): (node: Node) => boolean {
  if (method === 'tag') return (node) => node.tags.some((tag) => pattern.test(tag))
  if (method === 'state') return (node) => isModified(node, selection.published, name)
  if (method !== 'any') return (node) => node.kind === method && pattern.test(node.name)
  const kind = barePreference(selection.kinds).find((one) =>
    nodes.some((node) => node.kind === one && pattern.test(node.name)),
  )
  return (node) => node.kind === kind && pattern.test(node.name)
}

const BARE: readonly NodeKind[] = ['sync', 'segment', 'entity']

/** What a bare name means first: of the kinds that the command works on, then of the others, to walk from. */
function barePreference(kinds: readonly NodeKind[]): readonly NodeKind[] {
  return [...BARE.filter((kind) => kinds.includes(kind)), ...BARE.filter((kind) => !kinds.includes(kind))]
}

function isModified(node: Node, published: Selection['published'], name: string): boolean {
  if (published === undefined)
    throw new SluiceError('SLU2201', {
      message: `expected a published build to compare with for "state:${name}", found none`,
      hint: 'select by name or tag here',
    })
  return published.get(node.id) !== node.fingerprint
}

function candidatesOf(method: Method, nodes: readonly Node[], { kinds }: Selection): Iterable<string> {
  if (method === 'tag') return new Set(nodes.flatMap((node) => node.tags))
  const wanted: readonly string[] = method === 'any' ? barePreference(kinds) : [method]
  return new Set(nodes.filter((node) => wanted.includes(node.kind)).map((node) => node.name))
}

/** What stands after or before the chosen nodes is often what was meant. */
function onwardHint(
  graph: Graph,
  chosen: { has(id: string): boolean },
  { kinds }: Selection,
): string | undefined {
  const first = graph.order.find((id) => chosen.has(id))
  const node = first === undefined ? undefined : graph.nodes.get(first)
  if (node === undefined || kinds.includes(node.kind)) return undefined
  const walk = new Walk(graph)
  const reaches = (before: number, after: number) =>
    [...walk.around([node], { before, after })].some((id) => isOf(kinds, graph, id))
  if (reaches(0, Number.POSITIVE_INFINITY)) return `"${node.id}+" selects what is made from it`
  return reaches(Number.POSITIVE_INFINITY, 0) ? `"+${node.id}" selects what it is made from` : undefined
}

/** Walks along needs, both ways. */
class Walk {
  readonly #graph: Graph
  #users: ReadonlyMap<string, readonly string[]> | undefined

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /** The nodes with those at most so many steps before and after them. */
  around(nodes: readonly Node[], { before, after }: Pick<Selector, 'before' | 'after'>): ReadonlySet<string> {
    const ids = nodes.map((node) => node.id)
    return new Set([
      ...reached(ids, before, (id) => this.#graph.nodes.get(id)?.needs ?? []),
      ...reached(ids, after, (id) => this.#usersOf(id)),
    ])
  }

  #usersOf(id: string): readonly string[] {
    this.#users ??= usersByNeed(this.#graph)
    return this.#users.get(id) ?? []
  }
}

function reached(
  start: readonly string[],
  steps: number,
  next: (id: string) => readonly string[],
): ReadonlySet<string> {
  const all = new Set(start)
  let frontier = start
  for (let step = 0; step < steps && frontier.length > 0; step += 1) {
    frontier = [...new Set(frontier.flatMap(next))].filter((id) => !all.has(id))
    for (const id of frontier) all.add(id)
  }
  return all
}

function usersByNeed(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  for (const { id, needs } of graph.nodes.values())
    for (const need of needs) {
      const known = users.get(need)
      if (known === undefined) users.set(need, [id])
      else known.push(id)
    }
  return users
}
