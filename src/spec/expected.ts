import type { ErrorCode } from '../base/codes.ts'
import { nearestHint } from '../base/nearest.ts'
import { durationHint } from './forms/duration.ts'
import { knownTimezones } from './forms/timezone.ts'
import { windowHint } from './forms/window.ts'
import { MAX_NAME_LENGTH } from './limits.ts'
import { isMapping } from './mapping.ts'

/** What a value should have been. Schemas give the key as their error; these are the only words shown for it. */
export interface Expectation {
  /** Goes on "expected ...". */
  readonly phrase: string
  /** Default: SLU1001. */
  readonly code?: ErrorCode
  readonly hint?: (found: unknown) => string | undefined
  /** The found value may be a secret: it is not shown. */
  readonly hidden?: boolean
}

const TEXT_HINT = (found: unknown) =>
  typeof found === 'number' || typeof found === 'boolean' ? `put it in quotes: "${found}"` : undefined

const NAME_PHRASE = `a name (a lower-case letter, then letters, digits and _, at most ${MAX_NAME_LENGTH})`

export const EXPECTED = {
  text: { phrase: 'a text', hint: TEXT_HINT },
  filled_text: { phrase: 'a text that is not empty', hint: TEXT_HINT },
  number: { phrase: 'a number', hint: numberHint },
  integer: { phrase: 'a whole number', hint: numberHint },
  positive: { phrase: 'a whole number from 1', hint: numberHint },
  not_negative: { phrase: 'a whole number from 0', hint: numberHint },
  tolerance: { phrase: 'a number from 0', hint: numberHint },
  rate: { phrase: 'a number above 0', hint: numberHint },
  boolean: { phrase: 'true or false', hint: booleanHint },
  list: { phrase: 'a list', hint: listHint },
  filled_list: { phrase: 'a list that is not empty', hint: listHint },
  mapping: { phrase: 'a mapping', hint: mappingHint },
  filled_mapping: { phrase: 'a mapping that is not empty', hint: mappingHint },
  version: { phrase: '1', hint: () => 'this Sluice knows version 1 of the project format' },
  name: { phrase: NAME_PHRASE, code: 'SLU1005', hint: nameHint },
  timezone: { phrase: 'an IANA time zone such as "Europe/Paris"', code: 'SLU1008', hint: timezoneHint },
  schema_name: { phrase: 'a schema name of letters, digits and _', code: 'SLU1005' },
  env_text: {
    phrase: `"\${VAR}" or "\${VAR:-default}"`,
    code: 'SLU1017',
    hidden: true,
    hint: () => 'names of variables are letters, digits and _',
  },
  no_variables: {
    phrase: `a text without "\${...}"`,
    code: 'SLU1017',
    hint: () =>
      'variables are read in targets, in settings of destinations and syncs, and in the table and file of a source',
  },
  sql: { phrase: 'SQL as a text, or a mapping of target types to it' },
  column: { phrase: 'the name of a column', hint: TEXT_HINT },
  columns: { phrase: 'a column or a list of columns', hint: TEXT_HINT },
  column_reference: {
    phrase: 'a column as "source.column"',
    code: 'SLU1008',
    hint: () => 'such as orders.total',
  },
  record_reference: {
    phrase: 'a record as "source:record_id"',
    code: 'SLU1008',
    hint: () => 'such as contacts:17; parts of a key are joined by |',
  },
  two_records: {
    phrase: 'two records or more',
    hint: (found) => (Array.isArray(found) ? `the list has ${found.length}` : undefined),
  },
  object_reference: {
    phrase: 'an object of a destination as "destination.object"',
    code: 'SLU1008',
    hint: () => 'such as crm.contacts',
  },
  block_key: { phrase: 'a name or {prefix: NAME, length: NUMBER}' },
  similarity: { phrase: 'a number above 0, at most 1', hint: numberHint },
  identifier_value: {
    phrase: 'a column, a list of columns, {any: [...]} or {sql: "..."}',
  },
  mapping_value: {
    phrase: 'a name, {value: ...} or {sql: "..."}',
    hint: (found) =>
      typeof found === 'number' || typeof found === 'boolean'
        ? `write a fixed value as {value: ${found}}`
        : undefined,
  },
  sent_identifier: {
    phrase: 'a name, a list of names, {values: [...], default_country: FR} or {sql: "..."}',
  },
  country: {
    phrase: 'a country as two capital letters',
    code: 'SLU1008',
    hint: (found) =>
      typeof found === 'string' && /^[a-z]{2}$/i.test(found)
        ? `did you mean "${found.toUpperCase()}"?`
        : 'such as FR',
  },
  setting: { phrase: 'a text, a number, true or false, a list or a mapping', hidden: true },
  literal: { phrase: 'a text, a number, or true or false', hint: nullHint },
  ordered: {
    phrase: 'a number, a text or a time',
    code: 'SLU1009',
    hint: (found) =>
      typeof found === 'boolean' ? `compare with true or false by eq: {eq: ${found}}` : nullHint(found),
  },
  number_in_test: { phrase: 'a number', code: 'SLU1009', hint: numberHint },
  text_in_test: { phrase: 'a text', code: 'SLU1009', hint: TEXT_HINT },
  two_values: {
    phrase: 'two values as [LOW, HIGH]',
    hint: (found) => (Array.isArray(found) ? `the list has ${found.length}` : undefined),
  },
  time: {
    phrase: 'a date or time such as "2026-01-31" or "2026-01-31T08:00:00Z"',
    code: 'SLU1008',
    hint: TEXT_HINT,
  },
  window: {
    phrase: 'a window such as "90 days" or "next 30 days"',
    code: 'SLU1008',
    hint: (found) => (typeof found === 'string' ? (windowHint(found) ?? UNITS) : UNITS),
  },
  past_window: {
    phrase: 'a window such as "90 days"',
    code: 'SLU1008',
    hint: (found) => (typeof found === 'string' ? (pastHint(found) ?? windowHint(found) ?? UNITS) : UNITS),
  },
  duration: {
    phrase: 'a duration such as "1h" or "10m"',
    code: 'SLU1008',
    hint: (found) =>
      (typeof found === 'string' ? durationHint(found) : undefined) ?? 'a whole number and s, m, h or d',
  },
  limit: {
    phrase: 'a share such as 5%, or a number of rows',
    code: 'SLU1008',
    hint: () => 'a share is from 0% to 100%',
  },
  percent: { phrase: 'a percentage above 0, at most 100', code: 'SLU1008' },
  cron: {
    phrase: 'five cron fields such as "*/15 * * * *"',
    code: 'SLU1008',
    hint: () => 'minute, hour, day of month, month, day of week',
  },
  condition: { phrase: 'a condition such as {trait: NAME, gte: 5}', hint: conditionHint },
  row_condition: { phrase: 'a condition such as {column: NAME, gte: 5}', hint: conditionHint },
  test: { phrase: 'a test such as {gte: 2}', hint: testHint },
  branch: { phrase: 'a branch as {when: CONDITION, then: VALUE} or {else: VALUE}' },
  consent: { phrase: 'a mapping {require: CONDITION}' },
  pii: { phrase: 'a kind of personal data such as email, or none', hint: TEXT_HINT },
} as const satisfies Readonly<Record<string, Expectation>>

export type ExpectedKey = keyof typeof EXPECTED

const UNITS = 'a whole number and hours, days, months or years'

function numberHint(found: unknown): string | undefined {
  return typeof found === 'string' && found.trim() !== '' && Number.isFinite(Number(found))
    ? `take the quotes off: ${Number(found)}`
    : undefined
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  yes: true,
  y: true,
  on: true,
  true: true,
  no: false,
  n: false,
  off: false,
  false: false,
}

function booleanHint(found: unknown): string | undefined {
  if (found === 0 || found === 1) return `did you mean ${found === 1}?`
  const meant = typeof found === 'string' ? BOOLEANS[found.toLowerCase()] : undefined
  return meant === undefined ? undefined : `did you mean ${meant}? yes, no, on and off are texts`
}

function listHint(found: unknown): string | undefined {
  if (found === null) return 'take the key out, or write an empty list: []'
  if (isMapping(found)) return 'start each item with "- "'
  return typeof found === 'string' ? `put it in brackets: [${found}]` : undefined
}

function mappingHint(found: unknown): string | undefined {
  return found === null ? 'take the key out, or write an empty mapping: {}' : undefined
}

function nullHint(found: unknown): string | undefined {
  return found === null ? 'to ask for missing values write is_null: true' : undefined
}

function nameHint(found: unknown): string | undefined {
  if (typeof found !== 'string') return undefined
  const fitting = found
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_NAME_LENGTH)
  return fitting === '' ? undefined : `such as "${fitting}"`
}

function timezoneHint(found: unknown): string | undefined {
  if (typeof found !== 'string') return undefined
  return nearestHint(found, knownTimezones())
}

function pastHint(found: string): string | undefined {
  return /^next [1-9][0-9]* [a-z]+$/.test(found)
    ? '"next" stands only in a test of a time: {trait: NAME, within: next 30 days}'
    : undefined
}

function conditionHint(found: unknown): string | undefined {
  if (Array.isArray(found)) return 'put the list under all: or any:'
  return found === null ? 'for everyone write {all: []}' : undefined
}

function testHint(found: unknown): string | undefined {
  return typeof found === 'number' ? `did you mean {eq: ${found}} or {gte: ${found}}?` : undefined
}
