import * as z from 'zod'
import type { ExpectedKey } from '../expected.ts'
import { envParts, readsVariables } from '../forms/env-text.ts'
import { isPastWindow, isWindow, PAST_WINDOW, WINDOW } from '../forms/window.ts'
import { NAME, TARGET_TYPES } from '../vocabulary.ts'
import { choice } from './choice.ts'

/** The key of the words that `expected.ts` has for it; our schemas never use zod's. */
export function expecting(key: ExpectedKey): { readonly error: ExpectedKey } {
  return { error: key }
}

export const nameText = z.string(expecting('name')).regex(NAME, expecting('name'))

/** What a name may refer to: the kinds of names that a project has of its own. */
export type NameKind = 'targets' | 'sources' | 'entities' | 'values' | 'segments' | 'objects'

/** Marks a text as a reference, so that the schema of one project can offer its names (`projectSchema`). */
export function refersTo(kind: NameKind): { readonly refersTo: NameKind } {
  return { refersTo: kind }
}

/** The name of a definition that stands elsewhere. */
export function nameOf(kind: NameKind) {
  return nameText.meta(refersTo(kind))
}

const anyText = z.string(expecting('text'))

/** Not empty, and without variables, which would silently stay unread. */
export const text = plainText('filled_text')

export const columnName = plainText('column')

export const boolean = z.boolean(expecting('boolean'))

export const positiveInteger = z.int(expecting('positive')).min(1, expecting('positive'))

/** A text in which `${VAR}` is read when it is used. */
export const envText = z
  .string(expecting('filled_text'))
  .min(1, expecting('filled_text'))
  .refine((value) => envParts(value) !== undefined, expecting('env_text'))

export const window = z
  .string(expecting('window'))
  .regex(WINDOW, { ...expecting('window'), abort: true })
  .refine(isWindow, expecting('window'))

export const pastWindow = z
  .string(expecting('past_window'))
  .regex(PAST_WINDOW, { ...expecting('past_window'), abort: true })
  .refine(isPastWindow, expecting('past_window'))

export type RawLiteral = string | number | boolean

export const literal = z.union([z.string(), z.number(), z.boolean()], expecting('literal'))

export type RawSql = string | Readonly<Partial<Record<(typeof TARGET_TYPES)[number] | 'default', string>>>

const sqlString = z
  .string(expecting('sql'))
  .regex(/\S/, { ...expecting('sql'), abort: true })
  .refine((value) => !/\$\{[A-Za-z_]/.test(value), expecting('no_variables'))

const sqlByTarget = z
  .strictObject(
    Object.fromEntries(
      [...TARGET_TYPES, 'default'].map((type) => {
        const description = type === 'default' ? 'For every other target.' : `For targets of type ${type}.`
        return [type, sqlString.optional().meta({ description })]
      }),
    ),
  )
  .refine((value) => Object.keys(value).length > 0, expecting('sql'))

export const sql = choice<RawSql>([sqlString, sqlByTarget], (value) =>
  typeof value === 'object' ? sqlByTarget : sqlString,
).meta({ id: 'sql', description: 'SQL of your own: one text, or one for each type of target.' })

export const country = z
  .string(expecting('country'))
  .regex(/^[A-Z]{2}$/, expecting('country'))
  .optional()
  .meta({ description: 'ISO 3166 code for phone numbers without one.' })

export const via = z
  .array(nameOf('sources'), expecting('list'))
  .min(1, expecting('filled_list'))
  .meta({ description: 'The sources on the way to the entity, when there is more than one way.' })

/** A column, or several in order. */
export type RawColumns = string | readonly string[]

const columnList = z.array(columnName, expecting('columns')).min(1, expecting('filled_list'))

export const columns = choice<RawColumns>([columnName, columnList], (value, report) => {
  if (typeof value === 'string') return columnName
  if (Array.isArray(value)) return columnList
  report({ kind: 'expected', key: 'columns' })
  return undefined
})

export const purposes = z.array(nameText, expecting('list')).meta({
  description: 'What the values may be used for; a sync with another purpose does not compile.',
})

/** `email`, `phone`, ...; `none`: no personal data, shown unmasked. */
export const pii = z.string(expecting('pii')).regex(NAME, expecting('pii'))

export const definitionShape = {
  description: anyText.optional().meta({ description: 'What it is, for people.' }),
  owner: text.optional().meta({ description: 'Who to ask.' }),
  tags: z.array(text, expecting('list')).optional().meta({ description: 'For `--select tag:NAME`.' }),
  meta: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'Anything of your own; Sluice does not read it.' }),
  enabled: boolean.optional().meta({ description: 'false: as if it were not there.', default: true }),
}

function plainText(key: ExpectedKey) {
  return z
    .string(expecting(key))
    .min(1, expecting(key))
    .refine((value) => !readsVariables(value), expecting('no_variables'))
}
