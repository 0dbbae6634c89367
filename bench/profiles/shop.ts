import type { Warehouse } from '../../src/warehouse/warehouse.ts'

/** Contacts and orders of people, with a field of every pick rule. */
export function projectText(type: string): string {
  const settings =
    type === 'duckdb' ? 'path: x.duckdb' : 'host: localhost, port: 1, user: x, password: x, database: x'
  return `version: 1
name: bench
default_target: dev
targets: {dev: {type: ${type}, ${settings}}}
sources:
  - {name: contacts, table: data.contacts, primary_key: id, updated_at: updated_at}
  - {name: orders, table: data.orders, primary_key: id, occurred_at: ordered_at}
entities:
  - name: person
    identity:
      from:
        - {source: contacts, ids: {email: email, phone: phone}}
        - {source: orders, ids: {email: email}}
      identifiers: {email: {normalize: email}}
    profile:
      email: {from: [contacts.email, orders.email], pick: most_recent}
      phone: {from: [contacts.phone], pick: most_recent}
      first_name: {from: [contacts.first_name], pick: first_source}
      country: {from: [contacts.country, orders.country], pick: most_frequent}
      city: {from: [contacts.city], pick: longest}
      first_order: {from: [orders.ordered_at], pick: min}
      biggest: {from: [orders.total], pick: max}
`
}

/** `rows` in all, of three people for four rows of each kind. */
export async function loadShop(warehouse: Warehouse, rows: number): Promise<void> {
  const half = Math.floor(rows / 2)
  const people = Math.floor(half * 0.7)
  const email = (prime: number) =>
    `'p' || (cast(i as bigint) * ${prime} % ${people}) || '@mail' || (i % 40) % 3 || '.example'`
  const country = "substr('FRBEDEITES', cast(i % 5 * 2 + 1 as int), 2)"
  const after = (prime: number) =>
    `timestamp '2025-01-01' + (cast(i as bigint) * ${prime} % 1000000) * interval '1 second'`
  const from = `from generate_series(1, ${half}) as t(i)`
  await run(warehouse, 'create schema data')
  await run(
    warehouse,
    `create table data.contacts as select cast(i as varchar) as id, ${email(7919)} as email,
  case when i % 3 = 0 then '+336' || (10000000 + i % ${Math.floor(half * 0.6)}) end as phone,
  'first' || (i % 1000) as first_name, ${country} as country,
  'city' || (cast(i as bigint) * i % 10007) as city, ${after(31)} as updated_at, i as n ${from}`,
  )
  await run(
    warehouse,
    `create table data.orders as select cast(i as varchar) as id, ${email(104729)} as email,
  cast(i % 1000 / 10.0 as double precision) as total, ${country} as country, ${after(37)} as ordered_at, i as n ${from}`,
  )
}

/** One of 200 contacts has another city, another one another address. */
export async function changeSome(warehouse: Warehouse, turn: number): Promise<void> {
  await run(
    warehouse,
    `update data.contacts set city = city || 'x', updated_at = updated_at + interval '1 day' where n % 200 = ${turn}`,
  )
  await run(warehouse, `update data.contacts set email = 'x' || email where n % 200 = ${turn + 100}`)
}

/** One order more for each hundred. */
export async function addSome(warehouse: Warehouse, turn: number): Promise<void> {
  await run(
    warehouse,
    `insert into data.orders select 'n${turn}-' || id, email, total, country, ordered_at, -1 from data.orders where n % 100 = ${turn}`,
  )
}

async function run(warehouse: Warehouse, sql: string): Promise<void> {
  await warehouse.execute({ step: 'bench.load', sql })
}
