import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RULESETS, type Ruleset } from '../../src/compile/normalize/rulesets.ts'
import { VECTORS } from '../../src/compile/normalize/vectors/all.ts'
import { id, render } from '../../src/dialect/fragment.ts'
import { DIALECTS } from '../../src/dialect/registry.ts'

const FILE = join(import.meta.dirname, '../../src/compile/normalize/vectors/frozen.json')

/** Digests of what a ruleset is: its vectors, and the SQL that each dialect prints of it. */
type Frozen = Readonly<Record<string, string>>

test('a ruleset stays what it was when its version was given', () => {
  const now = Object.fromEntries([...RULESETS.values()].map((ruleset) => [ruleset.name, frozen(ruleset)]))
  if (process.env.UPDATE_RULESETS === '1') writeFileSync(FILE, `${JSON.stringify(now, null, 2)}\n`)
  const before = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, Frozen>>
  const changed = Object.keys({ ...before, ...now }).flatMap((name) =>
    changesOf(name, before[name], now[name]),
  )
  assert.equal(changed.length, 0, `${changed.join('\n')}\n\n${WHAT_TO_DO}`)
})

test('a change of a ruleset is told by its name, and by what is other', () => {
  assert.deepEqual(changesOf('meta.email@1', { duckdb: 'a', vectors: 'b' }, { duckdb: 'a', vectors: 'c' }), [
    'meta.email@1: other vectors',
  ])
  assert.deepEqual(changesOf('meta.email@1', { duckdb: 'a' }, { duckdb: 'b' }), [
    'meta.email@1: other SQL on duckdb',
  ])
  assert.deepEqual(changesOf('meta.email@1', { duckdb: 'a' }, undefined), ['meta.email@1: gone'])
  assert.deepEqual(changesOf('meta.email@2', undefined, { duckdb: 'a' }), ['meta.email@2: new'])
})

const WHAT_TO_DO = `Values by these rulesets are at platforms and in snapshots, and are found again by the same ruleset only.
- If any value could come out otherwise: leave the ruleset as it was, add one with the next version to RULES of
  src/compile/normalize/rulesets.ts with vectors of its own, and name that in the manifests. Syncs then send everybody
  again, which their plan announces (docs/hashing.md).
- If none could (another way to print the same, vectors that were added, a ruleset that is new): see the tests beside
  this one pass, then run UPDATE_RULESETS=1 node --test test/normalize/frozen.test.ts, and say in the commit why.`

function changesOf(name: string, before: Frozen | undefined, now: Frozen | undefined): readonly string[] {
  if (before === undefined) return [`${name}: new`]
  if (now === undefined) return [`${name}: gone`]
  const other = Object.keys({ ...before, ...now })
    .filter((what) => before[what] !== now[what])
    .map((what) => (what === 'vectors' ? 'vectors' : `SQL on ${what}`))
  return other.length === 0 ? [] : [`${name}: other ${other.join(', ')}`]
}

function frozen(ruleset: Ruleset): Frozen {
  const printed = Object.values(DIALECTS).map((dialect) => {
    const stages = [undefined, 'FR', 'IT'].flatMap((defaultCountry) =>
      ruleset.stages(dialect.fn, { defaultCountry }).map((stage) => render(stage(id('x')), dialect)),
    )
    return [dialect.name, digestOf(stages)] as const
  })
  // Why a vector is there may be said otherwise.
  const vectors = (VECTORS[ruleset.name] ?? []).map(([from, to, more]) => [
    from,
    to,
    more?.country,
    more?.digest,
  ])
  return { vectors: digestOf(vectors), ...Object.fromEntries(printed) }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}
