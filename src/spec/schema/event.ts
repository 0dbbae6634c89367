import * as z from 'zod'
import { isMapping } from '../mapping.ts'
import { choice } from './choice.ts'
import { columnName, expecting, nameOf, pastWindow, via } from './common.ts'
import { object } from './object.ts'
import {
  countTests,
  judgeEnds,
  judgeTest,
  numberTests,
  OPERATOR,
  type RawTest,
  time,
  valueTests,
} from './test.ts'

const measured = columnName.meta({ description: 'The column that is measured.' })
const count = object(countTests, { one: [operatorOf(countTests)], also: judgeTest })
const numberMeasure = object(
  { column: measured, ...numberTests },
  { one: [operatorOf(numberTests)], also: judgeTest },
)
const countMeasure = object(
  { column: measured, ...countTests },
  { one: [operatorOf(countTests)], also: judgeTest },
)
const valueMeasure = object({ column: measured, ...valueTests }, { one: [OPERATOR], also: judgeTest })

/** `count: 3` is said better than by "expected a mapping". */
const countTest = choice<RawTest>([count], (value, report) => {
  if (isMapping(value)) return count
  report({ kind: 'expected', key: 'test' })
  return undefined
})

/** Given the schema of its `where`, which is a condition itself. */
export function eventOf(row: z.ZodType) {
  return object(
    {
      event: nameOf('sources').meta({ description: 'A source with events of the entity.' }),
      count: countTest.optional().meta({ description: 'How many; default {gte: 1}.' }),
      sum: numberMeasure.optional().meta({ description: 'The sum of a column.' }),
      avg: numberMeasure.optional().meta({ description: 'The average of a column.' }),
      min: valueMeasure.optional().meta({ description: 'The least of a column.' }),
      max: valueMeasure.optional().meta({ description: 'The greatest of a column.' }),
      count_distinct: countMeasure.optional().meta({ description: 'How many different values of a column.' }),
      within: pastWindow.optional().meta({ description: 'Only events of the window before as_of.' }),
      between: z
        .array(time, expecting('two_values'))
        .length(2, expecting('two_values'))
        .optional()
        .meta({ description: 'Only events of [from, to).' }),
      where: row.optional().meta({ description: 'Only events whose columns say so.' }),
      via: via.optional(),
    },
    {
      atMostOne: [
        {
          keys: ['count', 'sum', 'avg', 'min', 'max', 'count_distinct'],
          hint: 'put each into an event of its own under all:',
        },
        { keys: ['within', 'between'] },
      ],
      also: (value, report) => judgeEnds('between', value.between, report),
    },
  )
}

function operatorOf(tests: object) {
  return { ...OPERATOR, keys: Object.keys(tests) }
}
