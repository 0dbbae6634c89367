import type { Random } from '../support/random.ts'
import { POISON, POISON_FOR_ALL } from './oracle.ts'

const ROWS = 600
/** Enough for many requests a run, few enough that what was lost in one is seldom repaired by the next. */
const ROWS_A_MUTATION = 80
const LAST = '(select max(touched) from people)'
const VALUES = ['v0', 'v1', 'v2']

export const MODEL_QUERY = 'select id, city from people where present'

export function fillModel(): readonly string[] {
  const rows = Array.from({ length: ROWS }, (_, at) => `('${idOf(at)}', 'v0', true, 'v0', true, 0)`)
  return [
    `create table people (id varchar(20), city varchar(20), present boolean, city_before varchar(20),
      present_before boolean, touched integer)`,
    `insert into people values ${rows.join(', ')}`,
  ]
}

/**
 * Takes back the last changes, once: what a run sent that was killed meanwhile is not what the model says any more, and
 * what was acknowledged before says that nothing changed.
 */
export function takeBack(): string {
  return `update people set city = city_before, present = present_before, touched = 0
    where touched >= ${LAST} - 1 and touched > 0`
}

/** Values and keys that come and go. */
export function nextMutation(random: Random): string {
  if (random.chance(30)) return takeBack()
  const from = random.below(ROWS - ROWS_A_MUTATION)
  const [vanish, poison] = [from + random.below(ROWS_A_MUTATION - 10), from + random.below(ROWS_A_MUTATION)]
  return `update people set city_before = city, present_before = present, touched = ${LAST} + 1,
    city = case
      when id = '${idOf(poison)}' then '${random.pick([POISON, POISON_FOR_ALL])}'
      else '${random.pick(VALUES)}'
    end,
    present = not (id between '${idOf(vanish)}' and '${idOf(vanish + 9)}')
    where id between '${idOf(from)}' and '${idOf(from + ROWS_A_MUTATION - 1)}'`
}

function idOf(at: number): string {
  return `p${at + 1000}`
}
