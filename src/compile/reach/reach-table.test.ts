import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entity } from '../../spec/project.ts'
import { temporaryName } from '../temporary.ts'
import { columnAlias } from './reach-table.ts'

const customer = { name: 'customer' } as Entity

test('a column keeps its name, in small letters', () => {
  assert.equal(columnAlias('total', customer), 'total')
  assert.equal(columnAlias('ORDER_TOTAL', customer), 'order_total')
  assert.equal(columnAlias('"total"', customer), 'total')
})

test('what one name in small letters would not tell apart gets a hash', () => {
  const names = [
    '"Total"',
    'Order Total',
    '"order total"',
    '"Order Total"',
    'a.b',
    '"_at"',
    '_at',

    'é',
  ]
  const aliases = names.map((name) => columnAlias(name, customer))
  assert.equal(new Set(aliases).size, names.length, aliases.join(' '))
  for (const alias of aliases) assert.match(alias, /^[a-z0-9_]*_[0-9a-f]{8}$/)
})

test('the id of the entity is ours', () => {
  assert.match(columnAlias('customer_id', customer), /^customer_id_[0-9a-f]{8}$/)
  assert.equal(columnAlias('customer_id', { name: 'store' } as Entity), 'customer_id')
})

test('long names stay apart in 63 bytes', () => {
  const long = 'x'.repeat(80)
  assert.notEqual(columnAlias(`${long}1`, customer), columnAlias(`${long}2`, customer))
  assert.ok(columnAlias(`${long}1`, customer).length <= 63)
  assert.notEqual(temporaryName('reach', long, 'a'), temporaryName('reach', long, 'b'))
  assert.ok(temporaryName('reach', long, 'a').length <= 60)
  assert.equal(temporaryName('reach', 'customer', 'orders'), 'reach_customer_orders')
})

test('names that only an underscore joins stay apart', () => {
  assert.equal(temporaryName('reach', 'a', 'b_c'), 'reach_a_b_c')
  assert.match(temporaryName('reach', 'a_b', 'c'), /^reach_a_b_c_[0-9a-f]{8}$/)
})
