/**
 * One project that has every kind of step: identities full, incremental, within limits and with candidates, fields,
 * traits, segments and sequences, and syncs of each mode. Its own SQL is such that every warehouse takes it.
 */
export interface SceneOptions {
  readonly url: string
  /** Rules for records that look alike: only where the engine says how alike two texts are. */
  readonly candidates: boolean
}

export function sceneProject({ url, candidates }: SceneOptions): string {
  return `timezone: Europe/Paris
${SOURCES}
${ENTITIES}
${candidates ? LOOK_ALIKES : ''}
${TRAITS}
${SEGMENTS}
${syncs(url)}`
}

export const SYNCS = [
  'vips',
  'people',
  'others',
  'shops',
  'bought',
  'agreed',
  'seen',
  'known',
  'conversions',
] as const

const SOURCES = `sources:
  - {name: contacts, table: data.contacts, primary_key: id, updated_at: updated_at}
  - {name: accounts, table: data.accounts, primary_key: [tenant, id]}
  - {name: orders, table: data.orders, primary_key: id, occurred_at: ordered_at, belongs_to: {stores: store_id}, detect_removals: true}
  - {name: items, table: data.items, primary_key: [order_id, line], belongs_to: {orders: order_id}}
  - {name: stores, table: data.stores, primary_key: id}
  - {name: visits, query: "select * from data.visits where seen_at < {as_of}", primary_key: id, occurred_at: seen_at, belongs_to: {contacts: contact_id}}`

const ENTITIES = `entities:
  - name: customer
    identity:
      from:
        - source: contacts
          ids: {email: {any: [mail, work_mail]}, phone: mobile, born: [last_name, birth_date], code: {sql: "upper(code)"}}
        - {source: accounts, ids: {email: email, login: [tenant, id]}}
        - {source: orders, ids: {email: buyer, phone: phone}}
      identifiers:
        email: {normalize: email, ignore: ["n/a"], ignore_patterns: ["^bot"], max_records: 4}
        phone: {normalize: phone, default_country: FR}
        born: {normalize: text}
    profile:
      email: {from: [contacts.mail, accounts.email, orders.buyer], pick: most_recent}
      name: {from: [contacts.first_name, accounts.nickname], pick: longest}
      city: {from: [contacts.city], pick: most_frequent}
      plan: {from: [accounts.plan, contacts.city], pick: first_source}
      first_seen: {from: [orders.ordered_at], pick: min}
      age: {from: [contacts.age], pick: max}
      page: {from: [visits.page], pick: most_recent}
  - {name: store, source: stores, key: id}
  - name: person
    identity:
      from:
        - {source: contacts, ids: {email: mail, phone: mobile, code: code, born: [last_name, birth_date]}}
        - {source: orders, ids: {email: buyer, phone: phone}}
      identifiers:
        email: {normalize: email, max_records: 5, priority: 2}
        phone: {normalize: phone, default_country: FR, max_per_entity: 2}
        code: {max_per_entity: 1, priority: 1}
      max_entity_size: 8
      block: [["contacts:1", "contacts:2"]]`

const LOOK_ALIKES = `      candidates:
        - {name: twins, compare: born, block_by: [{prefix: born, length: 2}, code], similarity: {edit_distance: 2}}
        - {name: sharers, compare: email, block_by: [code], similarity: {jaro_winkler: 0.92}, max_block: 20, link: true}`

const TRAITS = `    profile:
      mail: {from: [contacts.mail, orders.buyer], pick: most_frequent}
traits:
  - {name: orders_90d, entity: customer, count: orders, within: 90 days, where: {column: status, ne: returned}}
  - {name: spent, entity: customer, sum: orders.total, default: 0}
  - {name: average, entity: customer, avg: orders.total}
  - {name: last_order_at, entity: customer, max: orders.ordered_at}
  - {name: lowest, entity: customer, min: orders.total}
  - {name: skus, entity: customer, count_distinct: items.sku}
  - {name: favourite_store, entity: customer, most_frequent: orders.store_id}
  - {name: band, entity: customer, case: [{when: {trait: spent, gte: 500}, then: vip}, {when: {trait: spent, gt: 0}, then: buyer}, {else: other}]}
  - {name: per_order, entity: customer, sql: "case when {orders_90d} > 1 then {spent} - 1.5 else -0.25 end"}
  - {name: ads_ok, entity: customer, most_frequent: contacts.ads_ok}
  - {name: store_orders, entity: store, count: orders}
  - {name: orders_of, entity: person, count: orders}
  - {name: latest_status, entity: person, max: orders.status, default: none}`

const SEGMENTS = `segments:
  - name: vips
    entity: customer
    where:
      all:
        - {trait: spent, gte: 500}
        - {event: orders, count: {gte: 2}}
        - {event: orders, count: {eq: 0}, within: 60 days}
        - any: [{trait: city, in: [Paris, Lyon]}, {segment: readers}]
        - not: {segment: staff}
  - {name: staff, entity: customer, where: {trait: email, ends_with: "@shop.example"}}
  - {name: readers, entity: customer, where: {event: visits, where: {sql: "page like '/blog/%'"}}}
  - {name: best, entity: customer, where: {top: spent, percent: 4}}
  - {name: last_names, entity: customer, where: {bottom: name, count: 5}}
  - {name: spring, entity: customer, where: {trait: last_order_at, between: ["2025-03-21", "2025-06-21"]}}
  - {name: big_spring, entity: customer, where: {event: orders, max: {column: total, gt: 99.5}, between: ["2025-03-21", "2025-06-21"]}}
  - {name: late_alphabet, entity: customer, where: {any: [{trait: name, gte: m}, {trait: name, matches: "^A.*a$"}]}}
  - {name: months, entity: customer, where: {trait: last_order_at, within: 6 months}}
  - {name: thrifty, entity: customer, where: {all: [{trait: average, lte: 50}, {trait: band, not_in: [vip]}, {trait: plan, contains: "a"}]}}
  - {name: dated, entity: customer, where: {event: items, where: {column: best_before, lt: "2025-10-01"}}}
  - name: came_back
    entity: customer
    where: {sequence: [{event: visits}, {no_event: orders}, {event: visits, within: 1 month}, {no_event: orders, within: 7 days}]}
  - {name: twice, entity: customer, where: {sequence: [{event: orders}, {event: orders, within: 2 days}], same: store_id}}
  - {name: busy_stores, entity: store, where: {trait: store_orders, between: [3, 20]}}`

function syncs(url: string): string {
  return `destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true, batch_size: 7}}
  - {name: crm, connector: crm}
  - {name: ads, connector: ads}
syncs:
  - {name: vips, segment: months, to: hook.rows, mode: mirror, match: {email: email}, map: {spent: spent, origin: {value: sluice}, shout: {sql: "upper({name})"}, last: last_order_at}, nulls: skip, guard: {max_remove: 100%}}
  - {name: people, entity: customer, to: crm.contacts, match: {email: email}, map: {name: name, spent: spent, per_order: per_order, first: first_seen}, fields: changed, tolerance: {spent: 0.5}, guard: {max_remove: 100%, max_rejected: 100%}}
  - {name: others, segment: thrifty, to: crm.contacts, mode: mirror, match: {email: email}, map: {city: city, ok: ads_ok}, guard: {max_remove: 100%}}
  - {name: shops, source: stores, to: hook.rows, on_remove: clear, match: {store: id}, map: {town: town, opened: opened, open: is_open, size: size}, guard: {max_remove: 100%}}
  - {name: bought, source: orders, to: hook.rows, mode: insert, within: 400 days, match: {order: id}, map: {total: total, email: customer.email}}
  - {name: agreed, entity: person, to: hook.rows, mode: mirror, match: {mail: mail}, map: {orders: orders_of, status: latest_status}, consent: {require: {trait: orders_of, gte: 1}}, guard: {max_remove: 100%}}
  - {name: seen, segment: months, to: ads.audience, mode: mirror, match: {id: email}, identifiers: {email: email, phone: phone, first_name: name, last_name: city, zip: plan}, settings: {audience: seen}, resync: 300 days, guard: {max_remove: 100%}}
  - {name: known, entity: person, to: ads.audience, mode: mirror, match: {id: mail}, identifiers: {email: [mail], phone: phone}, consent: {require: {trait: orders_of, gte: 1}}, settings: {audience: seen}, guard: {max_remove: 100%}}
  - {name: conversions, source: orders, to: ads.events, mode: insert, within: 400 days, match: {event_id: id}, map: {event_name: {value: Purchase}, value: total, click: status}, identifiers: {email: [customer.email, buyer]}}
`
}
