import type { Located } from '../base/position.ts'
import type { ColumnReference, Entity } from '../spec/project.ts'
import type { RowsUse } from './condition-uses.ts'
import type { Reach } from './graph.ts'
import type { Scope } from './scope.ts'
import { timeSourceOf } from './ways.ts'

/**
 * Tells, once for each source and entity, that rows do not reach: the mistake is most likely in the source, not in each
 * of the hundred places that count on it.
 */
export class RowChecks {
  readonly #scope: Scope
  readonly #unreached = new Set<string>()

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** That the rows are there, reach the entity in one way, and have a time when one is asked for. */
  check({ source, via, timed }: RowsUse, entity: Entity): void {
    const reach = this.reach(source, entity, via)
    if (reach === undefined || timed === undefined || timeSourceOf(reach) !== undefined) return
    const name = source.value
    this.#scope.report.error('SLU2010', {
      message: `expected rows that have a time for "${timed.what}", found those of ${name}`,
      at: timed.at,
      hint: `give ${name} an "occurred_at", or let it belong to a source that has one`,
    })
  }

  /**
   * How the rows reach the entity. Undefined: they do not, and it is told. `via` is null where the language has no word
   * to choose a way.
   */
  reach(
    source: Located<string>,
    entity: Entity,
    via: readonly Located<string>[] | null | undefined,
  ): Reach | undefined {
    const { sources } = this.#scope.project
    const names = [source, ...(via ?? [])]
    const known = names.filter((name) => this.#scope.resolve('source', name, sources) !== undefined)
    if (known.length < names.length) return undefined
    const found = this.#scope.ways.find(
      source.value,
      entity.name,
      via?.map((one) => one.value),
    )
    if (found.kind === 'one') return found.reach
    if (found.kind === 'several') this.#tellSeveral(source, entity, found.ways, via !== null)
    else if (found.kind === 'none' && via) this.#tellNoWay(source, entity, via)
    else if (found.kind === 'none') this.#tellNone(source, entity)
    return undefined
  }

  #tellNone(source: Located<string>, entity: Entity): void {
    const key = `${source.value} ${entity.name}`
    if (this.#unreached.has(key)) return
    this.#unreached.add(key)
    this.#scope.report.error('SLU2007', {
      message: `expected a source whose rows reach ${entity.name}, found ${source.value}`,
      at: source.at,
      hint: `${entity.identity === undefined ? '' : `list its ids in the identity of ${entity.name}, or `}let ${source.value} belong to a source that reaches ${entity.name}`,
    })
  }

  #tellSeveral(
    source: Located<string>,
    entity: Entity,
    ways: readonly (readonly string[])[],
    choosable: boolean,
  ): void {
    const [first = []] = ways
    this.#scope.report.error('SLU2008', {
      message: `expected one way from ${source.value} to ${entity.name}, found ${ways.map((way) => way.join(' -> ')).join(' and ')}`,
      at: source.at,
      hint: choosable
        ? `choose one: via: [${first.join(', ')}]`
        : 'no way can be chosen here; leave one of them out of "belongs_to"',
    })
  }

  #tellNoWay(source: Located<string>, entity: Entity, via: readonly Located<string>[]): void {
    this.#scope.report.error('SLU2009', {
      message: `expected a way from ${source.value} to ${entity.name} through ${via.map((one) => one.value).join(', ')}, found none`,
      at: via[0]?.at ?? source.at,
      hint: '"via" lists sources that the rows belong to, the nearest first',
    })
  }
}

/** The source of `source.column`, with the half of the place that is wrong when the source is. */
export function sourcePart({ source, column, at }: ColumnReference): Located<string> {
  const length = (at.endColumn ?? at.column) - at.column
  const plain = source.length + 1 + column.length
  // Other lengths are behind an alias, or have escapes in them; then all of it is marked.
  const quote = length === plain ? 0 : length === plain + 2 ? 1 : undefined
  if (quote === undefined) return { value: source, at }
  const start = at.column + quote
  return { value: source, at: { ...at, column: start, endColumn: start + source.length } }
}
