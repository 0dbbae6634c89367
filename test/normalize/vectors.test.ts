import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { unescaped } from '../../src/compile/normalize/rules/rule.ts'
import { RULESETS, type Ruleset, rulesetOf } from '../../src/compile/normalize/rulesets.ts'
import { VECTORS } from '../../src/compile/normalize/vectors/all.ts'
import type { Vector } from '../../src/compile/normalize/vectors/vector.ts'
import { lit } from '../../src/dialect/fragment.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'
import type { SqlValue, Warehouse } from '../../src/warehouse/warehouse.ts'
import { forEachDialect } from '../support/dialects.ts'
import { rulesetValuesOn } from '../support/ruleset-values.ts'

forEachDialect((name, open) => {
  test(`${name}: every ruleset gives what its vectors say`, async (context) => {
    const warehouse = await open(context)
    const wrong: (readonly [string, ...Told])[] = []
    for (const [ruleset, vectors] of Object.entries(VECTORS))
      wrong.push(
        ...(await wrongIn(warehouse, rulesetOf(ruleset), vectors)).map((one) => [ruleset, ...one] as const),
      )
    assert.deepEqual(wrong, [])
  })
})

test('a digest that a platform published is the hash of the normalised text', () => {
  for (const [ruleset, vectors] of Object.entries(VECTORS))
    for (const [from, to, more] of vectors)
      if (more?.digest !== undefined && to !== null && more.digest !== to)
        assert.equal(more.digest, sha256(to), `${ruleset} of ${from}`)
})

test('every ruleset has vectors, and every platform at least 40', () => {
  assert.deepEqual(Object.keys(VECTORS).toSorted(), [...RULESETS.keys()].toSorted())
  const counts = new Map<string, number>()
  for (const [ruleset, vectors] of Object.entries(VECTORS)) {
    const platform = ruleset.split('.')[0] ?? ''
    counts.set(platform, (counts.get(platform) ?? 0) + new Set(vectors.map(([from]) => from)).size)
  }
  assert.equal(counts.size, 6)
  assert.deepEqual(
    [...counts].filter(([, count]) => count < 40),
    [],
  )
})

forEachDialect((name, open) => {
  test(`${name}: a plain value is in a field of its own as it was before it was escaped`, async (context) => {
    const warehouse = await open(context)
    const written = ['100% of "A:B"|\\', '%20', '%2520%7C', 'a\tb\r\nc', 'Ada Maria', 'é😀', '%']
    const ruleset = rulesetOf('google.external_id@1')
    const stages: Ruleset['stages'] = (fn, options) => [...ruleset.stages(fn, options), unescaped]
    assert.deepEqual(await rulesetValuesOn(warehouse, { ...ruleset, stages }, written, undefined), written)
  })
})

test('a ruleset that there is none of is told, with the one that was meant', () => {
  assert.throws(() => rulesetOf('meta.emial@1'), { code: 'SLU9001', hint: 'did you mean "meta.email@1"?' })
  assert.throws(() => rulesetOf('constructor'), { code: 'SLU9001' })
})

test('a country without a calling code is told, and not taken for none', () => {
  const [, marked, international] = rulesetOf('meta.phone@1').stages(DIALECTS.duckdb.fn, {
    defaultCountry: 'UK',
  })
  assert.throws(() => international?.(marked?.(lit('1')) ?? lit('1')), {
    code: 'SLU4201',
    hint: 'did you mean "GB"?',
  })
})

type Told = readonly [from: string | null, found: SqlValue, expected: SqlValue]

/** The vectors for which something else came out; those of one country in one statement. */
async function wrongIn(
  warehouse: Warehouse,
  ruleset: Ruleset,
  vectors: readonly Vector[],
): Promise<readonly Told[]> {
  const wrong: Told[] = []
  for (const [country, some] of Map.groupBy(vectors, ([, , more]) => more?.country)) {
    const found = await rulesetValuesOn(
      warehouse,
      ruleset,
      some.map(([from]) => from),
      country,
    )
    const told = some.map(
      (vector, index): Told => [vector[0], found[index] ?? null, expected(ruleset, vector)],
    )
    wrong.push(...told.filter(([, one, other]) => one !== other))
  }
  return wrong
}

function expected({ isHashed }: Ruleset, [, to, more]: Vector): string | null {
  if (more?.digest !== undefined) return more.digest
  return to === null || !isHashed ? to : sha256(to)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
