import type { Position } from '../base/position.ts'

export interface Edge {
  readonly to: string
  /** Where the reference stands. */
  readonly at: () => Position
}

/** Ids of a cycle, the first again at the end, and the place of a reference that closes it. */
export interface Cycle {
  readonly path: readonly string[]
  readonly at: Position
}

/** `a -> b -> a`; of a long way the middle is left out. */
export function pathText(path: readonly string[]): string {
  if (path.length <= LONGEST_PATH) return path.join(' -> ')
  const half = LONGEST_PATH / 2
  return [...path.slice(0, half), `(${path.length - LONGEST_PATH} more)`, ...path.slice(-half)].join(' -> ')
}

const LONGEST_PATH = 12

interface Visit {
  readonly id: string
  readonly edges: readonly Edge[]
  next: number
}

/** Cycles among `ids`, none of them sharing a member with another that was found: one error for one knot. */
export function cyclesOf(ids: Iterable<string>, edgesOf: (id: string) => readonly Edge[]): readonly Cycle[] {
  const done = new Set<string>()
  const told = new Set<string>()
  const cycles: Cycle[] = []
  for (const id of ids) {
    if (done.has(id)) continue
    walk(id, edgesOf, done, (path, edge) => {
      if (path.some((member) => told.has(member))) return
      for (const member of path) told.add(member)
      cycles.push({ path: [...path, edge.to], at: edge.at() })
    })
  }
  return cycles
}

/** Without recursion: a chain of references may be longer than the stack. */
function walk(
  start: string,
  edgesOf: (id: string) => readonly Edge[],
  done: Set<string>,
  onCycle: (path: readonly string[], closing: Edge) => void,
): void {
  const stack: Visit[] = [{ id: start, edges: edgesOf(start), next: 0 }]
  const depths = new Map([[start, 0]])
  for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
    const edge = visit.edges[visit.next]
    visit.next += 1
    if (edge === undefined) {
      stack.pop()
      depths.delete(visit.id)
      done.add(visit.id)
      continue
    }
    const depth = depths.get(edge.to)
    if (depth !== undefined)
      onCycle(
        stack.slice(depth).map((one) => one.id),
        edge,
      )
    else if (!done.has(edge.to)) {
      depths.set(edge.to, stack.length)
      stack.push({ id: edge.to, edges: edgesOf(edge.to), next: 0 })
    }
  }
}
