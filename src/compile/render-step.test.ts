import assert from 'node:assert/strict'
import { test } from 'node:test'
import { id, lit, sql } from '../dialect/fragment.ts'
import { DIALECTS } from '../dialect/registry.ts'
import { renderStep, statementOf } from './render-step.ts'
import type { Step } from './step.ts'

const STEP: Step = {
  name: 'identity.customer.stars',
  summary: 'Makes stars.',
  creates: { schema: 'sluice', name: 'stars' },
  query: sql`select ${lit("it's")} as a from ${id('edges')}`,
  grain: 'one row a record',
}

test('a step that makes a table is one create table as', () => {
  assert.deepEqual(statementOf(STEP, DIALECTS.duckdb), {
    step: 'identity.customer.stars',
    sql: `create table "sluice"."stars" as\nselect 'it''s' as a from "edges"`,
  })
  const temporary = { ...STEP, creates: { schema: undefined, name: 'stars' } }
  assert.match(statementOf(temporary, DIALECTS.postgres).sql, /^create temp table "stars" as\nselect/)
})

test('a step that makes no table is its statement', () => {
  assert.equal(
    statementOf({ ...STEP, creates: undefined }, DIALECTS.duckdb).sql,
    `select 'it''s' as a from "edges"`,
  )
})

test('a printed step begins with the comment of the statement that runs', () => {
  assert.match(renderStep(STEP, DIALECTS.duckdb), /^\/\* sluice identity\.customer\.stars \*\/\ncreate table/)
  assert.match(renderStep(STEP, DIALECTS.duckdb, 'r1'), /^\/\* sluice identity\.customer\.stars r1 \*\/\n/)
})
