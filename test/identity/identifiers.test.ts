import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachDialect } from '../support/dialects.ts'
import { CASES, PHONES, people, phoneRows, phonesOf } from '../support/identifier-cases.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'
import { stitch } from '../support/identity-oracle.ts'
import { Random } from '../support/random.ts'

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
      const lab = await openIdentityLab(warehouse, phonesOf(country))
      const vectors = PHONES.filter(([, found]) => found === country)
      await lab.load('people', ['id', 'a', 'b'], phoneRows(country))
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
