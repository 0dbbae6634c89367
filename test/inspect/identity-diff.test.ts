import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SluiceError } from '../../src/base/errors.ts'
import { identityDiff } from '../../src/inspect/identity-diff.ts'
import { forEachEngine } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

function project(identifiers: string): string {
  return `sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: mails, table: data.mails, primary_key: email}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at}
entities:
  - name: person
    identity:
      from:
        - {source: people, ids: {user: account, phone: phone}}
        - {source: mails, ids: {email: email, phone: phone}}
        - {source: visits, ids: {user: account, phone: phone}}
      identifiers: ${identifiers}
`
}

const PLAIN = project('{}')
const ONE_ACCOUNT = project('{user: {max_per_entity: 1}}')

/** u1 and u2 share a phone; mail m@x.example has another one. */
async function shop(lab: IdentityLab): Promise<void> {
  await lab.load(
    'people',
    ['id', 'account', 'phone'],
    [
      ['p1', 'u1', '01'],
      ['p2', 'u2', '01'],
      ['p3', 'u2', null],
      ['p4', 'u4', '+09'],
    ],
  )
  await lab.load('mails', ['email', 'phone'], [['mia@x.example', '09']])
  await lab.load('visits', ['id', 'account', 'phone', 'seen_at'], [['v1', 'u1', null, '2025-01-01']])
}

async function diff(lab: IdentityLab, yaml: string) {
  const run = await lab.run({ yaml })
  const entity = run.graph.project.entities.get('person')
  assert.ok(entity !== undefined)
  return identityDiff(run, entity)
}

forEachEngine((engine, open) => {
  test(`${engine}: a limit shows whom it would split, with ids and records, and publishes nothing`, async (context) => {
    const lab = await openIdentityLab(await open(context), PLAIN)
    await shop(lab)
    await lab.build()
    const before = await lab.rows('select * from sluice.person_identity order by source, record_id')
    const found = await diff(lab, ONE_ACCOUNT)
    assert.deepEqual(
      [found.rulesChanged, found.before, found.after, found.newRecords, found.goneRecords],
      [true, { records: 6, entities: 3 }, { records: 6, entities: 4 }, 0, 0],
    )
    assert.deepEqual(found.merges, { entities: 0, parts: 0, examples: [] })
    const [example] = found.splits.examples
    assert.deepEqual([found.splits.entities, found.splits.parts, example?.records], [1, 2, 4])
    assert.deepEqual(example?.parts.map(({ records, recordIds }) => [records, recordIds]).sort(), [
      [2, ['people:p1', 'visits:v1']],
      [2, ['people:p2', 'people:p3']],
    ])
    assert.ok(
      example?.parts.some(({ id }) => id === example.id),
      'one part keeps the id',
    )
    const after = await lab.rows('select * from sluice.person_identity order by source, record_id')
    assert.deepEqual(after, before)
    // What was told comes true.
    await lab.build({ yaml: ONE_ACCOUNT })
    const ids = await lab.rows('select distinct person_id from sluice.person_identity')
    assert.equal(ids.length, 4)
    assert.ok(example?.parts.every(({ id }) => ids.some((row) => row.person_id === id)))
  })

  test(`${engine}: looser rules show whom they would merge; keys that are identifiers are masked`, async (context) => {
    const lab = await openIdentityLab(await open(context), PLAIN)
    await shop(lab)
    await lab.build()
    const found = await diff(lab, project('{phone: {normalize: phone, default_country: FR}}'))
    assert.equal(found.merges.entities, 0, 'numbers so short are none')
    await lab.execute(`update data.people set phone = '+33612345678' where id = 'p4'`)
    await lab.execute(`update data.mails set phone = '06 12 34 56 78'`)
    await lab.build()
    const merged = await diff(lab, project('{phone: {normalize: phone, default_country: FR}}'))
    assert.deepEqual([merged.merges.entities, merged.merges.parts], [1, 2])
    assert.deepEqual(merged.merges.examples[0]?.parts.map(({ recordIds }) => recordIds).sort(), [
      ['mails:m***@x***.example'],
      ['people:p4'],
    ])
    // The phone of p1 and p2 is none under the new rule.
    assert.deepEqual([merged.splits.entities, merged.splits.parts], [1, 2])
  })

  test(`${engine}: unchanged rules merge and split nothing, and events since the build do not count`, async (context) => {
    const lab = await openIdentityLab(await open(context), PLAIN)
    await shop(lab)
    await lab.build({ asOf: '2026-01-01T00:00:00.000Z' })
    await lab.execute(`insert into data.visits values ('v2', 'u1', '09', '2026-02-01')`)
    const found = await diff(lab, PLAIN)
    assert.deepEqual(
      [found.rulesChanged, found.merges.entities, found.splits.entities, found.newRecords],
      [false, 0, 0, 0],
    )
    assert.deepEqual(found.before, found.after)
    const later = await diff(lab, ONE_ACCOUNT)
    assert.deepEqual([later.asOf, later.newRecords], ['2026-01-01T00:00:00.000Z', 0])
    await lab.execute(`insert into data.people values ('p9', 'u9', null)`)
    await lab.execute(`delete from data.people where id = 'p4'`)
    const moved = await diff(lab, ONE_ACCOUNT)
    assert.deepEqual([moved.newRecords, moved.goneRecords], [1, 1])
  })

  test(`${engine}: before the first build there is nothing to compare with`, async (context) => {
    const lab = await openIdentityLab(await open(context), PLAIN)
    await shop(lab)
    await assert.rejects(diff(lab, PLAIN), (error: SluiceError) => error.code === 'SLU7010')
  })
})
