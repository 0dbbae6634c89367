import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector } from 'kysely'
import type { Instant } from '../base/instant.ts'
import { printTimestamp } from './common.ts'
import type { FragmentRenderer } from './fragment.ts'
import { InlineQueryCompiler } from './inline-compiler.ts'
import { LedgerValue, moment } from './ledger-value.ts'

/** Names in backticks and upper case, a backslash before quotes: unlike what Kysely would print by itself. */
const RENDERER: FragmentRenderer = {
  quote: (name) => `\`${name}\``,
  stored: (name) => name.toUpperCase(),
  scratch: (name) => name,
  fold: (name) => name,
  literal: (value) =>
    typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'` : String(value),
  timestampLiteral: printTimestamp,
}

interface Row {
  readonly a: unknown
  readonly b: unknown
}

function database(): Kysely<{ readonly t: Row }> {
  return new Kysely<{ readonly t: Row }>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new InlineQueryCompiler(RENDERER),
    },
  }).withSchema('s')
}

test('every value is a literal of the dialect, and every name is quoted as it quotes', () => {
  const at = '2026-01-31T08:00:00.000Z' as Instant
  const insert = database()
    .insertInto('t')
    .values([
      { a: "it's \\", b: null },
      { a: moment(at), b: new LedgerValue('number', '18446744073709551615') },
      { a: 12n, b: true },
    ])
  const { sql, parameters } = insert.compile()
  assert.equal(
    sql,
    String.raw`insert into ${'`S`.`T`'} (${'`A`, `B`'}) values ('it\'s \\', null), ` +
      "(timestamp '2026-01-31 08:00:00.000', 18446744073709551615), (12, true)",
  )
  assert.deepEqual(parameters, [])
})

test('conditions, lists and limits hold no parameters either', () => {
  const select = database().selectFrom('t').select('a').where('b', 'in', ['x', 'y']).limit(5)
  const { sql, parameters } = select.compile()
  assert.equal(sql, "select `A` from `S`.`T` where `B` in ('x', 'y') limit 5")
  assert.deepEqual(parameters, [])
})

test('what is no value of the ledger is refused', () => {
  const select = database()
    .selectFrom('t')
    .select('a')
    .where('b', '=', { secret: 'x' } as never)
  assert.throws(() => select.compile(), {
    code: 'SLU9001',
    message: /expected a value of the ledger, found object/,
  })
})
