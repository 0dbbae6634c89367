import type { BelongsTo, Entity, Source } from '../spec/project.ts'
import type { Hop, Reach } from './graph.ts'

export type WaysFound =
  | { readonly kind: 'one'; readonly reach: Reach }
  | { readonly kind: 'none' }
  | { readonly kind: 'several'; readonly ways: readonly (readonly string[])[] }
  /** None, but a definition on the way is wrong, which is told elsewhere. */
  | { readonly kind: 'broken' }

type Chain = readonly Hop[]

/** More than one way is an error; a few of them explain it. */
const MOST_WAYS = 3

/**
 * Which rows reach which entity (design section 2). A way ends at the first source that carries ids of the entity (or
 * is the unstitched entity's own). With `via` it leads through those sources in that order, and may pass others that
 * carry ids until the last of them.
 */
export class Ways {
  readonly #sources: ReadonlyMap<string, Source>
  readonly #entities: ReadonlyMap<string, Entity>
  readonly #found = new Map<string, WaysFound>()
  /** By entity, then by source and how much of `via` is done. */
  readonly #chains = new Map<string, Map<string, readonly Chain[]>>()
  readonly #ends = new Map<string, ReadonlySet<string>>()

  constructor(sources: ReadonlyMap<string, Source>, entities: ReadonlyMap<string, Entity>) {
    this.#sources = sources
    this.#entities = entities
  }

  find(source: string, entity: string, via: readonly string[] = []): WaysFound {
    const key = [entity, source, ...via].join(' ')
    const known = this.#found.get(key)
    if (known !== undefined) return known
    const found = this.#find(source, entity, via)
    this.#found.set(key, found)
    return found
  }

  #find(sourceName: string, entityName: string, via: readonly string[]): WaysFound {
    const source = this.#sources.get(sourceName)
    const entity = this.#entities.get(entityName)
    if (source === undefined || entity === undefined) return { kind: 'broken' }
    const chains = this.#from(source, entity, via, 0)
    const [first, second] = chains
    if (first === undefined) return { kind: this.#isBroken(source, entity) ? 'broken' : 'none' }
    if (second !== undefined) return { kind: 'several', ways: chains.map(namesOf) }
    return {
      kind: 'one',
      reach: { source, entity, hops: first, end: entity.identity === undefined ? 'key' : 'identity' },
    }
  }

  /** Ways from a source when `done` of the `via` lie behind it. */
  #from(source: Source, entity: Entity, via: readonly string[], done: number): readonly Chain[] {
    const memo = this.#memoOf(entity, via)
    const key = `${done} ${source.name}`
    const known = memo.get(key)
    if (known !== undefined) return known
    // Sources that belong to each other are told as a cycle; here they only must end.
    memo.set(key, [])
    const ends = done === via.length && this.#endsOf(entity).has(source.name)
    const chains = ends ? [[]] : this.#onward(source, entity, via, done)
    memo.set(key, chains)
    return chains
  }

  #onward(source: Source, entity: Entity, via: readonly string[], done: number): readonly Chain[] {
    const chains: Chain[] = []
    for (const { parent: name, columns } of source.belongsTo) {
      const parent = this.#sources.get(name.value)
      if (parent === undefined) continue
      const hop: Hop = { parent, childColumns: columns.map((column) => column.value) }
      const next = via[done] === parent.name ? done + 1 : done
      for (const rest of this.#from(parent, entity, via, next)) chains.push([hop, ...rest])
      if (chains.length >= MOST_WAYS) break
    }
    return chains.slice(0, MOST_WAYS)
  }

  #memoOf(entity: Entity, via: readonly string[]): Map<string, readonly Chain[]> {
    const key = [entity.name, ...via].join(' ')
    const known = this.#chains.get(key)
    if (known !== undefined) return known
    const memo = new Map<string, readonly Chain[]>()
    this.#chains.set(key, memo)
    return memo
  }

  #endsOf(entity: Entity): ReadonlySet<string> {
    const known = this.#ends.get(entity.name)
    if (known !== undefined) return known
    const ends = new Set(
      entity.identity === undefined
        ? [entity.source?.value ?? '']
        : entity.identity.from.map((records) => records.source.value),
    )
    this.#ends.set(entity.name, ends)
    return ends
  }

  #isBroken(source: Source, entity: Entity): boolean {
    if ([...this.#endsOf(entity)].some((end) => !this.#sources.has(end))) return true
    const seen = new Set<string>([source.name])
    for (const name of seen) {
      const parents = this.#sources.get(name)?.belongsTo ?? []
      if (parents.some((one) => this.#isWrong(one) || one.parent.value === source.name)) return true
      for (const one of parents) seen.add(one.parent.value)
    }
    return false
  }

  #isWrong({ parent }: BelongsTo): boolean {
    return !this.#sources.has(parent.value)
  }
}

/** The first source on the way, the own one included, that says when its rows happened. */
export function timeSourceOf({ source, hops }: Reach): Source | undefined {
  return [source, ...hops.map((hop) => hop.parent)].find((one) => one.occurredAt !== undefined)
}

function namesOf(chain: Chain): readonly string[] {
  return chain.map((hop) => hop.parent.name)
}
