import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instantOf } from '../../base/instant.ts'
import { type Fragment, id, render } from '../../dialect/fragment.ts'
import { DIALECTS } from '../../dialect/registry.ts'
import type { SqlText } from '../../spec/project.ts'
import { expandSql, referencesIn } from './expand-sql.ts'

const at = { file: 'a.yml', line: 3, column: 5 }
const context = { targetType: 'duckdb', asOf: instantOf(0) } as const

function text(value: string): SqlText {
  return { at, default: { value, at }, byTarget: new Map() }
}

function expand(value: string, known: readonly string[] = ['spent']): string {
  const resolve = (name: string): Fragment | undefined => (known.includes(name) ? id('p', name) : undefined)
  return render(expandSql(context, text(value), resolve), DIALECTS.duckdb)
}

test('a name in braces becomes what it stands for, and as_of the time of the run', () => {
  assert.equal(expand('{spent} + 1'), '"p"."spent" + 1')
  assert.equal(expand('a < {as_of}'), "a < timestamp '1970-01-01 00:00:00.000'")
  assert.equal(expand('{spent}'), '"p"."spent"')
  assert.equal(expand('{customer.mail}', ['customer.mail']), '"p"."customer.mail"')
})

test('two braces are one, and braces around other than a name are text', () => {
  assert.equal(expand("'{{spent}'"), "'{spent}'")
  assert.equal(expand("'{{{{'"), "'{{'")
  assert.equal(expand('{ spent }'), '{ spent }')
  assert.equal(expand("'{}' || '{a b}'"), "'{}' || '{a b}'")
  assert.equal(expand('{{{spent}'), '{"p"."spent"')
})

test('a name that is not known is an error at its text', () => {
  assert.throws(() => expand('{spend}'), {
    code: 'SLU4301',
    message: /"\{spend\}"/,
    at,
    hint: /\{\{spend\}/,
  })
  assert.throws(() => expand("x ~ '[0-9]{2}'"), { code: 'SLU4301' })
})

test('the text for the target wins over the default', () => {
  const both: SqlText = {
    at,
    default: { value: 'a', at },
    byTarget: new Map([['duckdb', { value: 'b', at }]]),
  }
  assert.equal(
    render(
      expandSql(context, both, () => undefined),
      DIALECTS.duckdb,
    ),
    'b',
  )
  const other: SqlText = { at, default: undefined, byTarget: new Map([['postgres', { value: 'b', at }]]) }
  assert.throws(() => expandSql(context, other, () => undefined), {
    code: 'SLU4302',
    message: /duckdb.*postgres/,
  })
})

test('references are told once each, without as_of', () => {
  assert.deepEqual(referencesIn(context, text('{b} + {a} + {b} - {as_of} {{c}')), ['b', 'a'])
})
