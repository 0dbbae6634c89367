import { answerWords } from '../../src/connector/answer-words.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { HttpAnswer, HttpClient } from '../../src/connector/http.ts'
import { APPLIED, allOf, byKind, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type { Batch, JsonValue, Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import type { ReadSettings, RequestShape } from './request-settings.ts'
import { fill, fillPath, type Scope, scopeOf, wrong } from './template.ts'

export interface Endpoint {
  readonly client: HttpClient
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

type Words = ReturnType<typeof answerWords>

/** Writes a batch as the sync's settings say. */
export function writeRequests(
  batch: Batch,
  settings: ReadSettings,
  endpoint: Endpoint,
): Promise<readonly Receipt[]> {
  const words = answerWords(batch)
  const work = (shape: RequestShape) => (rows: readonly Row[]) =>
    settings.isPerRow
      ? sendEach(rows, shape, { batch, settings, endpoint, words })
      : sendAll(rows, shape, { batch, settings, endpoint, words })
  return byKind(batch, {
    written: work(settings.write),
    removed: (rows) => {
      if (settings.remove !== undefined) return work(settings.remove)(rows)
      throw wrong('expected the setting remove_path for rows that are removed, found none')
    },
  })
}

interface Sending {
  readonly batch: Batch
  readonly settings: ReadSettings
  readonly endpoint: Endpoint
  readonly words: Words
}

async function sendAll(rows: readonly Row[], shape: RequestShape, sending: Sending): Promise<RowReceipts> {
  const { batch, settings, endpoint, words } = sending
  const scope: Scope = (name) => {
    if (name === 'changes') return rows.map(({ change }) => change as unknown as JsonValue)
    if (name === 'rows') return rows.map(({ change }) => fill(settings.row, scopeOf(change)))
    if (name === 'sync') return batch.sync
    return name === 'run_id' ? batch.runId : undefined
  }
  const kind = shape === settings.remove ? 'remove' : 'write'
  const answer = await request(shape, scope, `${batch.idempotencyKey}-${kind}`, settings, endpoint)
  if (settings.results === undefined) return allOf(rows, APPLIED)
  const results = at(parsed(answer.text), settings.results)
  if (!Array.isArray(results) || results.length !== rows.length)
    return allOf(
      rows,
      unanswered(`expected a list of ${rows.length} results at ${settings.results}, found none`),
    )
  return new Map(rows.map((row, place) => [row, receiptOf(results[place], row, settings, words)]))
}

function receiptOf(result: unknown, { index }: Row, { result: where }: ReadSettings, words: Words): Receipt {
  const status = at(result, where.status)
  if (status === undefined || typeof status === 'object')
    return unanswered(`expected a status at ${where.status} of the result, found none`)
  if (String(status) === where.applied) return APPLIED
  return { status: 'rejected', error: words(index, at(result, where.error)) ?? 'rejected, no reason given' }
}

/** One after the other: what is wrong with a row is said of it, what is wrong with all of them ends it. */
async function sendEach(rows: readonly Row[], shape: RequestShape, sending: Sending): Promise<RowReceipts> {
  const { batch, settings, endpoint } = sending
  const told = new Map<Row, Receipt>()
  for (const row of rows)
    try {
      const key = `${batch.idempotencyKey}-${row.index}`
      const answer = await request(shape, scopeOf(row.change), key, settings, endpoint, OF_ONE_ROW)
      told.set(row, receiptOfAnswer(answer, row, sending))
    } catch (error) {
      if (!(error instanceof DestinationError) || error.action !== 'retry' || told.size === 0) throw error
      return withRest(rows, told, error)
    }
  return told
}

/** And 404 of a removal, which was gone before. */
const OF_ONE_ROW = [400, 404, 409, 413, 422]

function receiptOfAnswer({ status, text }: HttpAnswer, { index, change }: Row, { words }: Sending): Receipt {
  if (status === 404 && change.op !== 'remove')
    throw wrong('expected the path to be there, found 404: check the settings url and path')
  if (status < 300 || status === 404) return APPLIED
  const said = words(index, text)
  return { status: 'rejected', error: `answered with ${status}${said === undefined ? '' : `: ${said}`}` }
}

/** The row at which it broke off may have been applied; those after it were not sent. */
function withRest(
  rows: readonly Row[],
  told: ReadonlyMap<Row, Receipt>,
  error: DestinationError,
): RowReceipts {
  const { message, afterMs, ambiguous } = error
  const wait = afterMs === undefined ? {} : { afterMs }
  return new Map(
    rows.map((row, place): [Row, Receipt] => [
      row,
      told.get(row) ?? {
        ...{ status: 'retry', error: message, ...wait },
        ...(place === told.size && ambiguous ? { ambiguous: true as const } : {}),
      },
    ]),
  )
}

function request(
  { method, path, pathSetting, body }: RequestShape,
  scope: Scope,
  idempotencyKey: string,
  settings: ReadSettings,
  { client, url, headers }: Endpoint,
  answers: readonly number[] = [],
): Promise<HttpAnswer> {
  const json = body === undefined ? undefined : JSON.stringify(fill(body, scope))
  return client.request({
    ...{ method, answers },
    url: `${url.replace(/\/+$/, '')}${fillPath(pathSetting, path, scope)}`,
    headers: { ...headers, ...settings.headers, 'idempotency-key': idempotencyKey },
    ...(json === undefined ? {} : { body: json }),
  })
}

function at(json: unknown, pointer: string): unknown {
  let found = json
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return found
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
