import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlValue } from '../../src/warehouse/warehouse.ts'
import { forEachDialect } from '../support/dialects.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import { stitch } from '../support/identity-oracle.ts'
import { Random } from '../support/random.ts'

/** A project with one source of text columns `id` and `columns`, stitched as told. */
function people(columns: readonly string[], ids: string, identifiers: string): string {
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

/** `1 2 | 3`: which record ids are together. */
async function together(lab: IdentityLab): Promise<string> {
  const rows = await lab.rows('select source, record_id, person_id from sluice.person_identity')
  const groups = new Map<string, string[]>()
  for (const row of rows) {
    const id = String(row.person_id)
    groups.set(id, [...(groups.get(id) ?? []), String(row.record_id)])
  }
  return [...groups.values()]
    .map((ids) => ids.sort().join(' '))
    .sort()
    .join(' | ')
}

async function refused(lab: IdentityLab): Promise<readonly string[]> {
  const rows = await lab.rows('select identifier, value, reason, records from sluice.person_refused')
  return rows.map((row) => `${row.identifier} ${row.value} ${row.reason} ${row.records}`).sort()
}

interface Case {
  readonly name: string
  readonly columns: readonly string[]
  readonly ids: string
  readonly identifiers: string
  readonly rows: Rows
  readonly together: string
  readonly refused?: readonly string[]
}

const CASES: readonly Case[] = [
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
const PHONES: readonly (readonly [string, string | undefined, string | null])[] = [
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

forEachDialect((engine, open) => {
  for (const one of CASES)
    test(`${engine}: ${one.name}`, async (context) => {
      const lab = await openIdentityLab(await open(context), people(one.columns, one.ids, one.identifiers))
      await lab.load('people', ['id', ...one.columns], one.rows)
      await lab.build()
      assert.equal(await together(lab), one.together)
      if (one.refused !== undefined) assert.deepEqual(await refused(lab), one.refused)
    })

  test(`${engine}: phone numbers become E.164, or are absent`, async (context) => {
    const warehouse = await open(context)
    for (const country of new Set(PHONES.map(([, found]) => found))) {
      const rule = country === undefined ? '' : `, default_country: ${country}`
      const lab = await openIdentityLab(
        warehouse,
        people(['a', 'b'], '{phone: a, e164: b}', `{phone: {normalize: phone, max_records: 1${rule}}}`),
      )
      const vectors = PHONES.filter(([, found]) => found === country)
      // Each number twice: what is held twice is refused, and so the values stand in a table.
      const rows = vectors.flatMap(([text], index) => [
        [`${index}a`, text, null],
        [`${index}b`, text, null],
      ])
      await lab.load('people', ['id', 'a', 'b'], rows)
      await lab.build()
      const found = await lab.rows('select value from sluice.person_refused')
      const expected = new Set(vectors.map(([, , e164]) => e164).filter((value) => value !== null))
      assert.deepEqual(
        found.map(({ value }) => String(value)).sort(),
        [...expected].sort(),
        `default country ${country}`,
      )
    }
  })

  test(`${engine}: sources of other types meet as text`, async (context) => {
    const lab = await openIdentityLab(
      await open(context),
      `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: numbers, table: data.numbers, primary_key: id_n}
entities:
  - name: person
    identity: {from: [{source: people, ids: {user: user_id}}, {source: numbers, ids: {user: id_n}}]}
`,
    )
    await lab.load(
      'people',
      ['id', 'user_id'],
      [
        ['a', '7'],
        ['b', '8'],
      ],
    )
    await lab.load('numbers', ['id_n'], [[7], [9]])
    await lab.build()
    assert.equal(await together(lab), '7 a | 9 | b')
  })

  test(`${engine}: events with the same identifiers are one record, whatever their number or columns`, async (context) => {
    const lab = await openIdentityLab(await open(context), EVENTS)
    await lab.load(
      'people',
      ['id', 'mail'],
      [
        ['p1', 'x'],
        ['p2', 'y'],
      ],
    )
    const visits = (count: number, a: string, b: string | null) =>
      Array.from({ length: count }, (_, index) => [`${a}${b}${index}`, a, b, '2025-01-01'])
    await lab.load(
      'visits',
      ['id', 'a', 'b', 'seen_at'],
      [...visits(50, 'x', null), ...visits(3, 'y', 'z'), ...visits(3, 'z', 'y'), ...visits(3, 'y', 'y')],
    )
    await lab.build()
    const rows = await lab.rows('select source, node_key from sluice.person_nodes')
    assert.equal(rows.length, 5, 'x; y and z in either order; y')
    assert.equal((await together(lab)).split(' | ').length, 2)
    assert.deepEqual(await refused(lab), [])
  })

  test(`${engine}: an event without a usable identifier belongs to none, a record is an entity of its own`, async (context) => {
    const lab = await openIdentityLab(await open(context), EVENTS)
    await lab.load(
      'people',
      ['id', 'mail'],
      [
        ['p1', null],
        ['p2', 'many'],
        ['p3', 'many'],
        ['p4', 'many'],
      ],
    )
    await lab.load(
      'visits',
      ['id', 'a', 'b', 'seen_at'],
      [
        ['v1', null, ' ', '2025-01-01'],
        ['v2', 'many', null, '2025-01-01'],
        ['v3', 'many', null, '2025-01-01'],
        ['v4', 'many', 'alone', '2025-01-01'],
        ['v5', 'n/a', null, '2025-01-01'],
      ],
    )
    const { nodes } = await lab.build()
    assert.equal(await together(lab), 'p1 | p2 | p3 | p4 | v4')
    assert.deepEqual(
      nodes.filter(({ kind }) => kind === 'identity').map(({ rows, unattached }) => [rows, unattached]),
      [[5, 4]],
    )
    assert.deepEqual(await refused(lab), ['mail many max_records 5', 'mail n/a ignore 1'])
  })

  test(`${engine}: events at or after as_of do not exist, one without a time does`, async (context) => {
    const lab = await openIdentityLab(await open(context), EVENTS)
    await lab.load('people', ['id', 'mail'], [['p1', 'x']])
    await lab.load(
      'visits',
      ['id', 'a', 'b', 'seen_at'],
      [
        ['before', 'x', 'y', '2025-12-31 23:59:59.999'],
        ['at', 'x', 'q', '2026-01-01 00:00:00'],
        ['after', 'q', null, '2026-06-01'],
        ['timeless', 'y', null, null],
      ],
    )
    await lab.build({ asOf: '2026-01-01T00:00:00.000Z' })
    assert.equal(await together(lab), 'before p1 timeless')
  })

  test(`${engine}: an event that was delivered twice is one record`, async (context) => {
    const lab = await openIdentityLab(await open(context), EVENTS)
    await lab.load('people', ['id', 'mail'], [])
    await lab.load(
      'visits',
      ['id', 'a', 'b', 'seen_at'],
      [
        ['v1', 'x', null, '2025-01-01'],
        ['v1', 'x', null, '2025-01-01'],
      ],
    )
    await lab.build()
    assert.equal(await together(lab), 'v1')
  })

  test(`${engine}: random records and events of several types fall apart as the oracle says`, async (context) => {
    const lab = await openIdentityLab(await open(context), EVENTS)
    for (let seed = 1; seed <= (engine === 'duckdb' ? 12 : 5); seed += 1) {
      const random = new Random(seed)
      const value = () => (random.chance(35) ? null : `m${random.below(25)}`)
      const records = Array.from({ length: random.below(40) }, (_, index) => [`p${index}`, value()] as const)
      const visits = Array.from(
        { length: random.below(60) },
        (_, index) => [`v${index}`, value(), value()] as const,
      )
      await lab.load('people', ['id', 'mail'], records)
      await lab.load(
        'visits',
        ['id', 'a', 'b', 'seen_at'],
        visits.map((row) => [...row, '2025-01-01']),
      )
      await lab.build()
      const present = (values: readonly (string | null)[]) => values.filter((one) => one !== null)
      const expected = stitch(
        [
          {
            name: 'people',
            isEvent: false,
            rows: records.map(([key, mail]) => ({ key, ids: { mail: present([mail]) } })),
          },
          {
            name: 'visits',
            isEvent: true,
            rows: visits.map(([key, a, b]) => ({ key, ids: { mail: present([a, b]) } })),
          },
        ],
        { mail: 4 },
      )
      const groups = new Map<string, string[]>()
      for (const [record, node] of expected.records) {
        const root = expected.components.get(node) ?? ''
        groups.set(root, [...(groups.get(root) ?? []), record.split('|')[1] ?? ''])
      }
      const wanted = [...groups.values()]
        .map((ids) => ids.sort().join(' '))
        .sort()
        .join(' | ')
      assert.equal(await together(lab), wanted, `seed ${seed}`)
    }
  })
})

const EVENTS = `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at, detect_removals: true}
entities:
  - name: person
    identity:
      from: [{source: people, ids: {mail: mail}}, {source: visits, ids: {mail: {any: [a, b]}}}]
      identifiers: {mail: {max_records: 4, ignore: ["n/a"]}}
`
