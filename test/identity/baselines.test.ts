import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { forEachEngine } from '../support/engines.ts'
import { openIdentityLab } from '../support/identity-lab.ts'

/** Data that others published, beside the repository; the figures were computed with DuckDB and scipy, not with Sluice. */
const DATA = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'shared', 'data')
const skip = existsSync(DATA) ? false : 'not run: the published data sets are not beside the repository'

/** The columns of each set that rules name, a key, and the cluster to which a record truly belongs. */
const SETS = {
  fake_1000: `select unique_id as id, cluster as truth, first_name as first, surname, dob, email
    from read_csv('${join(DATA, 'splink_fake_1000', 'fake_1000.csv')}', all_varchar = true)`,
  historical_50k: `select unique_id as id, cluster as truth, first_name as first, surname, dob,
      postcode_fake as postcode, occupation
    from read_parquet('${join(DATA, 'splink_historical_50k', 'historical_figures_with_errors_50k.parquet')}')`,
  febrl1: febrl('dataset1.csv'),
  febrl3: febrl('dataset3.csv'),
  senzing_customers: senzing(['customers']),
  senzing: senzing(['customers', 'reference', 'watchlist']),
}

function febrl(file: string): string {
  return `select rec_id as id, regexp_extract(rec_id, 'rec-(\\d+)-', 1) as truth, given_name as first, surname,
      postcode, date_of_birth as dob, soc_sec_id as ssn
    from read_csv('${join(DATA, 'febrl', file)}', all_varchar = true)`
}

function senzing(files: readonly string[]): string {
  const folder = join(DATA, 'senzing_truthset')
  // They do not have the same columns.
  const rows = files.map((file) => `from read_csv('${join(folder, `${file}.csv`)}', all_varchar = true)`)
  return `select r.DATA_SOURCE || ' ' || r.RECORD_ID as id, k.CLUSTER_ID as truth, EMAIL_ADDRESS as email,
      SSN_NUMBER as ssn, DRIVERS_LICENSE_NUMBER as licence, PASSPORT_NUMBER as passport
    from (${rows.join(' union all by name ')}) as r
    join read_csv('${join(folder, 'actual_truthset_key.csv')}', all_varchar = true) as k
      on k.DATA_SOURCE = r.DATA_SOURCE and k.RECORD_ID = r.RECORD_ID`
}

interface Baseline {
  readonly set: keyof typeof SETS
  /** Each is columns that must all be equal; one that holds is enough. */
  readonly rules: readonly string[]
  readonly clusters: number
  readonly largest: number
  readonly pairs: number
  /** Of the pairs: those of one true cluster. */
  readonly truePairs: number
  /** Clusters that are a true one, neither more nor less. */
  readonly exact: number
}

/** The table of the README that comes with the data. */
const BASELINES: readonly Baseline[] = [
  row('fake_1000', 'email', 635, 6, 682, 682, 67),
  row('fake_1000', 'first+surname+dob', 912, 5, 110, 110, 45),
  row('fake_1000', 'email or first+surname+dob', 588, 7, 823, 823, 77),
  row('fake_1000', 'email or surname+dob or first+dob or first+surname', 426, 7, 1372, 1363, 126),
  row('historical_50k', 'first+surname+dob', 35_235, 13, 37_852, 37_746, 17),
  row(
    'historical_50k',
    'first+surname+dob or surname+dob+postcode or first+dob+occupation',
    ...([31_682, 26, 60_260, 59_071, 43] as const),
  ),
  row(
    'historical_50k',
    'first+surname+dob or dob+postcode or first+surname+postcode',
    ...([24_812, 24, 107_028, 106_573, 98] as const),
  ),
  row('febrl1', 'ssn', 550, 2, 450, 450, 450),
  row('febrl3', 'ssn', 2291, 6, 5601, 5601, 1746),
  row('febrl3', 'first+surname+dob', 3759, 6, 1910, 1910, 1056),
  row('febrl3', 'first+postcode', 3311, 9, 2845, 2794, 1159),
  row('febrl3', 'ssn or first+surname+dob', 2148, 6, 6058, 6058, 1867),
  row('febrl3', 'ssn or surname+dob or dob+postcode', 2034, 6, 6428, 6428, 1966),
  row('senzing_customers', 'email', 88, 21, 226, 12, 24),
  row('senzing', 'email or ssn or licence or passport', 107, 21, 260, 34, 33),
]

function row(
  set: keyof typeof SETS,
  rules: string,
  clusters: number,
  largest: number,
  pairs: number,
  truePairs: number,
  exact: number,
): Baseline {
  return { set, rules: rules.split(' or '), clusters, largest, pairs, truePairs, exact }
}

forEachEngine((engine, open) => {
  for (const set of Object.keys(SETS) as readonly (keyof typeof SETS)[])
    test(`${engine}: ${set} falls into the clusters and pairs that were published, by each set of rules`, {
      skip,
    }, async (context) => {
      const { columns, rows } = await published(SETS[set])
      const truth = new Map(rows.map(([id, cluster]) => [String(id), String(cluster)]))
      const lab = await openIdentityLab(await open(context), yamlOf([]))
      await lab.load('people', columns, rows)
      for (const { rules, ...wanted } of BASELINES.filter((one) => one.set === set)) {
        await lab.build({ yaml: yamlOf(rules), fullRefresh: true })
        const found = await lab.rows('select record_id, person_id from sluice.person_identity')
        const figures = figuresOf(
          found.map((one) => [String(one.record_id), String(one.person_id)]),
          truth,
        )
        assert.deepEqual({ set, ...figures }, wanted, rules.join(' or '))
      }
    })
})

/** Read by DuckDB, because some of it is Parquet and some CSV with quoted commas. */
async function published(query: string) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(`select columns(*)::varchar from (${query})`)
  const rows = reader.getRows() as (string | null)[][]
  const columns = reader.deduplicatedColumnNames()
  connection.closeSync()
  instance.closeSync()
  return { columns, rows }
}

/** Values as they were published; Sluice trims and lowers them. Values that many share count as any other. */
function yamlOf(rules: readonly string[]): string {
  const named = rules.map((rule, index) => ({ name: `rule_${index + 1}`, columns: rule.split('+') }))
  const ids = named.map(({ name, columns }) => `${name}: [${columns.join(', ')}]`)
  const identifiers = named.map(({ name }) => `${name}: {normalize: text, max_records: 1000000}`)
  return `
sources: [{name: people, table: data.people, primary_key: id}]
entities:
  - name: person
    identity:
      from: [{source: people, ids: {${ids.join(', ')}}}]
      identifiers: {${identifiers.join(', ')}}
`
}

type Figures = Omit<Baseline, 'set' | 'rules'>

function figuresOf(
  found: readonly (readonly [string, string])[],
  truth: ReadonlyMap<string, string>,
): Figures {
  const clusters = new Map<string, string[]>()
  for (const [record, entity] of found)
    clusters.set(entity, [...(clusters.get(entity) ?? []), truth.get(record) ?? ''])
  const trueSizes = countsOf([...truth.values()])
  const sizes = [...clusters.values()].map((members) => members.length)
  return {
    clusters: clusters.size,
    largest: Math.max(...sizes),
    pairs: sum(sizes.map(pairsOf)),
    truePairs: sum([...clusters.values()].flatMap((members) => [...countsOf(members).values()].map(pairsOf))),
    exact: [...clusters.values()].filter(
      (members) => new Set(members).size === 1 && trueSizes.get(members[0] ?? '') === members.length,
    ).length,
  }
}

function countsOf(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function pairsOf(members: number): number {
  return (members * (members - 1)) / 2
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
