import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dialect } from '../../src/dialect/dialect.ts'
import { type Fragment, id, lit, name, render, sql, timestamp } from '../../src/dialect/fragment.ts'

/** Where the tables stand: a warehouse may look for names without a schema where it made the last one. */
export const SCHEMA = 'data'

/** One step of a case: a command with its figures, or a question about what it published. */
export interface Step {
  readonly run?: readonly string[]
  readonly json?: Readonly<Record<string, unknown>>
  readonly hook?: { readonly changes?: number; readonly largest_batch?: number }
  readonly sql?: string
  readonly rows?: readonly Readonly<Record<string, unknown>>[]
}

export const CASES = ['cdnow', 'febrl', 'flower', 'jaffle', 'senzing'] as const
export type Case = (typeof CASES)[number]

/** Undefined where the acceptance projects are not beside this repository. */
export function acceptanceFolder(): string | undefined {
  const folder = join(import.meta.dirname, '../../../shared/acceptance')
  return existsSync(folder) ? folder : undefined
}

export function stepsOf(folder: string, project: Case): readonly Step[] {
  return JSON.parse(readFileSync(join(folder, project, 'expect.json'), 'utf8'))
}

/** The project as it stands: it reads files, which only DuckDB does. */
export function projectText(folder: string, project: Case): string {
  return readFileSync(join(folder, project, 'sluice.yml'), 'utf8')
}

/** Lines of the project that only DuckDB understands: whose files it reads, and its own SQL. */
export function textFor(dialect: Dialect, project: Case, text: string): string {
  const onTables = text.replaceAll(/\{name: (\w+), file: [^,}]+/g, `{name: $1, table: ${SCHEMA}.$1`)
  const own = OWN_QUERIES[project]?.(dialect)
  if (own === undefined) return onTables
  return onTables.replace(/^( +)query: (?:\|\n(?:\1 +.*\n)+|"[^"]*"\n)/m, `$1query: ${JSON.stringify(own)}\n`)
}

/** The question of a case in a dialect; DuckDB's own is the case's. */
export function questionFor(dialect: Dialect, project: Case, asked: string): string {
  if (dialect.name === 'duckdb') return asked
  const question = OWN_QUESTIONS[project]?.find(({ about }) => asked.includes(about))
  if (question === undefined) throw new Error(`expected this question for ${dialect.name} too: ${asked}`)
  return render(question.text(dialect), dialect)
}

const OWN_QUERIES: Readonly<Partial<Record<Case, (dialect: Dialect) => string>>> = {
  febrl: (dialect) => {
    const { fn } = dialect
    const text = (column: string) => sql`nullif(${fn.trim(fn.asText(name(column)))}, ${lit('')})`
    return render(
      sql`select ${name('rec_id')} as rec_id, ${fn.lower(text('surname'))} as surname,
  ${text('date_of_birth')} as born, ${text('postcode')} as postcode, ${text('soc_sec_id')} as ssid
from `,
      dialect,
    ).concat('{raw}')
  },
  flower: (dialect) => {
    const seconds = sql`event_time / 1000.0`
    const at = dialect.fn.addSeconds(timestamp('1970-01-01T00:00:00.000Z'), seconds)
    return `select r.*, ${render(at, dialect)} as happened_at from {raw_events} as r`
  },
}

interface Question {
  /** Words of the case's question by which it is known. */
  readonly about: string
  readonly text: (dialect: Dialect) => Fragment
}

const published = (table: string) => id('sluice', table)

const OWN_QUESTIONS: Readonly<Partial<Record<Case, readonly Question[]>>> = {
  febrl: [
    {
      about: 'largest',
      text: () => sql`select count(distinct person_id) as people, count(*) as records, max(n) as largest
from (select person_id, count(*) over (partition by person_id) as n from ${published('person_identity')}) as x`,
    },
    {
      about: 'right_pairs',
      text: ({ fn }) => sql`with t as (
  select person_id, ${fn.splitPart(sql`record_id`, '-', 2)} as truth from ${published('person_identity')}
), p as (
  select sum(n * (n - 1)) as v from (select count(*) as n from t group by person_id) as x
), tp as (
  select sum(n * (n - 1)) as v from (select count(*) as n from t group by person_id, truth) as x
)
select p.v * 0.5 as pairs, tp.v * 0.5 as right_pairs from p cross join tp`,
    },
  ],
  flower: [
    {
      about: 'spend',
      text: () => sql`select cast(sum(spend) as decimal(18, 2)) as spend,
  sum(case when platforms = 2 then 1 else 0 end) as ${id('both')}
from ${published('customer')}`,
    },
  ],
  jaffle: [
    {
      about: 'silver',
      text: () => sql`select count(*) as n, sum(orders_count) as orders, sum(lifetime_value) as ${id('value')},
  sum(items_bought) as items, sum(jaffles_bought) as jaffles, sum(orders_last_7d) as week,
  sum(case when band = 'silver' then 1 else 0 end) as silver
from ${published('customer')}`,
    },
    {
      about: 'customer_identity',
      text: () =>
        sql`select count(*) as n, count(distinct customer_id) as customers from ${published('customer_identity')}`,
    },
  ],
  senzing: [
    {
      about: 'total',
      text: () =>
        sql`select count(*) as n, sum(amount) as total, max(amount) as most from ${published('customer')}`,
    },
  ],
}
