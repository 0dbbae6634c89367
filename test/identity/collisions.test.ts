import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Dialect } from '../../src/dialect/dialect.ts'
import { sql, userSql } from '../../src/dialect/fragment.ts'
import { forEachEngine } from '../support/engines.ts'
import { openIdentityLab } from '../support/identity-lab.ts'

const YAML = `
sources:
  - {name: people, table: data.people, primary_key: id}
  - {name: visits, table: data.visits, primary_key: id, occurred_at: seen_at}
entities:
  - name: person
    identity: {from: [{source: people, ids: {mail: mail}}, {source: visits, ids: {mail: mail}}]}
`

/** An engine whose hash gives all texts that begin so one value. */
function weak(dialect: Dialect, prefix: string): Dialect {
  const { hash64 } = dialect.fn
  const same = userSql(`cast(7 as ${dialect.types.hash64})`)
  return {
    ...dialect,
    fn: {
      ...dialect.fn,
      hash64: (text) =>
        sql`case when ${dialect.fn.startsWith(text, userSql(`'${prefix}'`))} then ${same} else ${hash64(text)} end`,
    },
  }
}

forEachEngine((engine, open) => {
  for (const { what, prefixes, draws } of [
    { what: 'records', prefixes: ['0|people|'], draws: 1 },
    { what: 'groups of events', prefixes: ['0|visits|'], draws: 1 },
    { what: 'records of the first two draws', prefixes: ['0|people|', '1|visits|'], draws: 2 },
    { what: 'identifier values', prefixes: ['0|mail|'], draws: 0 },
    { what: 'identifier values in their second hash', prefixes: ['0, second|mail|'], draws: 0 },
  ])
    test(`${engine}: when ${what} share a hash, nobody is merged, and ${draws} times hashes are drawn anew`, async (context) => {
      const warehouse = await open(context)
      const dialect = prefixes.reduce(weak, warehouse.dialect)
      const lab = await openIdentityLab({ ...warehouse, dialect }, YAML)
      await lab.load(
        'people',
        ['id', 'mail'],
        [
          ['1', 'a'],
          ['2', 'b'],
          ['3', 'b'],
          ['4', 'c'],
        ],
      )
      await lab.load(
        'visits',
        ['id', 'mail', 'seen_at'],
        [
          ['v1', 'a', '2025-01-01'],
          ['v2', 'd', '2025-01-01'],
          ['v3', 'd', '2025-01-01'],
        ],
      )
      const told: string[] = []
      const update = (line: string) => void told.push(line)
      await lab.build({ progress: { update, done: () => {}, warn: () => {} } })
      const rows = await lab.rows('select record_id, person_id from sluice.person_identity')
      const groups = new Map<string, string[]>()
      for (const row of rows)
        groups.set(String(row.person_id), [
          ...(groups.get(String(row.person_id)) ?? []),
          String(row.record_id),
        ])
      assert.deepEqual([...groups.values()].map((ids) => ids.sort().join(' ')).sort(), [
        '1 v1',
        '2 3',
        '4',
        'v2 v3',
      ])
      assert.equal(told.filter((line) => line.includes('two records share a hash')).length, draws)
    })

  test(`${engine}: keys that differ only where eights of their bytes end, as pairs of numbers may, are told apart at once`, async (context) => {
    const lab = await openIdentityLab(await open(context), YAML)
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']
    // for each place at which the text before the key may put it
    const keys = ['', 'x', 'xx', 'xxx', 'xxxx', 'xxxxx', 'xxxxxx', 'xxxxxxx'].flatMap((start) =>
      letters.flatMap((one) => letters.map((other) => `${start}1000000${one}2000000${other}`)),
    )
    await lab.load(
      'people',
      ['id', 'mail'],
      keys.map((key) => [key, null]),
    )
    await lab.load('visits', ['id', 'mail', 'seen_at'], [])
    const told: string[] = []
    const update = (line: string) => void told.push(line)
    await lab.build({ progress: { update, done: () => {}, warn: () => {} } })
    const [row] = await lab.rows('select count(distinct person_id) as people from sluice.person_identity')
    assert.equal(Number(row?.people), keys.length)
    assert.deepEqual(
      told.filter((line) => line.includes('share a hash')),
      [],
    )
  })
})
