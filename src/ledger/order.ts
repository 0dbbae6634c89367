import type { OrderByItemBuilder } from 'kysely'

/** Engines disagree on where nulls go when nobody says it. */
export function ascending(item: OrderByItemBuilder): OrderByItemBuilder {
  return item.asc().nullsLast()
}

export function descending(item: OrderByItemBuilder): OrderByItemBuilder {
  return item.desc().nullsLast()
}
