import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { buildGraph } from '../../src/graph/build-graph.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import type { Condition, Project } from '../../src/spec/project.ts'
import { MANIFESTS } from '../support/manifests.ts'
import { readProject } from '../support/read-project.ts'

function parsed(folder: string): Project {
  const { project, errors, warnings } = parseProject(folder, readProject(folder))
  assert.deepEqual(
    errors.map((error) => `${error.at?.file}:${error.at?.line}: ${error.message}`),
    [],
  )
  assert.deepEqual(warnings, [])
  assert.ok(project)
  return project
}

describe('the example of the design, section 2', () => {
  const project = parsed(join(import.meta.dirname, 'valid/design-section-2'))
  const file = 'models/anything.yml'

  test('its settings are those of sluice.yml', () => {
    assert.equal(project.name, 'shop')
    assert.equal(project.timezone, 'UTC')
    assert.deepEqual([project.history.amount, project.history.unit], [90, 'days'])
    assert.equal(project.defaultTarget?.value, 'dev')
    assert.deepEqual([...project.targets.keys()], ['dev', 'pg', 'prod'])
    const { dev, pg, prod } = Object.fromEntries(project.targets)
    assert.deepEqual([dev?.type.value, dev?.stateSchema, dev?.send], ['duckdb', 'sluice', 'real'])
    assert.deepEqual([pg?.type.value, pg?.send, pg?.settings.get('port')], ['postgres', 'sandbox', 5432])
    assert.equal(prod?.stateSchema, 'SLUICE')
    const password = pg?.settings.get('password')
    assert.ok(typeof password === 'object')
    assert.equal(password.raw, '$' + '{PGPASSWORD}')
    assert.equal(password.at.file, 'sluice.yml')
  })

  test('this version builds all of it, connectors that are not registered here excepted', () => {
    const { errors } = buildGraph(project, MANIFESTS)
    assert.deepEqual(
      errors.filter(({ code }) => code !== 'SLU2013').map(({ message }) => message),
      [],
    )
  })

  test('sources have keys in order, parents and what is known of columns', () => {
    const { contacts, orders, order_items: items } = Object.fromEntries(project.sources)
    assert.deepEqual(contacts?.relation.kind === 'table' && contacts.relation.table.raw, 'crm.contacts')
    assert.equal(contacts?.columns.get('email')?.pii, 'email')
    assert.equal(contacts?.occurredAt, undefined)
    assert.equal(orders?.occurredAt?.value, 'ordered_at')
    assert.deepEqual(
      items?.primaryKey.map((column) => column.value),
      ['order_id', 'line'],
    )
    assert.deepEqual(
      items?.belongsTo.map(({ parent, columns }) => [parent.value, columns.map((column) => column.value)]),
      [['orders', ['order_id']]],
    )
  })

  test('an identity has a rule for every identifier, with defaults for those without one', () => {
    const identity = project.entities.get('customer')?.identity
    assert.deepEqual(
      identity?.from.map(({ source, ids }) => [
        source.value,
        ids.map(({ type, value }) => [type.value, value.kind]),
      ]),
      [
        [
          'contacts',
          [
            ['email', 'column'],
            ['phone', 'column'],
            ['crm_id', 'column'],
            ['name_born', 'composite'],
          ],
        ],
        [
          'orders',
          [
            ['email', 'column'],
            ['user_id', 'column'],
          ],
        ],
      ],
    )
    const rules = [...(identity?.identifiers.values() ?? [])]
    assert.deepEqual(
      rules.map((rule) => [
        rule.type,
        rule.normalize,
        rule.maxRecords,
        rule.maxPerEntity,
        rule.defaultCountry?.value,
      ]),
      [
        ['email', 'email', 500, undefined, undefined],
        ['phone', 'phone', 1000, undefined, 'FR'],
        ['crm_id', 'none', 1000, undefined, undefined],
        ['name_born', 'none', 1000, undefined, undefined],
        ['user_id', 'none', 1000, 1, undefined],
      ],
    )
    assert.deepEqual(rules[0]?.ignore, ['n/a', 'test@example.com'])
    const store = project.entities.get('store')
    assert.deepEqual([store?.source?.value, store?.key?.value, store?.identity], ['stores', 'id', undefined])
  })

  test('a profile field prefers its columns in order', () => {
    const email = project.entities.get('customer')?.profile[0]
    assert.deepEqual([email?.name, email?.pick], ['email', 'most_recent'])
    assert.deepEqual(
      email?.from.map(({ source, column }) => [source, column]),
      [
        ['contacts', 'email'],
        ['orders', 'customer_email'],
      ],
    )
  })

  test('traits have one operator each', () => {
    assert.deepEqual(
      project.traits.map((trait) => [trait.name, trait.operator.kind, trait.defaultValue]),
      [
        ['orders_90d', 'count', undefined],
        ['lifetime_value', 'sum', 0],
        ['last_order_at', 'max', undefined],
        ['skus_bought', 'count_distinct', undefined],
        ['favourite_store', 'most_frequent', undefined],
        ['spend_band', 'case', undefined],
        ['ltv_per_order', 'sql', undefined],
        ['store_orders', 'count', undefined],
        ['ads_ok', 'max', undefined],
      ],
    )
    const [orders, , , , , band] = project.traits
    assert.deepEqual(
      [orders?.within?.amount, orders?.within?.unit, orders?.within?.next],
      [90, 'days', false],
    )
    assert.deepEqual(orders?.where && leaf(orders.where), {
      kind: 'column',
      name: 'status',
      test: { op: 'ne', value: 'returned' },
    })
    assert.ok(band?.operator.kind === 'case')
    assert.deepEqual(
      [band.operator.branches.length, band.operator.branches[0]?.then, band.operator.otherwise],
      [1, 'vip', 'other'],
    )
  })

  test('a condition tree keeps its shape, and every node its place', () => {
    const where = project.segments.get('lapsing_vips')?.where
    assert.ok(where?.kind === 'all')
    assert.deepEqual(
      where.of.map((node) => node.kind),
      ['trait', 'event', 'event', 'any', 'not'],
    )
    assert.deepEqual(
      where.of.map((node) => `${node.at.file}:${node.at.line}:${node.at.column}`),
      [`${file}:57:11`, `${file}:58:11`, `${file}:59:11`, `${file}:60:11`, `${file}:63:11`],
    )
    const [value, bought, silent, any, not] = where.of
    assert.deepEqual(value && leaf(value), {
      kind: 'trait',
      name: 'lifetime_value',
      test: { op: 'gte', value: 500 },
    })
    assert.deepEqual(bought?.kind === 'event' && bought.measure, {
      kind: 'count',
      column: undefined,
      test: { op: 'gte', value: 2 },
    })
    assert.deepEqual(silent?.kind === 'event' && silent.within?.amount, 60)
    assert.deepEqual(any?.kind === 'any' && any.of.map(leaf), [
      { kind: 'trait', name: 'country', test: { op: 'in', values: ['FR', 'BE'] } },
      { kind: 'segment', name: 'newsletter_readers' },
    ])
    assert.deepEqual(not?.kind === 'not' && leaf(not.of), { kind: 'segment', name: 'employees' })
  })

  test('an event without a measure asks for one event', () => {
    const where = project.segments.get('newsletter_readers')?.where
    assert.deepEqual(where?.kind === 'event' && where.measure.test, { op: 'gte', value: 1 })
  })

  test('consent is a condition of a destination', () => {
    const { crm, meta } = Object.fromEntries(project.destinations)
    assert.equal(crm?.consent, undefined)
    assert.deepEqual(meta?.consent && leaf(meta.consent), {
      kind: 'trait',
      name: 'ads_ok',
      test: { op: 'eq', value: true },
    })
    const account = meta?.settings.get('ad_account')
    assert.ok(typeof account === 'object' && 'raw' in account)
    assert.equal(account.raw, 'act_1')
  })

  test('syncs have their defaults, and values of three forms', () => {
    const { vips_to_crm: crm, vips_to_meta: meta } = Object.fromEntries(project.syncs)
    assert.deepEqual([crm?.from.kind, crm?.from.name.value], ['segment', 'lapsing_vips'])
    assert.deepEqual([crm?.to.destination.value, crm?.to.object.value], ['crm', 'contacts'])
    assert.deepEqual(
      crm?.map.map(({ field, value }) => [field, value.kind]),
      [
        ['firstname', 'name'],
        ['lifetime_value', 'name'],
        ['origin', 'literal'],
        ['country', 'sql'],
      ],
    )
    assert.deepEqual(crm?.guard, {
      maxRemove: { kind: 'percent', value: 5 },
      maxChange: { kind: 'percent', value: 50 },
      minRows: 1,
      maxHeld: undefined,
      maxRejected: { kind: 'percent', value: 1 },
    })
    assert.deepEqual([crm?.mode.value, crm?.onRemove, crm?.nulls], ['upsert', 'nothing', 'clear'])
    assert.deepEqual([crm?.resumeWithinMs, crm?.asyncWaitMs], [3_600_000, 600_000])
    assert.deepEqual([meta?.mode.value, meta?.onRemove, meta?.map], ['mirror', 'delete', []])
    assert.deepEqual(
      meta?.identifiers.map(({ field }) => field),
      ['email', 'phone'],
    )
  })
})

test('every acceptance project parses', (t) => {
  const folder = join(import.meta.dirname, '../../../shared/acceptance')
  if (!existsSync(folder)) return t.skip('not run: the acceptance projects are not beside this repository')
  const projects = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'sluice.yml')))
  assert.ok(projects.length >= 5)
  for (const name of projects) assert.equal(parsed(join(folder, name)).name, name)
})

/** A condition without children, without its places. */
function leaf(condition: Condition): unknown {
  const { at: _, ...rest } = condition
  return rest
}

test('history is a window of the project', () => {
  const text = 'version: 1\nname: shop\nhistory: 6 months\n'
  const { project, errors } = parseProject('/project', [{ path: 'sluice.yml', text }])
  assert.deepEqual(errors, [])
  assert.deepEqual(
    [project?.history.amount, project?.history.unit, project?.history.at.line],
    [6, 'months', 3],
  )
})
