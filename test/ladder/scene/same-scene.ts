import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { DialectName } from '../../../src/dialect/dialect.ts'
import { DIALECTS } from '../../../src/dialect/registry.ts'
import { lint } from '../lint/lint.ts'
import { type Opener, openerOf } from '../openers.ts'
import { parsersOf } from '../parse/parsers.ts'
import { countsOf } from './counts.ts'
import { lookAround, type Played, playScene } from './play.ts'
import { type Recorded, recorded } from './recorder.ts'
import { openScene } from './run.ts'

/** What the same acts came to on a warehouse, and every statement that they took. */
interface Run extends Played {
  readonly statements: readonly Recorded[]
}

/** Declares a test a dialect: the first is what the others are compared with. */
export function playsTheSame(names: readonly DialectName[]): void {
  let first: Promise<Run> | undefined
  for (const name of names)
    test(`${name}: builds, deliveries, refusals, merges and splits come to the same, by statements that lint and parser take`, async (context) => {
      const run = await runOn(openerOf(name), context)
      first ??= Promise.resolve(run)
      const expected = await first
      assert.ok(Object.values(expected.sent).flat().length > 200)
      assert.deepEqual(run.told, expected.told)
      assert.deepEqual(run.sent, expected.sent)
      assert.deepEqual(run.states, expected.states)
      if (name === 'postgres') assert.deepEqual(countsOf(run.statements), countsOf(expected.statements))
      await readsWell(name, run.statements)
    })
}

async function runOn(open: Opener, context: TestContext): Promise<Run> {
  const { warehouse, statements } = recorded(await open(context))
  const scene = await openScene(context, warehouse)
  statements.length = 0
  const played = await playScene(scene)
  await lookAround(scene)
  return { ...played, statements }
}

async function readsWell(name: DialectName, statements: readonly Recorded[]): Promise<void> {
  const own = statements.filter(({ step }) => !OURS.test(step))
  const distinct = new Map(own.map((statement) => [statement.sql, statement]))
  assert.ok(distinct.size > 800, `${distinct.size} statements`)
  const wrong: string[] = []
  for (const { step, sql } of distinct.values()) {
    wrong.push(...lint(DIALECTS[name], sql, step).map((told) => `${step}: ${told}`))
    for (const { parse, exceptions } of parsersOf(name)) {
      const problem = await parse(sql)
      if (problem !== undefined && !exceptions.some(({ told }) => told.test(problem)))
        wrong.push(`${step}: ${problem}`)
    }
  }
  assert.deepEqual([...new Set(wrong)], [])
}

/** What the test itself asks. */
const OURS = /^(?:data|transaction|test|list)$/
