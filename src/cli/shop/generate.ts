import { epochMsOf, type Instant, instantOf } from '../../base/instant.ts'
import { madeUpPerson, mistyped, type Person, writtenPhone } from './people.ts'
import { type Random, seeded } from './random.ts'

export interface ShopSize {
  readonly people: number
  /** Page views, baskets and the like; orders come on top. */
  readonly events: number
  readonly seed: number
  /** Nothing in the shop happened at or after this time. */
  readonly until: Instant
}

/**
 * The data of a made-up shop as CSV files by name: a CRM, a web shop with guest orders, a loyalty programme at the
 * till, and a tracker of visits. The four know the same people in part: shared and mistyped addresses, phone numbers
 * written in several ways, visitors who never log in, a tablet in the store that everybody uses.
 */
export function shopData(size: ShopSize): ReadonlyMap<string, string> {
  const random = seeded(size.seed)
  const people = Array.from({ length: size.people }, (_, index) => madeUpPerson(index + 1, random))
  const shop: Shop = { random, people, untilMs: epochMsOf(size.until) }
  return new Map([
    ['contacts.csv', contacts(shop)],
    ['accounts.csv', accounts(shop)],
    ['cards.csv', cards(shop)],
    ['stores.csv', stores()],
    ...orders(shop),
    ['events.csv', events(shop, size.events)],
  ])
}

interface Shop {
  readonly random: Random
  readonly people: readonly Person[]
  readonly untilMs: number
}

/** What of the year the shop remembers. */
const HISTORY_DAYS = 365
const DAY_MS = 86_400_000
const CRM_SHARE = 0.8
const ACCOUNT_SHARE = 0.6
const CARD_SHARE = 0.35

/** The CRM: typed by hand. Some stand in it twice, some share an address, some have none that is real. */
function contacts({ people, random, untilMs }: Shop): string {
  const rows: string[] = []
  for (const person of people.filter((_, index) => index % 10 < CRM_SHARE * 10)) {
    const row = (id: string, email: string, phone: string) =>
      rows.push(
        csv(
          id,
          email,
          phone,
          person.firstName,
          person.lastName,
          person.birthDate,
          person.country,
          random.chance(0.8) ? 'true' : 'false',
          past(random, untilMs, HISTORY_DAYS),
        ),
      )
    row(`c${person.number}`, contactEmail(person, random), writtenPhone(person, random))
    if (random.chance(0.06)) row(`c${person.number}b`, person.secondEmail, writtenPhone(person, random))
  }
  return file('contact_id,email,mobile,first_name,last_name,birth_date,country,marketing_ok,updated_at', rows)
}

function contactEmail(person: Person, random: Random): string {
  if (random.chance(0.02)) return 'n/a'
  if (random.chance(0.01)) return 'info@shop.example'
  if (random.chance(0.02)) return mistyped(person.email, random)
  return random.chance(0.1) ? person.email.toUpperCase() : person.email
}

/** The web shop's log-ins. */
function accounts({ people, random, untilMs }: Shop): string {
  const rows = people.filter(hasAccount).map((person) => {
    const email = random.chance(0.1) ? person.secondEmail : person.email
    return csv(
      userId(person),
      email,
      random.chance(0.5) ? person.phone : '',
      past(random, untilMs, HISTORY_DAYS),
    )
  })
  return file('user_id,email,phone,created_at', rows)
}

/** The loyalty cards of the till: a phone number, seldom more. */
function cards({ people, random, untilMs }: Shop): string {
  const rows = people.filter(hasCard).map((person) => {
    const email = random.chance(0.3) ? ` ${person.email} ` : ''
    return csv(cardId(person), writtenPhone(person, random), email, past(random, untilMs, HISTORY_DAYS))
  })
  return file('card_id,phone,email,joined_at', rows)
}

function stores(): string {
  return file('store_id,city,country', [
    's1,Paris,FR',
    's2,Lyon,FR',
    's3,Brussels,BE',
    's4,Berlin,DE',
    'web,,',
  ])
}

/** Orders with an account, as a guest by email, or at the till by card; and their lines. */
function orders(shop: Shop): readonly (readonly [string, string])[] {
  const { people, random, untilMs } = shop
  const rows: string[] = []
  const lines: string[] = []
  for (const person of people)
    for (let left = Math.floor(person.appetite * MOST_ORDERS); left > 0; left -= 1) {
      const id = `o${rows.length + 1}`
      const items = Array.from({ length: random.between(1, 4) }, () => random.pick(PRODUCTS))
      const total = items.reduce((sum, item) => sum + item.cents, 0)
      const at = past(random, untilMs, HISTORY_DAYS * (1 - person.appetite / 2))
      const status = random.chance(0.06) ? 'returned' : 'paid'
      rows.push(csv(id, ...buyer(person, random), status, (total / 100).toFixed(2), at))
      for (const [line, item] of items.entries())
        lines.push(csv(id, String(line + 1), item.sku, (item.cents / 100).toFixed(2)))
    }
  return [
    ['orders.csv', file('order_id,user_id,customer_email,card_id,store_id,status,total,ordered_at', rows)],
    ['order_items.csv', file('order_id,line,sku,price', lines)],
  ]
}

const MOST_ORDERS = 8

/** `user_id, customer_email, card_id, store_id` of one order. */
function buyer(person: Person, random: Random): readonly [string, string, string, string] {
  if (hasCard(person) && random.chance(0.4)) return ['', '', cardId(person), `s${random.between(1, 4)}`]
  if (hasAccount(person) && random.chance(0.75)) return [userId(person), person.email, '', 'web']
  return ['', random.chance(0.1) ? person.email.toUpperCase() : person.email, '', 'web']
}

/** Visits: anonymous until she logs in, and for half of them for ever. A visit that fills a basket may end there. */
function events(shop: Shop, count: number): string {
  const rows: string[] = []
  while (rows.length < count) rows.push(...visit(shop, rows.length).slice(0, count - rows.length))
  return file('event_id,anonymous_id,user_id,name,happened_at', rows)
}

function visit({ people, random, untilMs }: Shop, before: number): readonly string[] {
  const person = people[Math.floor(random.next() ** 2 * people.length)]
  if (person === undefined) return []
  const device = random.chance(0.01)
    ? 'store-tablet'
    : (person.devices[random.between(0, 2)] ?? `d${person.number}x0`)
  const user = hasAccount(person) && random.chance(0.5) ? userId(person) : ''
  const start = Date.parse(past(random, untilMs, HISTORY_DAYS / 2))
  return random.pick(VISITS).map((name, step) => {
    const at = Math.min(start + step * random.between(20, 240) * 1000, untilMs - 1000)
    return csv(`e${before + step + 1}`, device, step === 0 ? '' : user, name, instantOf(at))
  })
}

const VISITS: readonly [readonly string[], ...(readonly string[])[]] = [
  ['page_view'],
  ['page_view', 'page_view', 'page_view'],
  ['page_view', 'product_view', 'product_view'],
  ['page_view', 'product_view', 'add_to_cart'],
  ['page_view', 'product_view', 'add_to_cart', 'checkout'],
]

const PRODUCTS: readonly [
  { readonly sku: string; readonly cents: number },
  ...{ readonly sku: string; readonly cents: number }[],
] = [
  { sku: 'tea-green', cents: 790 },
  { sku: 'tea-black', cents: 690 },
  { sku: 'coffee-beans', cents: 1490 },
  { sku: 'coffee-ground', cents: 1290 },
  { sku: 'teapot', cents: 3900 },
  { sku: 'mug', cents: 1200 },
  { sku: 'grinder', cents: 8900 },
  { sku: 'espresso-machine', cents: 34_900 },
]

function hasAccount(person: Person): boolean {
  return (person.number * 7) % 10 < ACCOUNT_SHARE * 10
}

function hasCard(person: Person): boolean {
  return (person.number * 13) % 20 < CARD_SHARE * 20
}

function userId(person: Person): string {
  return `u${person.number}`
}

function cardId(person: Person): string {
  return `k${100_000 + person.number}`
}

function past(random: Random, untilMs: number, days: number): Instant {
  const seconds = Math.floor((random.next() * days * DAY_MS) / 1000)
  return instantOf(untilMs - 1000 - seconds * 1000)
}

/** No value of ours holds a comma, a quote or a line's end. */
function csv(...values: readonly string[]): string {
  return values.join(',')
}

function file(header: string, rows: readonly string[]): string {
  return `${header}\n${rows.join('\n')}\n`
}
