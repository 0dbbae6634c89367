import { type Fragment, id, join, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'

/**
 * The common table expressions of one statement about an entity. Their names start with the entity's and are longer,
 * so none hides a table that the statement reads.
 */
export class Expressions {
  readonly #entity: Entity
  readonly #made: Fragment[] = []
  readonly #counts = new Map<string, number>()

  constructor(entity: Entity) {
    this.#entity = entity
  }

  /** Gives the name: `customer_events_1`. */
  add(what: string, query: Fragment): Fragment {
    const count = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, count)
    const alias = id(`${this.#entity.name}_${what}_${count}`)
    this.#made.push(sql`${alias} as (\n${query})`)
    return alias
  }

  /** `with ...` and the query, or the query alone. */
  before(query: Fragment): Fragment {
    if (this.#made.length === 0) return query
    return sql`with ${join(this.#made, ',\n')}\n${query}`
  }
}

/** The column of an entity's id, in all tables of ours. */
export function idColumn(entity: Entity): Fragment {
  return id(`${entity.name}_id`)
}
