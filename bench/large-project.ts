import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Definitions in one file: what a team of analysts keeps together. */
const PER_FILE = 25

/** Writes a project of so many segments and syncs, as people write them, in files of 25. Needs no warehouse. */
export function writeLargeProject(folder: string, count: number): void {
  write(folder, 'sluice.yml', head())
  for (let from = 0; from < count; from += PER_FILE) {
    const numbers = Array.from({ length: Math.min(PER_FILE, count - from) }, (_, index) => from + index)
    write(folder, `segments/segments_${from}.yml`, `segments:\n${numbers.map(segment).join('')}`)
    write(folder, `syncs/syncs_${from}.yml`, `syncs:\n${numbers.map(sync).join('')}`)
  }
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function head(): string {
  return `version: 1
name: large
default_target: dev
targets:
  dev: {type: duckdb, path: large.duckdb}
sources:
  - {name: contacts, table: crm.contacts, primary_key: id, updated_at: updated_at}
  - {name: orders, table: shop.orders, primary_key: id, occurred_at: ordered_at}
  - {name: visits, table: web.visits, primary_key: id, occurred_at: visited_at}
entities:
  - name: customer
    identity:
      from:
        - {source: contacts, ids: {email: email, phone: mobile}}
        - {source: orders, ids: {email: buyer}}
        - {source: visits, ids: {email: email}}
      identifiers:
        email: {normalize: email}
        phone: {normalize: phone, default_country: FR}
    profile:
      email: {from: [contacts.email, orders.buyer], pick: most_recent}
      first_name: {from: [contacts.first_name], pick: most_recent}
      country: {from: [contacts.country], pick: most_frequent}
traits:
  - {name: lifetime_value, entity: customer, sum: orders.total, default: 0}
  - {name: orders_90d, entity: customer, count: orders, within: 90 days}
  - {name: last_order_at, entity: customer, max: orders.ordered_at}
destinations:
  - {name: hook, connector: http, settings: {url: "https://hook.example/rows", headers: {authorization: "\${HOOK_TOKEN}"}}}
  - {name: crm, connector: hubspot, settings: {access_token: "\${CRM_TOKEN}"}}
`
}

function segment(number: number): string {
  const other =
    number === 0 ? '' : `\n            - {segment: segment_${Math.max(0, number - 1 - (number % 7))}}`
  return `  - name: segment_${number}
    entity: customer
    description: Spent ${number} or more, and was not silent for ${(number % 60) + 1} days
    owner: team-${number % 12}@shop.example
    tags: [lifecycle, wave_${number % 10}]
    where:
      all:
        - {trait: lifetime_value, gte: ${number}}
        - {event: orders, count: {gte: ${(number % 5) + 1}}, within: ${(number % 60) + 1} days}
        - {event: visits, count: {eq: 0}, within: 7 days, where: {column: page, starts_with: "/checkout/${number}"}}
        - any:
            - {trait: country, in: [FR, BE, "C${number % 90}"]}${other}
        - not: {trait: email, ends_with: "@shop-${number}.example"}
`
}

function sync(number: number): string {
  return `  - name: sync_${number}
    segment: segment_${number}
    to: hook.rows
    mode: mirror
    match: {email: email}
    map:
      first_name: first_name
      value: lifetime_value
      origin: {value: segment_${number}}
      country: {sql: "upper({country})"}
    schedule: "${number % 60} * * * *"
    guard: {max_remove: 5%, min_rows: 1, max_rejected: 1%}
`
}
