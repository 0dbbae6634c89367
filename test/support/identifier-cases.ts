import type { SqlValue } from '../../src/warehouse/warehouse.ts'

/** A project with one source of text columns `id` and `columns`, stitched as told. */
export function people(columns: readonly string[], ids: string, identifiers: string): string {
  return `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: ${ids}}]
      identifiers: ${identifiers}
# ${columns.join(' ')}
`
}

type Rows = readonly (readonly SqlValue[])[]

/** What two records have in common, and what is refused. */
interface Case {
  readonly name: string
  readonly columns: readonly string[]
  readonly ids: string
  readonly identifiers: string
  readonly rows: Rows
  readonly together: string
  readonly refused?: readonly string[]
}

export const CASES: readonly Case[] = [
  {
    name: 'null, empty and blank values are absent, whatever the normaliser',
    columns: ['a', 'b', 'c'],
    ids: '{raw: a, email: b, text: c}',
    identifiers: '{email: {normalize: email}, text: {normalize: text}}',
    rows: [
      ['1', null, ' ', '\t'],
      ['2', '', '  ', '\n'],
      ['3', '  ', '', null],
      ['4', null, ' ', '\t'],
    ],
    together: '1 | 2 | 3 | 4',
  },
  {
    name: 'without a normaliser values are compared as they stand',
    columns: ['a'],
    ids: '{raw: a}',
    identifiers: '{}',
    rows: [
      ['1', 'x'],
      ['2', 'X'],
      ['3', ' x'],
      ['4', 'x'],
    ],
    together: '1 4 | 2 | 3',
  },
  {
    name: 'email and text are compared trimmed and in lower case',
    columns: ['a', 'b'],
    ids: '{email: a, text: b}',
    identifiers: '{email: {normalize: email}, text: {normalize: text}}',
    rows: [
      ['1', ' Ada@Example.com', null],
      ['2', 'ada@example.COM\n', 'Ünal'],
      ['3', null, 'üNAL '],
      ['4', null, 'unal'],
    ],
    together: '1 2 3 | 4',
  },
  {
    name: 'the type is part of the identity of a value',
    columns: ['a', 'b'],
    ids: '{one: a, two: b}',
    identifiers: '{}',
    rows: [
      ['1', 'x', null],
      ['2', null, 'x'],
      ['3', 'x', null],
    ],
    together: '1 3 | 2',
  },
  {
    name: 'several columns of one type join across columns',
    columns: ['a', 'b', 'c'],
    ids: '{mail: {any: [a, b, c]}}',
    identifiers: '{mail: {normalize: email}}',
    rows: [
      ['1', 'x', 'y', null],
      ['2', null, null, 'Y'],
      ['3', 'z', 'z', 'z'],
      ['4', null, 'Z ', null],
      ['5', null, null, null],
    ],
    together: '1 2 | 3 4 | 5',
  },
  {
    name: 'a composite is absent when a part is, and its parts do not run together',
    columns: ['a', 'b'],
    ids: '{pair: [a, b]}',
    identifiers: '{pair: {normalize: text}}',
    rows: [
      ['1', 'x', 'y'],
      ['2', ' X', 'Y '],
      ['3', 'x', null],
      ['4', 'x', null],
      ['5', 'x|y', ''],
      ['6', 'a|b', 'c'],
      ['7', 'a', 'b|c'],
      ['8', 'a\\', '|b'],
      ['9', 'a\\|', 'b'],
    ],
    together: '1 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9',
  },
  {
    name: 'an expression of the user is compared as text',
    columns: ['a', 'n_n'],
    ids: `{mail: {any: [a, {sql: "lower(a) -- a comment"}]}, number: {sql: "n_n + 1"}}`,
    identifiers: '{}',
    rows: [
      ['1', 'X', 1],
      ['2', 'x', 2],
      ['3', null, 1],
      ['4', null, null],
    ],
    together: '1 2 3 | 4',
  },
  {
    name: 'ignored values are compared after normalising, join nothing and are counted',
    columns: ['a', 'b'],
    ids: '{mail: {any: [a, b]}, plain: a}',
    identifiers: '{mail: {normalize: email, ignore: [" N/A", "x@test"]}}',
    rows: [
      ['1', 'n/a', 'q'],
      ['2', 'N/a ', null],
      ['3', 'X@TEST', 'Q'],
      ['4', null, 'n/a'],
    ],
    together: '1 3 | 2 | 4',
    refused: ['mail n/a ignore 3', 'mail x@test ignore 1'],
  },
  {
    name: 'patterns of ignored values do the same',
    columns: ['a'],
    ids: '{mail: a}',
    identifiers: `{mail: {normalize: email, ignore_patterns: ["^test[0-9]+@"]}}`,
    rows: [
      ['1', 'TEST12@x'],
      ['2', 'test12@x'],
      ['3', 'test@x'],
      ['4', 'test@x'],
    ],
    together: '1 | 2 | 3 4',
    refused: ['mail test12@x ignore 2'],
  },
  {
    name: 'a value on more than max_records records joins nothing, on exactly as many it does',
    columns: ['a', 'b'],
    ids: '{mail: a, other: b}',
    identifiers: '{mail: {max_records: 2}, other: {max_records: 3}}',
    rows: [
      ['1', 'x', null],
      ['2', 'x', 'p'],
      ['3', 'x', 'p'],
      ['4', 'y', 'p'],
      ['5', 'y', 'q'],
      ['6', null, 'q'],
      ['7', null, 'q'],
      ['8', null, 'q'],
    ],
    together: '1 | 2 3 4 5 | 6 | 7 | 8',
    refused: ['mail x max_records 3', 'other q max_records 4'],
  },
  {
    name: 'a value that stands twice in one record is held by one record',
    columns: ['a', 'b'],
    ids: '{mail: {any: [a, b]}}',
    identifiers: '{mail: {max_records: 2}}',
    rows: [
      ['1', 'x', 'x'],
      ['2', 'x', 'x'],
    ],
    together: '1 2',
    refused: [],
  },
]

/** National number, default country, E.164 or absent. */
export const PHONES: readonly (readonly [string, string | undefined, string | null])[] = [
  ['+33 6 12 34 56 78', undefined, '+33612345678'],
  ['0033 6 12 34 56 78', undefined, '+33612345678'],
  ['(+33) 6-12.34/56 78', 'DE', '+33612345678'],
  ['06 12 34 56 78', 'FR', '+33612345678'],
  ['612345678', 'FR', '+33612345678'],
  ['006 12 34 56 78', 'FR', '+612345678'],
  ['(020) 7946 0958', 'GB', '+442079460958'],
  ['(415) 555-2671', 'US', '+14155552671'],
  ['06 698 12345', 'IT', '+390669812345'],
  ['0549 882345', 'SM', '+3780549882345'],
  ['06 69812345', 'VA', '+390669812345'],
  ['333 123 4567', 'IT', '+393331234567'],
  ['0612345678', undefined, null],
  ['33612345678', undefined, null],
  ['12345', 'FR', null],
  ['+1234567', undefined, null],
  ['+12345678', undefined, '+12345678'],
  ['+123456789012345', undefined, '+123456789012345'],
  ['+1234567890123456', undefined, null],
  ['none', 'FR', null],
  ['+', 'FR', null],
  ['00', undefined, null],
  ['0', 'FR', null],
  ['', 'FR', null],
]

/** A project that refuses each number that two records hold, so that the normalised values stand in a table. */
export function phonesOf(country: string | undefined): string {
  const rule = country === undefined ? '' : `, default_country: ${country}`
  return people(['a', 'b'], '{phone: a, e164: b}', `{phone: {normalize: phone, max_records: 1${rule}}}`)
}

/** Each number of a default country twice. */
export function phoneRows(country: string | undefined): Rows {
  return PHONES.filter(([, found]) => found === country).flatMap(([text], index) => [
    [`${index}a`, text, null],
    [`${index}b`, text, null],
  ])
}
