import * as z from 'zod'
import { isReservedField } from '../reserved.ts'
import { COLUMN_OPERATORS } from '../vocabulary.ts'
import { choice } from './choice.ts'
import {
  definitionShape,
  expecting,
  literal,
  nameOf,
  nameText,
  pastWindow,
  pii,
  purposes,
  type RawLiteral,
  sql,
  via,
} from './common.ts'
import { condition, type RawCondition, rowCondition } from './condition.ts'
import { columnReference } from './entity.ts'
import { pickByKey } from './keyed.ts'
import { object } from './object.ts'

export type RawTrait = z.input<typeof trait>

export type RawBranch =
  | { readonly when: RawCondition; readonly then: RawLiteral }
  | { readonly else: RawLiteral }

const OPERATORS = ['count', ...COLUMN_OPERATORS, 'case', 'sql']
/** What chooses rows; `case` and `sql` read none. */
const OF_ROWS = ['within', 'where', 'via']

const whenBranch = object({
  when: condition.meta({ description: 'The branch is taken when this holds.' }),
  // biome-ignore lint/suspicious/noThenProperty: it is the word of the project's YAML; nothing awaits a schema
  then: literal.meta({ description: 'The value then.' }),
})
const elseBranch = object({ else: literal.meta({ description: 'The value otherwise.' }) })
const branch = choice<RawBranch>(
  [whenBranch, elseBranch],
  pickByKey({ kinds: { when: whenBranch, else: elseBranch }, otherwise: 'branch' }),
)

export const trait = object(
  {
    name: nameText.meta({ description: 'A column of the profile table.' }),
    entity: nameOf('entities').meta({ description: 'Of which entity.' }),
    count: nameOf('sources').optional().meta({ description: 'Rows of this source.' }),
    sum: columnReference.optional().meta({ description: 'Sum of source.column.' }),
    avg: columnReference.optional().meta({ description: 'Average of source.column.' }),
    min: columnReference.optional().meta({ description: 'Least of source.column.' }),
    max: columnReference.optional().meta({ description: 'Greatest of source.column.' }),
    count_distinct: columnReference.optional().meta({ description: 'Different values of source.column.' }),
    most_frequent: columnReference.optional().meta({ description: 'Most frequent value of source.column.' }),
    case: z.array(branch, expecting('list')).min(1, expecting('filled_list')).optional().meta({
      description: 'The value of the first branch whose condition holds.',
    }),
    sql: sql.optional().meta({ description: 'An expression; {name} is another trait or a profile field.' }),
    within: pastWindow.optional().meta({ description: 'Only rows of the window before as_of.' }),
    where: rowCondition.optional().meta({ description: 'Only rows whose columns say so.' }),
    default: literal.optional().meta({ description: 'The value of nothing.' }),
    via: via.optional(),
    purposes: purposes.optional(),
    pii: pii.optional().meta({ description: 'The kind of personal data, or none.' }),
    ...definitionShape,
  },
  {
    one: [{ keys: OPERATORS, what: 'operator' }],
    excludes: { case: OF_ROWS, sql: OF_ROWS },
    also: judgeTrait,
  },
)

function judgeTrait(
  value: Readonly<Record<string, unknown>>,
  report: Parameters<Parameters<typeof choice>[1]>[1],
): void {
  const { name, entity } = value
  if (typeof name === 'string' && isReservedField(String(entity), name))
    report({
      kind: 'said',
      code: 'SLU1006',
      expected: 'another name',
      found: `"${name}", which is the column of the entity's id`,
      mark: 'value',
      path: ['name'],
    })
  const branches: readonly unknown[] = Array.isArray(value.case) ? value.case : []
  for (const [index, one] of branches.slice(0, -1).entries())
    if (typeof one === 'object' && one !== null && Object.hasOwn(one, 'else'))
      report({
        kind: 'said',
        code: 'SLU1007',
        expected: '"else" in the last branch only',
        found: 'branches after it',
        mark: 'key',
        path: ['case', index, 'else'],
      })
}
