import { hash } from 'node:crypto'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { identifiersOf, leavingOf, membership } from '../../src/connector/members.ts'
import { APPLIED, allOf, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import { objectIn } from '../../src/connector/shapes.ts'
import type { Batch, ConnectorTools, Receipt, Settings } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import { detailOf, hashProblemOf, valuesOf } from './hashes.ts'
import { MOST_BYTES, MOST_ROWS } from './manifest.ts'

/** Puts people into one audience, and takes them out of it. */
export function writeMembers(
  graph: Api,
  batch: Batch,
  parts: { readonly audienceId: string; readonly settings: Settings; readonly tools: ConnectorTools },
): Promise<readonly Receipt[]> {
  const send = (rows: readonly Row[], request: Users) => users(graph, batch, { ...parts, rows, ...request })
  return membership(batch, {
    takeOut: (rows) => checked(rows, (good) => send(good, { method: 'DELETE', ...leavers(good) })),
    putIn: (rows) =>
      checked(rows, (good) =>
        send(good, {
          method: 'POST',
          ...members(good, parts.settings.limited_data_use === true),
          session: sessionOf(batch),
        }),
      ),
  })
}

/** What finds a person by itself, by its name at Meta. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['external_id', 'EXTERN_ID'],
  ['email', 'EMAIL'],
  ['phone', 'PHONE'],
  ['mobile_id', 'MADID'],
])

/** What helps to find one. */
const DETAILS: ReadonlyMap<string, string> = new Map([
  ['first_name', 'FN'],
  ['last_name', 'LN'],
  ['city', 'CT'],
  ['state', 'ST'],
  ['zip', 'ZIP'],
  ['country', 'COUNTRY'],
  ['birth_year', 'DOBY'],
  ['birth_month', 'DOBM'],
  ['birth_day', 'DOBD'],
  ['gender', 'GEN'],
])

/** In the place of what is not known of somebody. */
const UNKNOWN = ''

/** What Meta calls an array of users: names of columns, and rows in their order. */
interface Table {
  readonly schema: readonly string[]
  readonly data: readonly (readonly (string | readonly string[])[])[]
}

type Users = Table & { readonly method: 'POST' | 'DELETE'; readonly session?: object }

/** Only what is a hash is sent: Meta would count the rest, and not say whose it was. */
async function checked(
  rows: readonly Row[],
  send: (good: readonly Row[]) => Promise<RowReceipts>,
): Promise<RowReceipts> {
  const problems: RowReceipts = new Map(
    rows.flatMap((row) => hashProblemOf(row, DETAILS.keys()).map((receipt) => [row, receipt] as const)),
  )
  const good = rows.filter((row) => !problems.has(row))
  return new Map([...problems, ...(good.length > 0 ? await send(good) : [])])
}

/** One row an identifier, so that each is found whatever the others find. */
function leavers(rows: readonly Row[]): Table {
  const all = rows.flatMap(({ change }) => leavingOf(change))
  const kinds = [...KEYS.keys()].filter((kind) => all.some((one) => one.kind === kind))
  return {
    schema: kinds.map(nameOf),
    data: all.map((one) => kinds.map((kind) => (one.kind === kind ? (one.parts[0] ?? UNKNOWN) : UNKNOWN))),
  }
}

/**
 * As many rows a person as there are values of one kind: the i-th has the i-th of each. The id of one's own and the
 * details stand in each. Columns that nobody has are left out.
 */
function members(rows: readonly Row[], isLimited: boolean): Table {
  const people = rows.map(({ change }) => {
    const identifiers = identifiersOf(change)
    return { change, values: [...KEYS.keys()].map((kind) => valuesOf(identifiers, kind)) }
  })
  const kinds = [...KEYS.keys()].map((kind, at) => ({
    kind,
    isUsed: people.some(({ values }) => values[at]?.length !== 0),
  }))
  const details = [...DETAILS.keys()].filter((name) =>
    people.some(({ change }) => detailOf(change, name) !== undefined),
  )
  return {
    schema: [
      ...kinds.filter(({ isUsed }) => isUsed).map(({ kind }) => nameOf(kind)),
      ...details.map(nameOf),
      ...(isLimited ? ['DATA_PROCESSING_OPTIONS'] : []),
    ],
    data: people.flatMap(({ change, values }) => {
      const known = details.map((name) => detailOf(change, name) ?? UNKNOWN)
      return Array.from({ length: Math.max(...values.map(({ length }) => length)) }, (_, row) => [
        ...kinds.flatMap(({ kind, isUsed }, at) => (isUsed ? [cellOf(kind, values[at] ?? [], row)] : [])),
        ...known,
        ...(isLimited ? [['LDU']] : []),
      ])
    }),
  }
}

function cellOf(kind: string, values: readonly string[], row: number): string {
  const first = kind === 'external_id' ? values[0] : undefined
  return values[row] ?? first ?? UNKNOWN
}

function nameOf(kind: string): string {
  return KEYS.get(kind) ?? DETAILS.get(kind) ?? kind
}

/** One of its own for each request and attempt, which Meta wants even where there is nothing to tie together. */
function sessionOf({ idempotencyKey, attempt = 1 }: Batch): object {
  const id = Number.parseInt(hash('sha256', `${idempotencyKey} ${attempt}`).slice(0, SESSION_DIGITS), 16)
  return { session_id: id + 1, batch_seq: 1, last_batch_flag: true }
}

/** Of 16: 48 bits, which any reader of JSON holds digit for digit. */
const SESSION_DIGITS = 12

async function users(
  graph: Api,
  batch: Batch,
  request: Users & {
    readonly rows: readonly Row[]
    readonly audienceId: string
    readonly tools: ConnectorTools
  },
): Promise<RowReceipts> {
  const { method, schema, data, session, rows, audienceId, tools } = request
  if (data.length > MOST_ROWS)
    throw new DestinationError('split', {
      message: `expected at most ${MOST_ROWS} rows a request, found ${data.length}`,
    })
  const json = { ...(session === undefined ? {} : { session }), payload: { schema, data } }
  const answer = await graph.send({
    ...{ method, path: `/${audienceId}/users`, json, batch, maxBytes: MOST_BYTES },
  })
  const { num_received: received, num_invalid_entries: invalid } = objectIn(answer.json)
  if (typeof received !== 'number' || received < data.length)
    return allOf(rows, unanswered('Meta did not say that it received all rows of the request'))
  if (typeof invalid === 'number' && invalid > 0) tools.onInvalid?.(invalid)
  return allOf(rows, APPLIED)
}
