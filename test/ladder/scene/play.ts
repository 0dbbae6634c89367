import { warehouseChecks } from '../../../src/inspect/doctor.ts'
import { explain } from '../../../src/inspect/explain.ts'
import { identityDiff } from '../../../src/inspect/identity-diff.ts'
import { identityShow } from '../../../src/inspect/identity-show.ts'
import { identityStats } from '../../../src/inspect/identity-stats.ts'
import { identityWhy } from '../../../src/inspect/identity-why.ts'
import { preview } from '../../../src/inspect/preview.ts'
import type { RunSyncOptions } from '../../../src/sync/options.ts'
import type { SyncResult } from '../../../src/sync/results.ts'
import { Random } from '../../support/random.ts'
import { AS_OF_MS, type Cell, COLUMNS, contact, type Kind, order, printed, type SceneTable } from './data.ts'
import type { Scene } from './run.ts'
import { publishedState } from './state.ts'

/** What the destinations were sent and what was told, act by act; the same on every warehouse. */
export interface Played {
  readonly sent: Readonly<Record<string, readonly string[]>>
  readonly told: Readonly<Record<string, readonly string[]>>
  /** The tables after each build and delivery, as `publishedState` tells them. */
  readonly states: readonly Readonly<Record<string, readonly string[]>>[]
}

/**
 * The first build and delivery, one of what changed, one of nothing new, and one after more changes and a retry; or the
 * first two only.
 */
export async function playScene(
  scene: Scene,
  { marked = () => {}, isShort = false }: { marked?: (point: string) => void; isShort?: boolean } = {},
): Promise<Played> {
  const sent: Record<string, readonly string[]> = {}
  const told: Record<string, readonly string[]> = {}
  const states: Awaited<ReturnType<typeof publishedState>>[] = []
  const end = async (point: string) => {
    states.push(await publishedState(scene.warehouse))
    marked(point)
  }
  const act = async (name: string, options: RunSyncOptions = {}) => {
    told[name] = (await scene.sync(options)).map(toldOf)
    sent[name] = scene.takeSent()
    await end(name)
  }
  const build = async () => {
    await scene.build()
    await end('built')
  }
  scene.refuse('vip2@x.example', 'same@x.example', '5')
  await build()
  await act('first')
  await scene.sql(...FIRST_CHANGES.flatMap((change) => change(scene)))
  await build()
  await act('changed')
  if (isShort) return { sent, told, states }
  await act('nothing new')
  await scene.sql(...LATER_CHANGES.flatMap((change) => change(scene)))
  scene.refuse()
  await build()
  await act('retried', { retry: { keys: [], reason: undefined } })
  await act('limited', { fullResync: true, limit: 3 })
  return { sent, told, states }
}

/** Everything that can be asked of a warehouse that was built. */
export async function lookAround(scene: Scene): Promise<void> {
  const { entities } = scene.run().graph.project
  const look = { limit: 5, unmask: true, by: undefined, overlap: undefined }
  for (const [segment, by, overlap] of PREVIEWS)
    await preview(scene.run(), { ...look, segment, by: by ?? undefined, overlap: overlap ?? undefined })
  for (const segment of EXPLAINED)
    await explain(scene.run(), { segment, entity: { key: 'email', value: 'vip@x.example' }, unmask: true })
  for (const name of ['customer', 'person']) {
    const entity = entities.get(name)
    if (entity === undefined) continue
    await identityStats(scene.run(), entity)
    await identityDiff(scene.run(), entity)
    for (const [first, second] of PAIRS) {
      const why = await identityWhy(scene.run(), entity, { first, second, unmask: true })
      await identityShow(scene.run(), entity, { id: why.entities[0].id, limit: 5, unmask: true })
    }
  }
  await warehouseChecks(scene.run())
}

const PREVIEWS = [
  ['vips', 'city', 'best'],
  ['best', 'band', null],
  ['last_names', null, 'staff'],
  ['came_back', null, null],
  ['busy_stores', 'store_orders', null],
] as const

const EXPLAINED = ['vips', 'best', 'came_back', 'twice', 'late_alphabet', 'dated', 'thrifty', 'big_spring']

const PAIRS = [
  ['contacts:1', 'contacts:2'],
  ['contacts:17', 'contacts:20'],
  ['contacts:7', 'contacts:8'],
  ['email=vip@x.example', 'contacts:15'],
] as const

function toldOf(result: SyncResult): string {
  const { name, status, add, change, remove, left, unchanged, held, heldBy, applied, rejected, pending } =
    result
  const { withinTolerance, error } = result
  const counts = {
    status,
    add,
    change,
    remove,
    left,
    unchanged,
    held,
    applied,
    rejected,
    pending,
    withinTolerance,
  }
  return JSON.stringify([name, counts, heldBy, error?.code])
}

type Change_ = (scene: Scene) => readonly string[]

const update =
  (table: SceneTable, where: string, cells: Readonly<Record<string, Cell>>): Change_ =>
  ({ warehouse }) => {
    const kinds: Readonly<Record<string, Kind>> = COLUMNS[table]
    const set = Object.entries(cells).map(
      ([column, cell]) => `${column} = ${printed(warehouse.dialect, cell, kinds[column] ?? 'text')}`,
    )
    return [`update data.${table} set ${set.join(', ')} where ${where}`]
  }

const insert =
  (table: SceneTable, ...rows: readonly (readonly Cell[])[]): Change_ =>
  ({ warehouse }) => {
    const kinds = Object.values(COLUMNS[table])
    const values = rows.map(
      (row) => `(${row.map((cell, at) => printed(warehouse.dialect, cell, kinds[at] ?? 'text')).join(', ')})`,
    )
    return [`insert into data.${table} values ${values.join(', ')}`]
  }

const remove =
  (table: SceneTable, where: string): Change_ =>
  () => [`delete from data.${table} where ${where}`]

const DAY = 86_400_000
const random = new Random(7)

/** People who turn out to be one, one who falls apart, anchors that go, values that move by little, by more, and back. */
const FIRST_CHANGES: readonly Change_[] = [
  insert('contacts', ...Array.from({ length: 5 }, (_, at) => contact(random, 301 + at))),
  insert('contacts', [
    41,
    'vip2@x.example',
    'vip3@x.example',
    null,
    null,
    null,
    null,
    'Bridge',
    'Lyon',
    2,
    true,
    AS_OF_MS,
  ]),
  insert('orders', ...Array.from({ length: 8 }, (_, at) => order(random, 401 + at))),
  insert('orders', [31, 'same@x.example', null, 0.5, 'paid', 1, AS_OF_MS - DAY]),
  insert('orders', [32, 'vip@x.example', null, 0.51, 'paid', 1, AS_OF_MS - DAY]),
  update('contacts', 'id = 19', { work_mail: null }),
  update('contacts', 'id = 24', { first_name: 'Hanna', updated_at: AS_OF_MS }),
  update('contacts', 'id = 13', { mail: 'AMANDA@x.example' }),
  update('stores', 'id = 2', { town: null, size: 2.5 }),
  remove('contacts', 'id in (1, 14, 103)'),
  remove('orders', 'id in (16, 205)'),
  remove('stores', 'id = 4'),
  remove('visits', "id = 'v6'"),
]

const LATER_CHANGES: readonly Change_[] = [
  remove('contacts', 'id = 41'),
  insert('contacts', [
    1,
    'ada@x.example',
    null,
    null,
    'Byron',
    '1815-12-10',
    'a1',
    'Ada',
    'Paris',
    37,
    true,
    AS_OF_MS + 1,
  ]),
  insert('stores', [4, 'Nice', '2024-02-29', false, 4]),
  update('contacts', 'id = 19', { work_mail: 'p4@x.example' }),
  update('orders', 'id = 5', { buyer: 'vip@x.example' }),
  update('accounts', "id = '2' and tenant = 't'", { email: 'same@x.example' }),
  update('stores', 'id = 5', { town: 'Brest' }),
  remove('orders', 'id in (1, 2)'),
]
