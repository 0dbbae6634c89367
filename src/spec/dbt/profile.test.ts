import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SluiceError } from '../../base/errors.ts'
import { parseProject } from '../parse-project.ts'
import { connectionOfProfile } from './profile.ts'

const PROFILES = `shop:
  target: "{{ env_var('DBT_TARGET', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: dev.duckdb, schema: main, threads: 4, settings: {memory_limit: 2GB}}
    prod:
      type: postgres
      host: "{{ env_var('PGHOST') }}"
      port: "{{ env_var('PGPORT', '5433') | int }}"
      user: cdp
      pass: "a-{{ env_var(\\"DBT_ENV_SECRET_PASSWORD\\") }}-b"
      dbname: shop
      schema: marts
      sslmode: prefer
      threads: 4
    certain:
      type: postgres
      host: db.example
      dbname: shop
      sslmode: verify-full
      sslrootcert: certs/root.crt
      sslcert: /etc/cdp/cdp.crt
      sslkey: /etc/cdp/cdp.key
    red: {type: redshift, host: r.example, port: 5439, user: cdp, pass: p, dbname: shop, query_group: etl, ra3_node: true}
    red_iam: {type: redshift, method: iam, host: r.example, cluster_id: c, user: cdp, dbname: shop}
    red_plain: {type: redshift, host: r.example, user: cdp, password: p, dbname: shop, sslmode: disable}
    flake: {type: snowflake, account: acme_eu, user: cdp, private_key_path: keys/cdp.p8, private_key_passphrase: "{{ env_var('DBT_ENV_SECRET_KEY', 'unlock') }}", role: LOADER, warehouse: WH, database: SHOP, schema: MARTS, threads: 8, query_tag: x, client_session_keep_alive: true}
    flake_browser: {type: snowflake, account: a, user: b, authenticator: externalbrowser, warehouse: w, database: d}
    flake_bare: {type: snowflake, account: a, user: b, password: p}
    big: {type: bigquery, method: service-account, project: shop-1, dataset: marts, keyfile: keys/big.json, location: EU, timeout_seconds: 300, maximum_bytes_billed: 1000, threads: 8, job_retries: 1}
    big_json: {type: bigquery, method: service-account-json, database: shop-1, schema: marts, keyfile_json: {type: service_account, private_key: "{{ env_var('DBT_ENV_SECRET_KEY', 'unlock') }}"}, impersonate_service_account: cdp@shop}
    big_oauth: {type: bigquery, method: oauth-secrets, project: shop-1, dataset: marts, refresh_token: r, client_id: c, client_secret: s, keyfile: left.json}
    big_wif: {type: bigquery, method: external-oauth-wif, project: shop-1, dataset: marts, workload_pool_provider_path: p}
    brick: {type: databricks, host: dbc.example, http_path: /sql/1.0/warehouses/abc, catalog: shop, schema: marts, token: "{{ env_var('DBT_ENV_SECRET_KEY', 'unlock') }}", threads: 8, connect_retries: 3}
    brick_client: {type: databricks, host: dbc.example, http_path: /sql/1.0/warehouses/abc, database: shop, auth_type: oauth, client_id: c, client_secret: s}
    brick_browser: {type: databricks, host: dbc.example, http_path: /sql/1.0/warehouses/abc, auth_type: oauth}
    brick_session: {type: databricks, host: dbc.example, http_path: /sql/1.0/warehouses/abc, token: t, session_properties: {ansi_mode: false}}
    odd: {type: spark, host: a}
    role: {type: postgres, host: a, dbname: b, role: admin}
    macro: {type: postgres, host: "{{ target.name }}", dbname: b}
    block: {type: postgres, host: "{% if true %}a{% endif %}", dbname: b}
    open: {type: postgres, host: "{{ env_var('PGHOST')", dbname: b}
    memory: {type: duckdb}
config: {send_anonymous_usage_stats: false}
`

function connection(written: string, env: Readonly<Record<string, string>> = {}, text = PROFILES) {
  const { project, errors } = parseProject('/shop/sluice', [
    { path: 'sluice.yml', text: `version: 1\nname: shop\ntargets:\n  one: ${written}\n` },
  ])
  const target = project?.profileTargets.get('one')
  assert.ok(target, errors.map(({ message }) => message).join())
  return connectionOfProfile({ target, text, shown: '../dbt/profiles.yml', folder: '/shop/dbt', env })
}

function errorOf(written: string, env: Readonly<Record<string, string>> = {}, text = PROFILES): SluiceError {
  try {
    connection(written, env, text)
  } catch (error) {
    assert.ok(error instanceof SluiceError)
    return error
  }
  throw new assert.AssertionError({ message: `expected an error of ${written}` })
}

const PROD = { PGHOST: 'db.example', DBT_ENV_SECRET_PASSWORD: 'hush-hush' }

describe('a target of a dbt profile', () => {
  test('of DuckDB has a path relative to the dbt project, and DuckDB settings, not the threads of dbt', () => {
    const { target } = connection('{dbt_profile: shop, dbt_target: dev}')
    assert.equal(target.type.value, 'duckdb')
    assert.deepEqual(Object.fromEntries(target.settings), {
      path: '/shop/dbt/dev.duckdb',
      memory_limit: '2GB',
    })
  })

  test('of PostgreSQL has its settings under our names, with variables read', () => {
    const { target, secrets } = connection('{dbt_profile: shop, dbt_target: prod}', PROD)
    assert.equal(target.type.value, 'postgres')
    assert.deepEqual(Object.fromEntries(target.settings), {
      ...{ host: 'db.example', port: '5433', user: 'cdp', password: 'a-hush-hush-b', database: 'shop' },
    })
    assert.deepEqual(secrets, ['hush-hush'])
    const other = connection('{dbt_profile: shop, dbt_target: prod}', { ...PROD, PGPORT: '6000' })
    assert.equal(other.target.settings.get('port'), '6000')
  })

  test('of PostgreSQL has the files of its certificates, relative to the dbt project', () => {
    const { settings } = connection('{dbt_profile: shop, dbt_target: certain}').target
    assert.deepEqual(Object.fromEntries(settings), {
      host: 'db.example',
      database: 'shop',
      sslmode: 'verify-full',
      sslrootcert: '/shop/dbt/certs/root.crt',
      sslcert: '/etc/cdp/cdp.crt',
      sslkey: '/etc/cdp/cdp.key',
    })
  })

  test('of Redshift has its settings under our names, and the encryption that dbt takes', () => {
    const { target } = connection('{dbt_profile: shop, dbt_target: red}')
    assert.equal(target.type.value, 'redshift')
    assert.deepEqual(Object.fromEntries(target.settings), {
      ...{ host: 'r.example', port: '5439', user: 'cdp', password: 'p', database: 'shop' },
      ...{ sslmode: 'verify-ca', query_group: 'etl' },
    })
    const plain = connection('{dbt_profile: shop, dbt_target: red_plain}')
    assert.equal(plain.target.settings.get('sslmode'), 'disable')
    const iam = errorOf('{dbt_profile: shop, dbt_target: red_iam}')
    assert.match(`${iam.code} ${iam.message} ${iam.hint}`, /^SLU1036 .*"method".*user and password/)
  })

  test('of Snowflake has its settings under our names, and none where somebody must log in', () => {
    const { target } = connection('{dbt_profile: shop, dbt_target: flake}')
    assert.equal(target.type.value, 'snowflake')
    assert.deepEqual(Object.fromEntries(target.settings), {
      ...{ account: 'acme_eu', user: 'cdp', private_key_passphrase: 'unlock', role: 'LOADER' },
      ...{ warehouse: 'WH', database: 'SHOP', private_key_path: '/shop/dbt/keys/cdp.p8' },
    })
    const browser = errorOf('{dbt_profile: shop, dbt_target: flake_browser}')
    assert.match(`${browser.code} ${browser.message}`, /^SLU1036 .*"authenticator"/)
    const bare = errorOf('{dbt_profile: shop, dbt_target: flake_bare}')
    assert.match(`${bare.code} ${bare.message}`, /^SLU1036 .*"database"/)
  })

  test('of Databricks has its settings under our names, and none where somebody must log in', () => {
    const settingsOf = (name: string) =>
      Object.fromEntries(connection(`{dbt_profile: shop, dbt_target: ${name}}`).target.settings)
    const shared = { host: 'dbc.example', http_path: '/sql/1.0/warehouses/abc', catalog: 'shop' }
    assert.deepEqual(settingsOf('brick'), { ...shared, schema: 'marts', token: 'unlock' })
    assert.deepEqual(settingsOf('brick_client'), {
      ...{ ...shared, auth_type: 'oauth', client_id: 'c', client_secret: 's' },
    })
    assert.ok(connection('{dbt_profile: shop, dbt_target: brick}').secrets.includes('unlock'))
    for (const [name, key] of [
      ['brick_browser', 'auth_type'],
      ['brick_session', 'session_properties'],
    ]) {
      const refused = errorOf(`{dbt_profile: shop, dbt_target: ${name}}`)
      assert.match(`${refused.code} ${refused.message}`, new RegExp(`^SLU1036 .*"${key}"`))
    }
  })

  test('of BigQuery has its settings under our names, and only the credentials that the method names', () => {
    const settingsOf = (name: string) =>
      Object.fromEntries(connection(`{dbt_profile: shop, dbt_target: ${name}}`).target.settings)
    assert.deepEqual(settingsOf('big'), {
      ...{ project: 'shop-1', dataset: 'marts', location: 'EU', keyfile: '/shop/dbt/keys/big.json' },
      ...{ maximum_bytes_billed: '1000', job_execution_timeout_seconds: '300' },
    })
    assert.deepEqual(settingsOf('big_json'), {
      ...{ project: 'shop-1', dataset: 'marts', impersonate_service_account: 'cdp@shop' },
      keyfile_json: '{"type":"service_account","private_key":"unlock"}',
    })
    assert.deepEqual(settingsOf('big_oauth'), {
      ...{ project: 'shop-1', dataset: 'marts' },
      ...{ refresh_token: 'r', client_id: 'c', client_secret: 's' },
    })
    assert.ok(connection('{dbt_profile: shop, dbt_target: big_json}').secrets.includes('unlock'))
    const federated = errorOf('{dbt_profile: shop, dbt_target: big_wif}')
    assert.match(`${federated.code} ${federated.message}`, /^SLU1036 .*"workload_pool_provider_path"/)
  })

  test("without dbt_target is the profile's own, which may be a variable", () => {
    assert.equal(connection('{dbt_profile: shop}').target.type.value, 'duckdb')
    const prod = connection('{dbt_profile: shop}', { ...PROD, DBT_TARGET: 'prod' })
    assert.equal(prod.target.type.value, 'postgres')
  })

  test('keeps what sluice.yml says beside it', () => {
    const { target } = connection('{dbt_profile: shop, state_schema: cdp, send: sandbox, owner: data}')
    assert.deepEqual(
      [target.name, target.stateSchema, target.send, target.owner],
      ['one', 'cdp', 'sandbox', 'data'],
    )
    assert.equal(connection('{dbt_profile: shop}').target.stateSchema, 'sluice')
  })

  test('of a warehouse that we have no driver for is one; of an unknown type it is an error', () => {
    assert.equal(errorOf('{dbt_profile: shop, dbt_target: odd}').code, 'SLU7008')
  })

  test('that is not there gets the nearest name, at its place in sluice.yml', () => {
    const profile = errorOf('{dbt_profile: shopp}')
    assert.deepEqual(
      [profile.code, profile.hint, profile.at?.file],
      ['SLU1035', 'did you mean "shop"?', 'sluice.yml'],
    )
    const target = errorOf('{dbt_profile: shop, dbt_target: prd}')
    assert.deepEqual([target.code, target.hint], ['SLU1035', 'did you mean "prod"?'])
  })

  test('with a variable that is not set names it, with its place in the profile', () => {
    const error = errorOf('{dbt_profile: shop, dbt_target: prod}')
    assert.match(`${error.code} ${error.message}`, /^SLU1018 .*"PGHOST"/)
    assert.deepEqual([error.at?.file, error.at?.line], ['../dbt/profiles.yml', 7])
  })

  test('with another template than env_var is refused, and so is what makes it another session', () => {
    for (const name of ['macro', 'block', 'open', 'role', 'memory']) {
      const error = errorOf(`{dbt_profile: shop, dbt_target: ${name}}`, PROD)
      assert.equal(error.code, 'SLU1036', name)
      assert.equal(error.at?.file, '../dbt/profiles.yml', name)
    }
  })

  test('never repeats what stands in the file', () => {
    const secret = 'pa55word'
    for (const text of [
      `shop: {target: dev, outputs: {dev: {type: postgres, host: a, dbname: b, password: "{{ x('${secret}') }}"}}}`,
      `shop: {target: dev, outputs: {dev: {password: "${secret}" ${secret}}}}`,
      `shop: {target: dev, outputs: {dev: {type: postgres, host: a, password: ${secret}, password: ${secret}}}}`,
      `shop: {target: dev, outputs: {dev: {type: postgres, host: a, password: !vault ${secret}}}}`,
    ]) {
      const { message, hint, code } = errorOf('{dbt_profile: shop}', {}, text)
      assert.equal(code, 'SLU1036', message)
      assert.ok(!`${message} ${hint}`.includes(secret), message)
    }
  })
})

test('a target has a type or a profile, and a dbt_target needs its profile', () => {
  const codesOf = (target: string) =>
    parseProject('/p', [
      { path: 'sluice.yml', text: `version: 1\nname: shop\ntargets:\n  one: ${target}\n` },
    ]).errors.map(({ code, message }) => `${code} ${message}`)
  assert.match(codesOf('{dbt_target: prod}').join(), /^SLU1003 .*dbt_profile/)
  assert.match(codesOf('{dbt_profil: shop}').join(), /^SLU1002 .*dbt_profil"/)
  assert.match(codesOf('{dbt_profile: shop, path: a.duckdb}').join(), /^SLU1002 .*path/)
  assert.match(codesOf('{type: duckdb, path: a, dbt_profile: shop}').join(), /^SLU1002 .*dbt_profile/)
})
