import { type ApiAnswer, afterWindow, type Judgement, untilWindow } from '../../src/connector/api.ts'
import { APPLIED, type Row, type RowReceipts, rowAt } from '../../src/connector/rows.ts'
import { objectIn, objectsIn, textIn } from '../../src/connector/shapes.ts'
import type { ConnectorTools, Receipt } from '../../src/connector/types.ts'

/** Says when to ask again where Braze does, which is not in `Retry-After`. */
export function brazeJudge(clock: ConnectorTools['clock']): (answer: ApiAnswer) => Judgement | undefined {
  return (answer) => {
    if (answer.status !== 429 || answer.headers['retry-after'] !== undefined) return undefined
    const afterMs =
      afterWindow(answer, 'x-ratelimit-retry-after') ??
      untilWindow(answer, 'x-ratelimit-reset', clock.nowMs())
    return { action: 'retry', afterMs }
  }
}

export function brazeWords(json: unknown): string {
  const { message, errors } = objectIn(json)
  const types = objectsIn(errors).map(({ type }) => type)
  return [message, ...types].filter((words) => typeof words === 'string').join('; ')
}

/**
 * What became of rows that were sent, in this order, as `array`. `queued` is what Braze says during maintenance: taken,
 * and worked on later. An error that names no row leaves the fate of all others open.
 */
export function trackReceipts(
  { json }: ApiAnswer,
  array: 'attributes' | 'events',
  rows: readonly Row[],
  words: (index: number, said: unknown) => string | undefined,
): RowReceipts {
  const { message, errors = [] } = objectIn(json)
  if (message !== 'success' && message !== 'queued') return new Map()
  const named = objectsIn(errors).flatMap((error): [Row, Receipt][] => {
    const row = error.input_array === array ? rowAt(rows, error.index) : undefined
    return row === undefined ? [] : [[row, rejected(words(row.index, textIn(error.type)))]]
  })
  const isEveryOneNamed = Array.isArray(errors) && named.length === errors.length
  const others = isEveryOneNamed ? rows.map((row): [Row, Receipt] => [row, APPLIED]) : []
  return new Map([...others, ...named])
}

function rejected(said: string | undefined): Receipt {
  return { status: 'rejected', error: `Braze: ${said ?? 'no reason given'}` }
}
