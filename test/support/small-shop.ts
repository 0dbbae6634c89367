/** The smallest project with every kind in it, on DuckDB files; `url` is where its sync sends. */
export function smallShop(
  url: string,
  changes: { readonly contacts?: string; readonly target?: string; readonly more?: string } = {},
): Readonly<Record<string, string>> {
  return {
    'sluice.yml': `version: 1
name: small_shop
default_target: dev
targets:
  dev: ${changes.target ?? '{type: duckdb, path: shop.duckdb}'}
sources:
  - name: contacts
    file: contacts.csv
    primary_key: id
    columns: {country: {pii: none}}
  - {name: orders, file: orders.csv, primary_key: id, occurred_at: at}
entities:
  - name: customer
    identity:
      from:
        - {source: contacts, ids: {email: email}}
        - {source: orders, ids: {email: buyer}}
      identifiers: {email: {normalize: email}}
    profile:
      email: {from: [contacts.email], pick: most_recent}
      first_name: {from: [contacts.first_name], pick: most_recent}
      country: {from: [contacts.country], pick: most_frequent}
traits:
  - {name: spent, entity: customer, sum: orders.total, default: 0}
  - {name: orders_count, entity: customer, count: orders}
segments:
  - {name: buyers, entity: customer, where: {trait: orders_count, gte: 1}}
  - {name: french, entity: customer, where: {trait: country, eq: FR}}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true}}
syncs:
  - name: buyers_to_hook
    segment: buyers
    to: hook.rows
    mode: mirror
    match: {email: email}
    map: {spent: spent}
${changes.more ?? ''}`,
    'contacts.csv': changes.contacts ?? CONTACTS,
    'orders.csv': ORDERS,
  }
}

export const CONTACTS = `id,email,first_name,country
1,ada@example.com,Ada,FR
2,grace@example.com,Grace,BE
3,linus@example.com,Linus,FR
4,ADA@example.com,Ada,FR
`

const ORDERS = `id,buyer,total,at
1,ada@example.com,10.50,2026-01-02
2,ada@example.com,20.00,2026-01-03
3,grace@example.com,5.25,2026-01-04
`
