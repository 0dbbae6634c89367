import { type Fragment, isTrue, sql } from '../../dialect/fragment.ts'
import type { Condition, Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import { combine } from './combine.ts'
import { profileLeaf, profileValue } from './leaves.ts'
import { rankQuery } from './rank.ts'
import { idColumn } from './statement.ts'

/**
 * A condition over one row of an entity's profile table (`alias`), for consent: true or false, never null. It may
 * ask for traits, fields, ranks, segments that are built, and the user's SQL. Throws: SLU4308 for events and
 * sequences, whose rows are at hand in a build only.
 */
export function profileCondition(
  context: CompileContext,
  entity: Entity,
  condition: Condition,
  alias: Fragment,
): Fragment {
  const entityId = idColumn(entity)
  const isIn = (ids: Fragment) => sql`${alias}.${entityId} in (${ids})`
  const combined = combine(condition, (leaf) => {
    if (leaf.kind === 'segment')
      return isIn(sql`select ${entityId} from ${tableOf(context.tables.output(`segment_${leaf.name}`))}`)
    if (leaf.kind !== 'rank') return profileLeaf(context, entity, alias, leaf)
    const by = profileValue(context, entity, sql`p`, leaf.by, leaf.at)
    return isIn(rankQuery(context, entity, tableOf(context.tables.output(entity.name)), by, leaf))
  })
  return isTrue(combined)
}
