import * as z from 'zod'
import { choice } from './choice.ts'
import { boolean, expecting, nameText, positiveInteger } from './common.ts'
import { object } from './object.ts'

export type RawCandidates = z.input<typeof candidateRule>
export type RawBlockKey = string | { readonly prefix: string; readonly length: number }

/** 4,950 comparisons: what is done in no time for each of a hundred thousand blocks. They grow with the square. */
export const DEFAULT_MAX_BLOCK = 100

const prefix = object({
  prefix: nameText.meta({ description: 'A fact or an identifier type.' }),
  length: positiveInteger.meta({ description: 'How many of its first characters must be equal.' }),
})

const blockKey = choice<RawBlockKey>([nameText, prefix], (value, report) => {
  if (typeof value === 'string') return nameText
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return prefix
  report({ kind: 'expected', key: 'block_key' })
  return undefined
})

const similarity = object(
  {
    jaro_winkler: z
      .number(expecting('similarity'))
      .gt(0, expecting('similarity'))
      .lte(1, expecting('similarity'))
      .optional()
      .meta({ description: 'From 0 (nothing in common) to 1 (equal); so much, or more.' }),
    edit_distance: positiveInteger
      .optional()
      .meta({ description: 'So many letters inserted, deleted or replaced, or fewer.' }),
  },
  { one: [{ keys: ['jaro_winkler', 'edit_distance'] }] },
)

export const candidateRule = object({
  name: nameText.meta({ description: 'What the rule is called in tables and answers.' }),
  compare: nameText.meta({ description: 'The fact or identifier type whose values are compared.' }),
  block_by: z.array(blockKey, expecting('list')).min(1, expecting('filled_list')).meta({
    description: 'Only records that have all of these in common are compared.',
  }),
  similarity: similarity.meta({ description: 'How alike two values must be.' }),
  max_block: positiveInteger.optional().meta({
    description: 'More records that have all of `block_by` in common are not compared.',
    default: DEFAULT_MAX_BLOCK,
  }),
  link: boolean.optional().meta({
    description: 'true: records that look alike become one entity; else they are only written down.',
    default: false,
  }),
})
