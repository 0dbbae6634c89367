import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors.ts'
import type { Cells, ExternalLink, ResultChunk, StatementAnswer, StatementApi } from './databricks-api.ts'
import { rowsOf } from './databricks-values.ts'
import type { Row } from './warehouse.ts'

/** All rows of a statement that succeeded, one chunk after the other. */
export async function* pagesOf(
  api: StatementApi,
  clock: Clock,
  answer: StatementAnswer,
): AsyncIterable<readonly Row[]> {
  const columns = answer.manifest?.schema.columns ?? []
  for await (const cells of chunksOf(api, clock, answer))
    for (let from = 0; from < cells.length; from += PAGE_ROWS)
      yield rowsOf(columns, cells.slice(from, from + PAGE_ROWS))
}

/** A chunk has some ten megabytes; its rows are given out in smaller pages. */
const PAGE_ROWS = 2000

async function* chunksOf(
  api: StatementApi,
  clock: Clock,
  { statement_id, result }: StatementAnswer,
): AsyncIterable<readonly Cells[]> {
  let chunk: ResultChunk | undefined = result
  while (chunk !== undefined) {
    let next = chunk.next_chunk_internal_link
    if (chunk.data_array !== undefined) yield chunk.data_array
    for (const link of chunk.external_links ?? []) {
      yield await downloaded(api, clock, statement_id, link)
      next = link.next_chunk_internal_link
    }
    chunk = next === undefined ? undefined : await api.chunk(next)
  }
}

/** Before a link ends, so that the download does not begin too late. */
const EARLY_MS = 30_000
/** A link that is refused is asked for anew. */
const LINKS = 3

async function downloaded(
  api: StatementApi,
  clock: Clock,
  statementId: string,
  first: ExternalLink,
): Promise<readonly Cells[]> {
  let link: ExternalLink = first
  for (let tried = 1; tried <= LINKS; tried += 1) {
    const endsAtMs = Date.parse(link.expiration ?? '')
    const isFresh = Number.isNaN(endsAtMs) || endsAtMs - EARLY_MS > clock.nowMs()
    const text = isFresh || tried === LINKS ? await api.download(link.external_link) : undefined
    if (text !== undefined) return JSON.parse(text) as readonly Cells[]
    const { external_links: links } = await api.chunkAt(statementId, link.chunk_index)
    link = links?.find(({ chunk_index }) => chunk_index === first.chunk_index) ?? link
  }
  throw new SluiceError('SLU3011', {
    message: `expected the rows of statement ${statementId} in the storage of the workspace, found that its links are not taken`,
    hint: 'may this machine reach the storage of the workspace?',
  })
}
