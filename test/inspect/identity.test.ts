import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SluiceError } from '../../src/base/errors.ts'
import type { RunContext } from '../../src/build/run-context.ts'
import { identityShow } from '../../src/inspect/identity-show.ts'
import { identityStats } from '../../src/inspect/identity-stats.ts'
import { identityWhy } from '../../src/inspect/identity-why.ts'
import type { Entity } from '../../src/spec/project.ts'
import { forEachEngine, type Open } from '../support/engines.ts'
import { type IdentityLab, openIdentityLab } from '../support/identity-lab.ts'

const PROJECT = `sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: mails, table: data.mails, primary_key: email, columns: {card: {pii: none}}}
  - {name: orders, table: data.orders, primary_key: id, occurred_at: ordered_at}
entities:
  - name: customer
    identity:
      from:
        - {source: people, ids: {email: {any: [email, other_email]}, phone: phone}}
        - {source: mails, ids: {email: email, card: card}}
        - {source: orders, ids: {email: buyer, card: card}}
      identifiers:
        email: {normalize: email, ignore: [info@x.example]}
        phone: {normalize: phone, default_country: FR, max_records: 2}
`

/** p1 - p2 by email, p2 - m1 by email, m1 - o1 by card; p3 shares the phone of p1 with too many; p4 an ignored email. */
async function shop(context: Parameters<Open>[0], open: Open): Promise<IdentityLab> {
  const lab = await openIdentityLab(await open(context), PROJECT)
  await lab.load(
    'people',
    ['id', 'email', 'other_email', 'phone'],
    [
      ['p1', 'a@x.example', 'info@x.example', '0612345678'],
      ['p2', 'b@x.example', 'A@x.example', null],
      ['p3', 'c@x.example', null, '+33 6 12 34 56 78'],
      ['p4', 'info@x.example', null, '0612345678'],
    ],
  )
  await lab.load('mails', ['email', 'card'], [['b@x.example', 'k1']])
  await lab.load(
    'orders',
    ['id', 'buyer', 'card', 'ordered_at'],
    [
      ['o1', null, 'k1', '2025-01-01 00:00:00'],
      ['o2', null, 'k1', '2025-01-02 00:00:00'],
      ['o3', 'z@x.example', 'k1', '2025-01-03 00:00:00'],
      ['o4', 'c@x.example', null, '2025-01-04 00:00:00'],
    ],
  )
  await lab.build()
  return lab
}

async function why(lab: IdentityLab, first: string, second: string, unmask = false) {
  const run = await lab.run()
  return identityWhy(run, customerOf(run), { first, second, unmask })
}

async function show(lab: IdentityLab, id: string, unmask = false) {
  const run = await lab.run()
  return identityShow(run, customerOf(run), { id, limit: 10, unmask })
}

/** `people:p1 -email a***- people:p2`. */
async function way(lab: IdentityLab, first: string, second: string, unmask = false): Promise<string> {
  const { path } = await why(lab, first, second, unmask)
  return path
    .map(({ record, by }) => {
      const link = by === undefined ? '' : ` -${by.type} ${by.shown}- `
      return `${link}${record.source}:${record.recordId}${record.rows > 1 ? `*${record.rows}` : ''}`
    })
    .join('')
}

function customerOf(run: RunContext): Entity {
  const entity = run.graph.project.entities.get('customer')
  assert.ok(entity !== undefined)
  return entity
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
  } catch (error) {
    assert.ok(error instanceof SluiceError, String(error))
    assert.doesNotMatch(`${error.message} ${error.hint}`, /x\.example|0612|k1\b/)
    return error.code
  }
  return assert.fail('expected a refusal')
}

forEachEngine((engine, open) => {
  test(`${engine}: two records are one by the shortest way of shared identifiers, masked`, async (context) => {
    const lab = await shop(context, open)
    assert.equal(
      await way(lab, 'people:p1', 'orders:o2', true),
      'people:p1 -email a@x.example- people:p2 -email b@x.example- mails:b@x.example -card k1- orders:o2',
    )
    // A key that is an identifier itself is masked as one; a column about nobody is shown.
    assert.equal(
      await way(lab, 'people:p1', 'mails:b@x.example'),
      'people:p1 -email a***@x***.example- people:p2 -email b***@x***.example- mails:b@x.example',
    )
    assert.equal(
      await way(lab, 'people:p2', 'orders:o3'),
      'people:p2 -email b***@x***.example- mails:b***@x***.example -card k1- orders:o3',
    )
    assert.equal(await way(lab, 'people:p1', 'people:p1'), 'people:p1')
  })

  test(`${engine}: what two entities share and what joins nothing is told, with the reason, masked`, async (context) => {
    const lab = await shop(context, open)
    const byPhone = await why(lab, 'people:p1', 'people:p3')
    assert.deepEqual(byPhone.refused, [{ identifier: 'phone', shown: '+***', reason: 'max_records' }])
    assert.deepEqual((await why(lab, 'people:p1', 'people:p3', true)).refused[0]?.shown, '+33612345678')
    const limits = PROJECT.replace('max_records: 2', 'max_records: 3').concat(
      '        card: {max_per_entity: 1}\n      max_entity_size: 3\n',
    )
    await lab.build({ yaml: limits })
    const run = await lab.run({ yaml: limits })
    const ask = { first: 'people:p1', second: 'people:p3', unmask: false }
    const limited = await identityWhy(run, customerOf(run), ask)
    assert.deepEqual(
      [limited.same, limited.refused],
      [false, [{ identifier: 'phone', shown: '+***', reason: 'max_entity_size' }]],
    )
    // The way inside an entity leads past what was refused.
    const inside = await identityWhy(run, customerOf(run), { ...ask, second: 'people:p2' })
    assert.equal(inside.path.at(-1)?.by?.type ?? 'none', inside.same ? 'email' : 'none')
  })

  test(`${engine}: stats tell of sizes, of the most shared values, masked, and of what was refused`, async (context) => {
    const lab = await shop(context, open)
    const run = await lab.run()
    const stats = await identityStats(run, customerOf(run))
    assert.deepEqual([stats.records, stats.entities], [9, 3])
    assert.deepEqual(
      stats.sizes.map(({ atLeast, entities, records }) => [atLeast, entities, records]),
      [
        [1, 1, 1],
        [2, 1, 2],
        [6, 1, 6],
      ],
    )
    assert.deepEqual(
      stats.shared.map((one) => [one.identifier, one.value, one.records, one.refused]),
      [
        ['card', '***', 3, undefined],
        ['phone', '+***', 3, 'max_records'],
        ['email', 'a***@x***.example', 2, undefined],
        ['email', 'b***@x***.example', 2, undefined],
        ['email', 'c***@x***.example', 2, undefined],
      ],
    )
    assert.deepEqual(stats.refused, [
      { identifier: 'email', reason: 'ignore', values: 1, records: 2 },
      { identifier: 'phone', reason: 'max_records', values: 1, records: 3 },
    ])
  })

  test(`${engine}: an identifier stands for the records that carry it`, async (context) => {
    const lab = await shop(context, open)
    assert.equal(await way(lab, 'email= A@X.example', 'people:p2'), 'people:p2')
    assert.equal(
      await way(lab, 'email=z@x.example', 'email=a@x.example', true),
      'orders:o3 -card k1- mails:b@x.example -email b@x.example- people:p2',
    )
    // Rows of events with the same identifiers are one.
    assert.equal(await way(lab, 'card=k1', 'card=k1', true), 'mails:b@x.example')
    assert.equal((await why(lab, 'people:p1', 'orders:o3')).entities[0].records, 6)
  })

  test(`${engine}: what the identity ignores, and what too many share, links nobody`, async (context) => {
    const lab = await shop(context, open)
    for (const other of ['people:p3', 'people:p4']) {
      const found = await why(lab, 'people:p1', other)
      assert.deepEqual([found.same, found.path], [false, []])
      assert.deepEqual(
        found.entities.map(({ records }) => records),
        [6, other === 'people:p3' ? 2 : 1],
      )
      assert.notEqual(found.entities[0].id, found.entities[1].id)
    }
    assert.equal(await codeOf(why(lab, 'phone=0612345678', 'people:p1')), 'SLU7014')
    assert.equal(await codeOf(why(lab, 'email=info@x.example', 'people:p1')), 'SLU7014')
  })

  test(`${engine}: a place that is none is refused, without what was typed behind the name`, async (context) => {
    const lab = await shop(context, open)
    assert.equal(await codeOf(why(lab, 'a@x.example', 'people:p1')), 'SLU7001')
    assert.equal(await codeOf(why(lab, 'peple:a@x.example', 'people:p1')), 'SLU7006')
    assert.equal(await codeOf(why(lab, 'mail=a@x.example', 'people:p1')), 'SLU7006')
    assert.equal(await codeOf(why(lab, 'people:p9', 'people:p1')), 'SLU7014')
    assert.equal(await codeOf(show(lab, 'a@x.example')), 'SLU7014')
  })

  test(`${engine}: links that are gone since the build are said to be`, async (context) => {
    const lab = await shop(context, open)
    await lab.execute("update data.people set other_email = null where id = 'p2'")
    assert.equal(await codeOf(why(lab, 'people:p1', 'people:p2')), 'SLU7015')
  })

  test(`${engine}: before the first build there is nothing to ask`, async (context) => {
    const lab = await openIdentityLab(await open(context), PROJECT)
    assert.equal(await codeOf(why(lab, 'people:p1', 'people:p2')), 'SLU7010')
    assert.equal(await codeOf(show(lab, 'any')), 'SLU7010')
  })

  test(`${engine}: an id is shown with its records, identifiers and first run`, async (context) => {
    const lab = await shop(context, open)
    const { id } = (await why(lab, 'people:p1', 'people:p1')).entities[0]
    const shown = await show(lab, id)
    assert.equal(shown.records, 6)
    assert.deepEqual(shown.sources, [
      { source: 'mails', records: 1, recordIds: ['b***@x***.example'] },
      { source: 'orders', records: 3, recordIds: ['o1', 'o2', 'o3'] },
      { source: 'people', records: 2, recordIds: ['p1', 'p2'] },
    ])
    assert.deepEqual(
      shown.identifiers.map((one) => [one.identifier, one.value, one.records, one.refused]),
      [
        ['card', '***', 4, undefined],
        ['email', 'a***@x***.example', 2, undefined],
        ['email', 'b***@x***.example', 2, undefined],
        ['email', 'z***@x***.example', 1, undefined],
        ['phone', '+***', 1, 'max_records'],
      ],
    )
    assert.equal(shown.firstRun?.build, 1)
    assert.match(shown.firstRun?.runId ?? '', /^run_/)
    assert.match(shown.firstRun?.asOf ?? '', /^2026-01-01T00:00:/)
    assert.deepEqual([shown.merges, shown.splits], [[], []])
    assert.equal((await show(lab, id, true)).sources[0]?.recordIds[0], 'b@x.example')
  })

  test(`${engine}: merges and splits of an id are told, also of an id that is no more`, async (context) => {
    const lab = await shop(context, open)
    const [one, other] = (await why(lab, 'people:p1', 'people:p4')).entities
    await lab.execute("update data.people set email = 'b@x.example' where id = 'p4'")
    await lab.build()
    const merged = (await why(lab, 'people:p1', 'people:p4')).entities[0].id
    const gone = merged === one.id ? other.id : one.id
    const before = await show(lab, gone)
    assert.deepEqual([before.records, before.sources, before.identifiers], [0, [], []])
    assert.deepEqual(
      before.merges.map((move) => [move.fromId, move.intoId]),
      [[gone, merged]],
    )
    assert.deepEqual((await show(lab, merged)).merges, before.merges)
    await lab.execute("update data.people set email = 'd@x.example' where id = 'p4'")
    await lab.build()
    const split = (await show(lab, merged)).splits
    assert.deepEqual(
      split.map((move) => [move.fromId, move.intoId]),
      [[merged, gone]],
    )
  })
})
