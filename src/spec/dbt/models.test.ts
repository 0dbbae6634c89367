import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type DbtNodeText, dbtManifest } from '../../../test/support/dbt-manifest.ts'
import { SluiceError } from '../../base/errors.ts'
import { parseProject } from '../parse-project.ts'
import { readManifest } from './manifest.ts'
import { withDbtModels } from './models.ts'

/** What a source of this model reads, or the error that stands there instead. */
function resolved(model: string, nodes: readonly DbtNodeText[], disabled: readonly DbtNodeText[] = []) {
  const { project } = parseProject('/project', [
    {
      path: 'sluice.yml',
      text: `version: 1\nname: shop\nsources:\n  - {name: one, dbt: ${model}, primary_key: id}\n`,
    },
  ])
  assert.ok(project)
  const manifest = readManifest(dbtManifest(nodes, { disabled }), 'target/manifest.json', undefined)
  const { errors, project: whole } = withDbtModels(project, manifest)
  const relation = whole.sources.get('one')?.relation
  assert.ok(relation?.kind === 'dbt')
  assert.equal(errors.length, relation.found === undefined ? 1 : 0)
  return { table: relation.found?.table, ref: relation.found?.ref, error: errors[0] }
}

describe('the table of a dbt model', () => {
  test('is schema and name as dbt quotes them, without the database', () => {
    assert.equal(resolved('orders', [{ name: 'orders', alias: 'fct_orders' }]).table, '"marts"."fct_orders"')
    const dotted = { name: 'orders', relationName: '"db"."my.schema"."a ""b"""' }
    assert.equal(resolved('orders', [dotted]).table, '"my.schema"."a ""b"""')
    assert.equal(
      resolved('orders', [{ name: 'orders', relationName: 'db.marts.orders' }]).table,
      'marts.orders',
    )
    assert.equal(
      resolved('orders', [{ name: 'orders', relationName: '`p`.`marts`.`o`' }]).table,
      '"marts"."o"',
    )
  })

  test('is schema and alias where dbt has written no relation yet', () => {
    const node = { name: 'orders', alias: 'o"1', relationName: null }
    assert.equal(resolved('orders', [node]).table, '"marts"."o""1"')
  })

  test('may be one of a seed or a snapshot, and is none of a test or a source', () => {
    assert.equal(resolved('codes', [{ name: 'codes', type: 'seed' }]).table, '"marts"."codes"')
    assert.equal(resolved('history', [{ name: 'history', type: 'snapshot' }]).table, '"marts"."history"')
    assert.equal(resolved('unique_id', [{ name: 'unique_id', type: 'test' }]).error?.code, 'SLU1032')
    assert.equal(resolved('raw_orders', [{ name: 'orders' }]).error?.code, 'SLU1032')
  })
})

describe('the name of a dbt model', () => {
  test('that is not there gets the nearest one, at its place', () => {
    const { error } = resolved('dim_contact', [{ name: 'dim_contacts' }, { name: 'fct_orders' }])
    assert.deepEqual(
      [error?.code, error?.hint, error?.at?.line, error?.at?.column],
      ['SLU1032', 'did you mean "dim_contacts"?', 4, 22],
    )
  })

  test('that two packages have needs the package', () => {
    const nodes = [{ name: 'orders' }, { name: 'orders', package: 'stripe', schema: 'pay' }]
    const { error } = resolved('orders', nodes)
    assert.equal(error?.code, 'SLU1033')
    assert.equal(error.hint, 'put the package before it: shop_dbt.orders or stripe.orders')
    assert.deepEqual(resolved('stripe.orders', nodes).table, '"pay"."orders"')
    assert.deepEqual(resolved('shop_dbt.orders', nodes).ref?.package, undefined)
    assert.deepEqual(resolved('stripe.orders', nodes).ref?.package, 'stripe')
  })

  test('means the latest version, unless one is named', () => {
    const nodes = [1, 2].map((version) => ({
      ...{ name: 'orders', alias: `orders_v${version}`, version },
      latestVersion: 2,
    }))
    assert.equal(resolved('orders', nodes).table, '"marts"."orders_v2"')
    assert.equal(resolved('orders.v1', nodes).table, '"marts"."orders_v1"')
    assert.equal(resolved('shop_dbt.orders.v2', nodes).table, '"marts"."orders_v2"')
    assert.equal(resolved('orders.v1', nodes).ref?.version, '1')
    assert.equal(resolved('orders.v2', nodes).ref?.version, undefined)
  })

  test('of an ephemeral or a disabled model is an error of its own', () => {
    const ephemeral = resolved('orders', [{ name: 'orders', materialized: 'ephemeral' }]).error
    assert.match(`${ephemeral?.code} ${ephemeral?.message}`, /^SLU1034 .*ephemeral/)
    const disabled = resolved('orders', [], [{ name: 'orders' }]).error
    assert.match(`${disabled?.code} ${disabled?.message}`, /^SLU1034 .*disabled/)
  })

  test('that a disabled model has too is the one that is built', () => {
    const { table } = resolved('orders', [{ name: 'orders' }], [{ name: 'orders', package: 'old' }])
    assert.equal(table, '"marts"."orders"')
  })
})

describe('a manifest', () => {
  const at = { file: 'sluice.yml', line: 3, column: 14 }
  const codeOf = (text: string) => {
    try {
      readManifest(text, '../dbt/target/manifest.json', at)
    } catch (error) {
      assert.ok(error instanceof SluiceError)
      assert.equal(error.at, at)
      return error.code
    }
    return 'none'
  }
  const ofVersion = (schemaVersion: string) => codeOf(dbtManifest([], { schemaVersion }))

  test('that is cut off or no mapping is told with the place that asks for it', () => {
    assert.equal(codeOf(dbtManifest([]).slice(0, -1)), 'SLU1030')
    assert.equal(codeOf('[]'), 'SLU1030')
    assert.equal(codeOf(dbtManifest([])), 'none')
  })

  test('of dbt 1.0 and of any newer version is read, an older one and another file are not', () => {
    assert.equal(ofVersion('https://schemas.getdbt.com/dbt/manifest/v4.json'), 'none')
    assert.equal(ofVersion('https://schemas.getdbt.com/dbt/manifest/v20.json'), 'none')
    assert.equal(ofVersion('https://schemas.getdbt.com/dbt/manifest/v3.json'), 'SLU1031')
    assert.equal(ofVersion('https://schemas.getdbt.com/dbt/catalog/v12.json'), 'SLU1031')
    assert.equal(codeOf('{}'), 'SLU1031')
  })
})
