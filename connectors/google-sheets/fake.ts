import { FakeGoogleGate } from '../../src/connector/fake-google-gate.ts'
import { type FakeAnswer, type FakeRequest, startFakeServer } from '../../src/connector/fake-server.ts'
import type { ConnectorFake, HeldRow, JsonValue, Settings } from '../../src/connector/types.ts'
import { type FakeEdit, FakeGrid, type FakeValue, Invalid, plainValue } from './fake-grid.ts'

/** Beside what every fake does. */
export interface GoogleSheetsFake extends ConnectorFake {
  expireTokens(): void
  /** The sheet that `useOf` names. */
  readonly grid: Held
  /** Settings of a service account. */
  robot(): Settings
}

/** One spreadsheet with one sheet, which is shared with everybody who has a token. */
export async function startFake(): Promise<GoogleSheetsFake> {
  const gate = new FakeGoogleGate('spreadsheets')
  let grid = new FakeGrid(17, SHEET)
  const held: Held = {
    get: () => grid,
    set: (next) => {
      grid = next
    },
  }
  const server = await startFakeServer((request) => {
    const url = new URL(request.path, server.origin)
    if (url.pathname === '/token') return gate.answer(request, `${server.origin}/token`)
    if (!gate.letsIn(request.headers.authorization))
      return failure(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.')
    return answer(request, url, held)
  })
  const common = {
    base_url: server.origin,
    token_url: `${server.origin}/token`,
    allow_private_network: true,
    timeout_seconds: 30,
  }
  return {
    server,
    settings: { ...common, ...gate.person },
    grid: held,
    robot: () => ({ ...common, ...gate.robot() }),
    useOf: () => ({ spreadsheet: SPREADSHEET, sheet: SHEET }),
    held: () => heldIn(grid),
    sample: (_, index) => ({
      key: { email: `person-${index}-canary@example.com` },
      fields: { first_name: `Firstname-${index}-canary`, city: `City-${index}-canary` },
    }),
    refused: (_, index) => ({
      key: { email: `refused-${index}-canary@example.com` },
      fields: { first_name: 'canary '.repeat(8000), city: `City-${index}-canary` },
    }),
    expireTokens: () => gate.expire(),
    close: () => server.close(),
  }
}

const SPREADSHEET = '1FakeCanarySpreadsheet_-abc'
const SHEET = "Lapsing 'VIPs'"

/** The first column is the key. */
function heldIn(grid: FakeGrid): readonly HeldRow[] {
  const [header = [], ...rows] = grid.rows()
  const [key = '', ...names] = header.map((value) => String(plainValue(value)))
  return rows.map(([first, ...others]) => ({
    key: { [key]: jsonOf(first) },
    fields: Object.fromEntries(names.map((name, place) => [name, jsonOf(others[place])])),
  }))
}

function jsonOf(value: FakeValue | undefined): JsonValue {
  return value === undefined ? null : plainValue(value)
}

interface Held {
  get(): FakeGrid
  set(grid: FakeGrid): void
}

function answer(request: FakeRequest, url: URL, held: Held): FakeAnswer {
  const [, id = '', rest = ''] = /^\/v4\/spreadsheets\/([^/:]+)(.*)$/.exec(decodeURI(url.pathname)) ?? []
  if (id !== SPREADSHEET) return failure(404, 'NOT_FOUND', 'Requested entity was not found.')
  if (request.method === 'GET' && rest === '') return spreadsheet(held.get(), url)
  if (request.method === 'GET' && rest === '/values:batchGet') return values(held.get(), url)
  if (request.method === 'POST' && rest === ':batchUpdate') return updated(request, held)
  return failure(404, 'NOT_FOUND', 'Requested entity was not found.')
}

function spreadsheet(grid: FakeGrid, url: URL): FakeAnswer {
  const fields = url.searchParams.get('fields') ?? ''
  if (rangeIn(grid, url.searchParams.get('ranges') ?? '') !== '1:1') return unknownRange(url)
  if (!fields.includes('sheetId') || !fields.includes('formattedValue'))
    return failure(400, 'INVALID_ARGUMENT', 'the fake gives properties and formatted values only')
  const { sheetId, title, rowCount, columnCount, frozenRowCount } = grid
  const [header] = grid.rows()
  const cells = header?.map((value) =>
    value === undefined ? {} : { formattedValue: String(plainValue(value)) },
  )
  const gridProperties = {
    ...{ rowCount, columnCount },
    ...(frozenRowCount === 0 ? {} : { frozenRowCount }),
  }
  return ok({
    sheets: [
      {
        properties: { sheetId, title, gridProperties },
        data: [cells === undefined ? {} : { rowData: [{ values: cells }] }],
      },
    ],
  })
}

function values(grid: FakeGrid, url: URL): FakeAnswer {
  const { searchParams } = url
  if (searchParams.get('majorDimension') !== 'COLUMNS')
    return failure(400, 'INVALID_ARGUMENT', 'the fake gives columns only')
  const columns: number[] = []
  for (const range of searchParams.getAll('ranges')) {
    const [, letters] = /^([A-Z]+):\1$/.exec(rangeIn(grid, range) ?? '') ?? []
    if (letters === undefined) return unknownRange(url)
    columns.push([...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1)
  }
  const valueRanges = columns.map((index) => {
    const column = grid.column(index)
    return {
      range: `${grid.title}!${index}`,
      majorDimension: 'COLUMNS',
      ...(column.length === 0 ? {} : { values: [column] }),
    }
  })
  return ok({ spreadsheetId: SPREADSHEET, valueRanges })
}

/** After the name of the sheet; undefined: there is no such sheet. */
function rangeIn({ title }: FakeGrid, range: string): string | undefined {
  const prefix = `'${title.replaceAll("'", "''")}'!`
  return range.startsWith(prefix) ? range.slice(prefix.length) : undefined
}

function unknownRange(url: URL): FakeAnswer {
  return failure(400, 'INVALID_ARGUMENT', `Unable to parse range: ${url.searchParams.get('ranges')}`)
}

/** All of them or none, in order. */
function updated(request: FakeRequest, held: Held): FakeAnswer {
  const { requests = [] } = JSON.parse(request.body) as { readonly requests?: readonly FakeEdit[] }
  if (requests.length === 0) return failure(400, 'INVALID_ARGUMENT', 'Must specify at least one request.')
  const next = held.get().copy()
  try {
    for (const edit of requests) next.apply(edit)
  } catch (error) {
    if (error instanceof Invalid) return failure(400, 'INVALID_ARGUMENT', error.message)
    throw error
  }
  held.set(next)
  return ok({ spreadsheetId: SPREADSHEET, replies: requests.map(() => ({})) })
}

function ok(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}

function failure(code: number, status: string, message: string): FakeAnswer {
  return { status: code, body: JSON.stringify({ error: { code, message, status } }) }
}
