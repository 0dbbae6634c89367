import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { rulesetOf } from '../../src/compile/normalize/rulesets.ts'
import { everyDialect } from '../support/dialects.ts'
import { rulesetValuesOn } from '../support/ruleset-values.ts'

const HASH = createHash('sha256').update('ada@example.com').digest('hex')

test('emails and phones come out hashed in the form of each platform, on every dialect', async (context) => {
  const cases: readonly (readonly [ruleset: string, from: string | null, to: string | null])[] = [
    ['google.email@1', ' Cloudy.SanFrancisco+shopping@Gmail.com\n', 'cloudysanfrancisco@gmail.com'],
    ['google.email@1', 'user.name+NYC@Example.com', 'user.name+nyc@example.com'],
    ['google.email@1', '+a@gmail.com', null],
    ['google.email@1', 'a@b@gmail.com', null],
    ['meta.email@1', '.Ada@Example.com.\u00a0', 'ada@example.com'],
    ['meta.email@1', 'ada @example.com', null],
    ['meta.phone@1', '+33 (0)6 12 34 56 78', '330612345678'],
    ['meta.phone@1', '0033612345678', '33612345678'],
    ['meta.phone@1', '06 12 34 56 78', '33612345678'],
    ['google.phone@1', '06 12 34 56 78', '+33612345678'],
    ['google.phone@1', '+0612345678', null],
    ['tiktok.email@1', 'a.b+c@x.org', 'a.b@x.org'],
    ['tiktok.email@1', null, null],
    ['tiktok.external_id@1', ' User-1 ', 'User-1'],
    ['linkedin.email@1', ' ', null],
  ]
  for (const warehouse of Object.values(await everyDialect(context))) {
    const found = await Promise.all(
      cases.map(([name, from]) => rulesetValuesOn(warehouse, rulesetOf(name), [from], 'FR')),
    )
    const expected = cases.map(([, , to]) => [
      to === null ? null : createHash('sha256').update(to).digest('hex'),
    ])
    assert.deepEqual(found, expected, warehouse.dialect.name)
    assert.deepEqual(
      await rulesetValuesOn(
        warehouse,
        rulesetOf('meta.email@1'),
        [HASH, ` ${HASH.toUpperCase()}\t`],
        undefined,
      ),
      [HASH, HASH],
    )
    assert.deepEqual(
      await rulesetValuesOn(warehouse, rulesetOf('google.external_id@1'), [' a%b|c "d"\\\n'], undefined),
      ['a%25b%7Cc%20%22d%22%5C'],
    )
  }
})
