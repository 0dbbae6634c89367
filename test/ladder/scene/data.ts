import type { Dialect } from '../../../src/dialect/dialect.ts'
import { render } from '../../../src/dialect/fragment.ts'
import { Random } from '../../support/random.ts'

/** Times are milliseconds, days `2025-03-01`. */
export type Cell = string | number | boolean | null
export type Kind = 'text' | 'integer' | 'float' | 'decimal' | 'boolean' | 'timestamp' | 'date'
export type Rows = readonly (readonly Cell[])[]
export type SceneTable = keyof typeof COLUMNS
export type SceneData = Readonly<Record<SceneTable, Rows>>

export const COLUMNS = {
  contacts: {
    id: 'integer',
    mail: 'text',
    work_mail: 'text',
    mobile: 'text',
    last_name: 'text',
    birth_date: 'date',
    code: 'text',
    first_name: 'text',
    city: 'text',
    age: 'integer',
    ads_ok: 'boolean',
    updated_at: 'timestamp',
  },
  accounts: { tenant: 'text', id: 'text', email: 'text', nickname: 'text', plan: 'text' },
  orders: {
    id: 'integer',
    buyer: 'text',
    phone: 'text',
    total: 'decimal',
    status: 'text',
    store_id: 'integer',
    ordered_at: 'timestamp',
  },
  items: { order_id: 'integer', line: 'integer', sku: 'text', best_before: 'date' },
  stores: {
    id: 'integer',
    town: 'text',
    opened: 'date',
    is_open: 'boolean',
    size: 'float',
  },
  visits: { id: 'text', contact_id: 'integer', page: 'text', seen_at: 'timestamp' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Kind>>>>

export const AS_OF_MS = Date.parse('2025-09-30T08:00:00.000Z')

/** What the scene begins with: values on every edge that its conditions and rules ask about. */
export function firstData(): SceneData {
  const random = new Random(2026)
  return {
    contacts: [...EDGE_CONTACTS, ...made(46, 101, (id) => contact(random, id))],
    accounts: [...EDGE_ACCOUNTS, ...made(14, 11, (id) => account(random, id))],
    orders: [...EDGE_ORDERS, ...made(90, 201, (id) => order(random, id))],
    items: made(70, 1, (at) => item(random, at)),
    stores: STORES,
    visits: [...EDGE_VISITS, ...made(50, 501, (id) => visit(random, id))],
  }
}

/** The statements that make the tables and fill them. */
export function loadStatements(dialect: Dialect, data: SceneData): readonly string[] {
  const tables = Object.entries(COLUMNS).flatMap(([table, columns]) => {
    const names = Object.keys(columns)
    const kinds = Object.values<Kind>(columns)
    const defined = names.map((name, at) => `${name} ${typeName(dialect, kinds[at] ?? 'text')}`)
    const rows = data[table as SceneTable].map(
      (row) => `(${row.map((cell, at) => printed(dialect, cell, kinds[at] ?? 'text')).join(', ')})`,
    )
    return [
      `create table data.${table} (${defined.join(', ')})`,
      ...(rows.length === 0 ? [] : [`insert into data.${table} values ${rows.join(',\n')}`]),
    ]
  })
  return [render(dialect.table.createSchema(dialect.fold('data')), dialect), ...tables]
}

function typeName({ types }: Dialect, kind: Kind): string {
  if (kind === 'date') return 'date'
  return kind === 'decimal' ? 'decimal(10, 2)' : types[kind]
}

export function printed(dialect: Dialect, cell: Cell, kind: Kind): string {
  if (cell === null) return 'null'
  if (kind === 'timestamp') return dialect.timestampLiteral(new Date(Number(cell)).toISOString())
  if (kind === 'date') return `date '${cell}'`
  return dialect.literal(cell)
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ago = (days: number, ms = 0) => AS_OF_MS - days * DAY + ms

/** Chains, shared values, mixed case, blanks, empty texts, ties of recency and of frequency. */
const EDGE_CONTACTS: Rows = [
  [1, 'Ada@x.example', null, '06 12 34 56 78', 'Byron', '1815-12-10', 'a1', 'Ada', 'Paris', 36, true, ago(3)],
  [
    2,
    ' ada@X.example ',
    'ada@work.example',
    null,
    'byron',
    '1815-12-10',
    null,
    'Adah',
    'Lyon',
    35,
    false,
    ago(3),
  ],
  [3, null, 'ADA@work.example', '+33 6 12 34 56 78', null, null, 'b2', '', 'Lyon', null, null, ago(2)],
  [4, 'n/a', null, '0033612345679', 'Hopper', '1906-12-09', 'B2', 'Grace', ' ', 85, true, null],
  [5, 'bot7@x.example', null, '12', 'Hopper ', '1906-12-09', '', 'grace', 'Oslo', 20, null, ago(10)],
  [6, '', ' ', '', ' ', null, ' ', null, null, null, null, null],
  [7, 'shared@x.example', null, null, null, null, null, 'Max', 'Rome', 18, true, ago(1)],
  [8, 'shared@x.example', null, null, null, null, null, 'May', 'Rome', 17, true, ago(1)],
  [9, 'shared@x.example', null, null, null, null, null, 'Mia', 'Paris', 16, false, ago(1)],
  [10, 'shared@x.example', null, '0611111111', null, null, null, 'Moe', 'Paris', 15, true, ago(1)],
  [11, 'shared@x.example', null, '0611111111', null, null, null, 'Mo', 'Ada', 14, true, ago(1)],
  [
    12,
    'clerk@shop.example',
    null,
    '0622222222',
    'Staff',
    '1990-01-01',
    'c3',
    'm',
    'Paris',
    30,
    false,
    ago(0),
  ],
  [
    13,
    'Amanda@x.example',
    null,
    '06 2222 2222',
    'Staff',
    '1990-01-02',
    'c3',
    'Amanda',
    'Nice',
    31,
    true,
    ago(0),
  ],
  [14, 'vip@x.example', null, '0633333333', 'Rich', '1970-05-05', 'd4', 'Vera', 'Paris', 55, true, ago(5)],
  [
    15,
    'vip2@x.example',
    null,
    '0633333334',
    'Rich',
    '1971-05-05',
    'd5',
    'O\'Vera \\ "é"',
    'Lyon',
    54,
    true,
    ago(6),
  ],
  [16, 'vip3@x.example', null, '0633333335', 'Rich', '1972-05-05', 'd6', 'z', 'Metz', 54, true, ago(6)],
  [17, 'p1@x.example', 'p2@x.example', null, null, null, null, 'Pia', 'Bonn', 1, true, ago(9)],
  [18, 'p2@x.example', 'p3@x.example', null, null, null, null, 'Pia', 'Brno', 2, null, ago(9)],
  [19, 'p3@x.example', 'p4@x.example', null, null, null, null, 'Pam', 'Brno', 3, true, ago(8)],
  [20, 'p4@x.example', 'p5@x.example', null, null, null, null, 'Pam', 'Bonn', 3, false, ago(8)],
  [21, 'same@x.example', null, '0644444444', null, null, 'e1', 'Una', 'Rome', 40, true, ago(4)],
  [22, 'same@x.example', null, '0655555555', null, null, 'e2', 'Una', 'Rome', 41, true, ago(4)],
  [23, 'same@x.example', null, '0666666666', null, null, 'e3', 'Uno', 'Pisa', 42, false, ago(4)],
  [24, 'solo@x.example', null, null, 'Solo', '2000-02-29', 'f1', 'Han', 'Lyon', 33, true, ago(400)],
]

const EDGE_ACCOUNTS: Rows = [
  ['t|1', '1', 'ada@x.example', 'Countess', 'plain'],
  ['t', '1|1', 'ADA@X.EXAMPLE', null, ''],
  ['t\\', '2', 'vip@x.example', 'Very Important', 'gold'],
  ['t', '2', null, 'No One', null],
  ['t', '3', 'p5@x.example', 'P', 'basic'],
]

/** Totals and times exactly on the bounds of conditions, one step beside them, and missing. */
const EDGE_ORDERS: Rows = [
  [1, 'vip@x.example', null, 250, 'paid', 1, ago(60)],
  [2, 'vip@x.example', null, 250, 'paid', 1, ago(60, -1)],
  [3, 'vip2@x.example', null, 499.99, 'paid', 2, ago(61)],
  [4, 'vip2@x.example', null, 0.01, 'paid', 2, ago(90)],
  [5, 'vip3@x.example', null, 500, 'paid', 2, ago(70)],
  [6, 'ada@x.example', null, 499.99, 'returned', 1, ago(90, -1)],
  [7, 'ada@work.example', null, 99.5, null, 1, Date.parse('2025-03-21T00:00:00Z') - HOUR],
  [8, null, '06 12 34 56 78', 99.51, 'paid', 3, Date.parse('2025-06-21T00:00:00Z') - 2 * HOUR],
  [9, 'p3@x.example', null, null, 'paid', null, ago(1)],
  [10, 'p3@x.example', null, 0, 'open', 9, ago(0)],
  [11, 'p3@x.example', null, 7, 'open', 3, null],
  [12, 'same@x.example', null, 50, 'paid', 3, ago(4)],
  [13, 'same@x.example', null, 50, 'paid', 3, ago(2)],
  [14, 'same@x.example', null, 50, 'paid', 4, ago(2, 1)],
  [15, 'solo@x.example', null, 10, 'paid', 2, ago(0, -1)],
  [16, 'solo@x.example', null, 12.5, 'Paid', 2, ago(2, -1)],
  [17, null, null, 1, 'paid', 4, ago(20)],
  [18, 'amanda@x.example', '0622222222', 20, 'returned', 4, ago(30)],
  [19, 'amanda@x.example', null, 20, 'paid', 4, Date.parse('2025-03-30T08:00:00Z')],
  [20, 'clerk@shop.example', null, 20, 'paid', 4, Date.parse('2025-03-30T08:00:00Z') - HOUR],
]

const EDGE_VISITS: Rows = [
  ['v1', 1, '/blog/a', ago(30)],
  ['v2', 1, '/blog/a', ago(20)],
  ['v3', 14, '/blog/', ago(12)],
  ['v4', 14, '/blog', ago(11)],
  ['v5', 17, 'x/blog/a', ago(7)],
  ['v6', 21, '/buy', ago(10)],
  ['v7', 21, '/buy', ago(8)],
  ['v8', 24, '/blog/b', ago(8)],
  ['v9', 24, '/', ago(7, -1)],
  ['v10', null, '/blog/c', ago(3)],
  ['v11', 99, '/blog/c', ago(3)],
  ['v12', 15, '/blog/late', ago(0)],
]

const STORES: Rows = [
  [1, 'Paris', '2001-01-01', true, 0.1],
  [2, 'Lyon "2"', '1999-12-31', false, 1e21],
  [3, '', null, null, -0.5],
  [4, null, '2024-02-29', true, null],
  [5, 'Nantes\n\\', '2025-09-30', true, 1 / 3],
]

function made(count: number, first: number, make: (id: number) => readonly Cell[]): Rows {
  return Array.from({ length: count }, (_, at) => make(first + at))
}

const CITIES = ['Paris', 'Lyon', 'Rome', 'Oslo', 'Bonn', '', null]
const NAMES = ['Ann', 'Bo', 'anna', 'Zoë', 'Łuc', 'mia', 'ma', null, ' ']

export function contact(random: Random, id: number): readonly Cell[] {
  const mail = () =>
    random.chance(30) ? null : `${random.chance(20) ? 'E' : 'e'}${random.below(40)}@x.example`
  return [
    id,
    mail(),
    random.chance(75) ? null : mail(),
    random.chance(60) ? null : `06 00 00 00 ${10 + random.below(30)}`,
    random.chance(60) ? null : random.pick(['Roe', 'Doe', 'roe', 'Poe']),
    random.chance(50) ? null : `19${60 + random.below(6)}-0${1 + random.below(3)}-01`,
    random.chance(60) ? null : `k${random.below(25)}`,
    random.pick(NAMES),
    random.pick(CITIES),
    random.chance(20) ? null : random.below(90),
    random.chance(20) ? null : random.chance(50),
    random.chance(15) ? null : ago(random.below(30)),
  ]
}

function account(random: Random, id: number): readonly Cell[] {
  return [
    random.pick(['t', 'u']),
    String(id),
    random.chance(20) ? null : `e${random.below(40)}@x.example`,
    random.pick(NAMES),
    random.pick(['plain', 'gold', 'basic', null]),
  ]
}

export function order(random: Random, id: number): readonly Cell[] {
  return [
    id,
    random.chance(15) ? null : `e${random.below(40)}@x.example`,
    random.chance(80) ? null : `06 00 00 00 ${10 + random.below(30)}`,
    random.chance(10) ? null : random.pick([0, 5, 10, 19.99, 100, 250, 99.5, 500]),
    random.pick(['paid', 'returned', 'open', null]),
    random.chance(10) ? null : 1 + random.below(5),
    random.chance(5) ? null : ago(random.below(200), random.pick([-1, 0, 1, 0])),
  ]
}

function item(random: Random, at: number): readonly Cell[] {
  return [
    random.chance(50) ? 1 + random.below(20) : 201 + random.below(90),
    at,
    random.pick(['JAF-1', 'JAF-2', 'bev-1', null, '']),
    random.pick(['2025-10-01', '2025-09-30', '2025-10-02', null]),
  ]
}

function visit(random: Random, id: number): readonly Cell[] {
  return [
    `v${id}`,
    random.chance(50) ? 1 + random.below(24) : 101 + random.below(46),
    random.pick(['/blog/x', '/blog/', '/', '/buy', null]),
    random.chance(5) ? null : ago(random.below(45), random.pick([-1, 0, 1])),
  ]
}
