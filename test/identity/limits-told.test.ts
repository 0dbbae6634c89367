import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SqlValue } from '../../src/warehouse/warehouse.ts'
import { forEachEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

/** People with an account, a mail address and a phone, and what their identity says beside. */
function people(identifiers: string, limits = ''): string {
  return `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at}
entities:
  - name: person
    identity:
      from:
        - {source: people, ids: {user: {any: [account, second]}, mail: mail, phone: phone}}
        - {source: visits, ids: {phone: phone, user: account}}
      identifiers: ${identifiers}
      ${limits}
`
}

interface Case {
  readonly name: string
  readonly yaml: string
  /** `id account second mail phone`; `-` is absent. */
  readonly people: readonly string[]
  /** `id account phone`. */
  readonly visits?: readonly string[]
  /** `1 2 | 3`: which records are together. */
  readonly together: string
  readonly refused: readonly string[]
}

const ONE_ACCOUNT = people('{user: {max_per_entity: 1}}')

const CASES: readonly Case[] = [
  {
    name: 'two accounts that were used with one phone stay two people, and the phone tells of neither',
    yaml: ONE_ACCOUNT,
    people: ['1 u1 - - 01', '2 u2 - - 01', '3 u1 - - -', '4 u2 - - -'],
    together: '1 3 | 2 4',
    refused: ['phone 01 max_per_entity 2'],
  },
  {
    name: 'a person without an account goes with one of two accounts, not with both',
    yaml: people('{user: {max_per_entity: 1}, mail: {priority: 1}, phone: {priority: 2}}'),
    people: ['1 u1 - a -', '2 u2 - - 01', '3 - - a 01'],
    together: '1 3 | 2',
    refused: ['phone 01 max_per_entity 2'],
  },
  {
    name: 'with the priorities the other way round it goes with the other one',
    yaml: people('{user: {max_per_entity: 1}, mail: {priority: 2}, phone: {priority: 1}}'),
    people: ['1 u1 - a -', '2 u2 - - 01', '3 - - a 01'],
    together: '1 | 2 3',
    refused: ['mail a max_per_entity 2'],
  },
  {
    name: 'without priorities the type with a limit is believed first',
    yaml: people('{user: {}, mail: {max_per_entity: 1}, phone: {}}'),
    people: ['1 u1 - a -', '2 u1 - b -', '3 - - a -', '4 - - b -'],
    together: '1 3 | 2 4',
    refused: ['user u1 max_per_entity 2'],
  },
  {
    name: 'a limit of two lets two in, and not three',
    yaml: people('{user: {max_per_entity: 2}, mail: {priority: 1}}'),
    people: ['1 u1 - a 01', '2 u2 - a 02', '3 u3 - - 01', '4 u4 - b -', '5 u5 - b -'],
    together: '1 2 | 3 | 4 5',
    refused: ['phone 01 max_per_entity 2'],
  },
  {
    name: 'whoever is within the limit is joined as ever, by whatever identifiers',
    yaml: ONE_ACCOUNT,
    people: ['1 u1 - a -', '2 - - a 01', '3 u1 - - 01', '4 u9 - - 09', '5 - - z 09'],
    together: '1 2 3 | 4 5',
    refused: [],
  },
  {
    name: 'a record over the limit by itself stays one, alone, and its values join the others',
    yaml: ONE_ACCOUNT,
    people: ['1 u1 u2 a -', '2 u1 - - -', '3 u1 - - -', '4 u2 - - -', '5 - - a -', '6 - - a -'],
    together: '1 | 2 3 | 4 | 5 6',
    refused: ['user u1 record_over_limit 1', 'user u2 record_over_limit 1'],
  },
  {
    name: 'an account that too many share counts in no limit',
    yaml: people('{user: {max_per_entity: 1, max_records: 2}}'),
    people: ['1 u1 - a -', '2 guest - a -', '3 guest - - -', '4 guest - - -'],
    together: '1 2 | 3 | 4',
    refused: ['user guest max_records 3'],
  },
  {
    name: 'no entity has more records than it may, and events with the same identifiers are one',
    yaml: people('{mail: {priority: 1}, phone: {priority: 2}}', 'max_entity_size: 3'),
    people: ['1 - - a 01', '2 - - a -', '3 - - b 01', '4 - - b -'],
    visits: ['v1 u8 01', 'v2 u8 -', 'v3 u8 -', 'v4 u8 -'],
    together: '1 2 | 3 4 | v1 v2 v3 v4',
    refused: ['phone 01 max_entity_size 3'],
  },
  {
    name: 'two records of a list are never one, however they are joined',
    yaml: people('{mail: {priority: 1}}', 'block: [["people:1", "people:3"]]'),
    people: ['1 - - a -', '2 - - a 01', '3 - - - 01', '4 - - - 09', '5 - - - 09'],
    together: '1 2 | 3 | 4 5',
    refused: ['phone 01 block 2'],
  },
  {
    name: 'two lists are two rules, a list of three keeps all three apart, and who is not there is nobody',
    yaml: people(
      '{}',
      'block: [["people:1", "people:2", "visits:v1"], ["people:3", "people:4"], ["people:9", "people:5"]]',
    ),
    people: ['1 - - a -', '2 - - a -', '3 - - b -', '4 - - b -', '5 - - c -', '6 - - c -'],
    visits: ['v1 - 01', 'v2 u2 01'],
    together: '1 | 2 | 3 | 4 | 5 6 | v1 v2',
    refused: ['mail a block 2', 'mail b block 2'],
  },
  {
    name: 'events with the same identifiers are one record and cannot be kept apart',
    yaml: people('{}', 'block: [["visits:v1", "visits:v2"]]'),
    people: ['1 u1 - - -'],
    visits: ['v1 u1 -', 'v2 u1 -'],
    together: '1 v1 v2',
    refused: [],
  },
  {
    name: 'an event whose every identifier was refused belongs to nobody, a record is an entity of its own',
    yaml: ONE_ACCOUNT,
    people: ['1 u1 - - 01', '2 u2 - - 01', '3 - - - 01'],
    visits: ['v1 - 01', 'v2 u1 01'],
    together: '1 v2 | 2 | 3',
    refused: ['phone 01 max_per_entity 5'],
  },
  {
    name: 'a value that breaks two limits is told with both',
    yaml: people('{user: {max_per_entity: 1}}', 'max_entity_size: 1'),
    people: ['1 u1 - - 01', '2 u2 - - 01'],
    together: '1 | 2',
    refused: ['phone 01 max_entity_size 2', 'phone 01 max_per_entity 2'],
  },
]

async function load(lab: IdentityLab, { people: rows, visits = [] }: Pick<Case, 'people' | 'visits'>) {
  const cells = (row: string): readonly SqlValue[] =>
    row.split(' ').map((cell) => (cell === '-' ? null : cell))
  await lab.load('people', ['id', 'account', 'second', 'mail', 'phone'], rows.map(cells))
  await lab.load(
    'visits',
    ['id', 'account', 'phone', 'seen_at'],
    visits.map((row) => [...cells(row), '2025-01-01']),
  )
}

async function together(lab: IdentityLab): Promise<string> {
  const rows = await lab.rows('select record_id, person_id from sluice.person_identity')
  const groups = Map.groupBy(rows, (row) => String(row.person_id))
  return [...groups.values()]
    .map((all) =>
      all
        .map((row) => String(row.record_id))
        .sort()
        .join(' '),
    )
    .sort()
    .join(' | ')
}

async function refused(lab: IdentityLab): Promise<readonly string[]> {
  const rows = await lab.rows('select identifier, value, reason, records from sluice.person_refused')
  return rows.map((row) => `${row.identifier} ${row.value} ${row.reason} ${row.records}`).sort()
}

forEachEngine((engine, open) => {
  for (const one of CASES)
    test(`${engine}: ${one.name}`, async (context) => {
      const lab = await openIdentityLab(await open(context), one.yaml)
      await load(lab, one)
      await lab.build()
      assert.equal(await together(lab), one.together)
      assert.deepEqual(await refused(lab), one.refused)
    })

  test(`${engine}: where a new limit takes an entity apart, its id stays with the part that holds its first record`, async (context) => {
    const lab = await openIdentityLab(await open(context), people('{}'))
    await load(lab, { people: ['1 u1 - - 01'] })
    await lab.build()
    const [before] = await lab.rows('select person_id from sluice.person_identity')
    await load(lab, { people: ['1 u1 - - 01', '2 u2 - - 01', '3 u2 - - -'] })
    await lab.build()
    assert.equal(await together(lab), '1 2 3')
    await lab.build({ yaml: ONE_ACCOUNT })
    assert.equal(await together(lab), '1 | 2 3')
    const rows = await lab.rows('select record_id, person_id from sluice.person_identity')
    const idOf = new Map(rows.map((row) => [row.record_id, row.person_id]))
    assert.equal(idOf.get('1'), before?.person_id)
    const splits = await lab.rows('select from_id, into_id from sluice.person_splits')
    assert.deepEqual(
      splits.map((row) => [row.from_id, row.into_id]),
      [[before?.person_id, idOf.get('2')]],
    )
    await lab.build({ yaml: people('{}') })
    assert.equal(await together(lab), '1 2 3')
    const merged = await lab.rows('select from_id, into_id from sluice.person_merges')
    assert.deepEqual(
      merged.map((row) => [row.from_id, row.into_id]),
      [[idOf.get('2'), before?.person_id]],
    )
  })
})
