import type { Located } from '../../base/position.ts'
import type { Condition, Entity, SqlText, Trait } from '../../spec/project.ts'
import { withSegmentsInside } from '../conditions/inline-segments.ts'
import type { CompileContext } from '../context.ts'
import { traitsOf } from '../sources/column-type.ts'
import { columnAlias, type ReachTable, reachTable, sqlAlias } from './reach-table.ts'

/** What a build wants of the rows that reach an entity through one way. */
export interface Need {
  readonly table: ReachTable
  /** Alias in the reach table -> the column as the user wrote it. */
  readonly columns: Map<string, string>
  /** Alias in the reach table -> condition in the user's SQL. */
  readonly conditions: Map<string, SqlText>
  /** The profile wants each row's record_id and recency. */
  record: boolean
}

/**
 * What the nodes need of reached rows, by table; nothing twice. Order: as first needed. Entities `withFields` have their
 * profile's fields already.
 */
export function needsOf(
  context: CompileContext,
  nodeIds: readonly string[],
  withFields: ReadonlySet<string> = new Set(),
): readonly Need[] {
  const needs = new Needs(context)
  for (const nodeId of nodeIds) {
    const node = context.graph.nodes.get(nodeId)
    const { entities, segments } = context.graph.project
    const profiled = node?.kind === 'entity' ? entities.get(node.name) : undefined
    if (profiled !== undefined && !withFields.has(profiled.name)) needs.ofFields(profiled)
    if (profiled !== undefined) needs.ofTraits(profiled)
    if (node?.kind === 'segment') {
      const segment = segments.get(node.name)
      const entity = entities.get(segment?.entity.value ?? '')
      if (segment !== undefined && entity !== undefined) needs.ofCondition(segment.where, entity)
    }
  }
  return needs.all()
}

/** What the fields of an entity's profile need. */
export function fieldNeeds(context: CompileContext, entity: Entity): readonly Need[] {
  const needs = new Needs(context)
  needs.ofFields(entity)
  return needs.all()
}

class Needs {
  readonly #context: CompileContext
  readonly #found = new Map<string, Need>()

  constructor(context: CompileContext) {
    this.#context = context
  }

  all(): readonly Need[] {
    return [...this.#found.values()]
  }

  ofFields(entity: Entity): void {
    for (const field of entity.profile)
      for (const { source, column, at } of field.from) {
        const need = this.#need({ value: source, at }, entity)
        need.record = true
        this.#column(need, column)
      }
  }

  ofTraits(entity: Entity): void {
    for (const trait of traitsOf(this.#context.graph, entity)) this.#ofTrait(trait, entity)
  }

  /** Of an entity's condition: what its event conditions and sequences read. Segments inside have needs of their own. */
  ofCondition(condition: Condition, entity: Entity): void {
    switch (condition.kind) {
      case 'all':
      case 'any':
        for (const one of condition.of) this.ofCondition(one, entity)
        return
      case 'not':
        this.ofCondition(condition.of, entity)
        return
      case 'event': {
        const need = this.#need(condition.source, entity, condition.via)
        if (condition.measure.column !== undefined) this.#column(need, condition.measure.column.value)
        this.#rows(need, condition.where)
        return
      }
      case 'sequence':
        for (const step of condition.steps) {
          const need = this.#need(step.source, entity)
          if (condition.same !== undefined) this.#column(need, condition.same.value)
          this.#rows(need, step.where)
        }
        return
      default:
        return
    }
  }

  #ofTrait(trait: Trait, entity: Entity): void {
    const { operator } = trait
    if (operator.kind === 'sql') return
    if (operator.kind === 'case') {
      for (const branch of operator.branches)
        this.ofCondition(withSegmentsInside(this.#context.graph, branch.when), entity)
      return
    }
    const source =
      operator.kind === 'count' ? operator.source : { value: operator.column.source, at: operator.column.at }
    const need = this.#need(source, entity, trait.via)
    if (operator.kind !== 'count') this.#column(need, operator.column.column)
    this.#rows(need, trait.where)
  }

  #need(source: Located<string>, entity: Entity, via?: readonly Located<string>[]): Need {
    const table = reachTable(this.#context, source, entity, via)
    const known = this.#found.get(table.name)
    if (known !== undefined) return known
    const need: Need = { table, columns: new Map(), conditions: new Map(), record: false }
    this.#found.set(table.name, need)
    return need
  }

  #column(need: Need, written: string): void {
    need.columns.set(columnAlias(written, need.table.reach.entity), written)
  }

  #rows(need: Need, where: Condition | undefined): void {
    switch (where?.kind) {
      case 'all':
      case 'any':
        for (const one of where.of) this.#rows(need, one)
        return
      case 'not':
        this.#rows(need, where.of)
        return
      case 'column':
        this.#column(need, where.name)
        return
      case 'sql':
        need.conditions.set(sqlAlias(this.#context, where.sql), where.sql)
        return
      default:
        return
    }
  }
}
