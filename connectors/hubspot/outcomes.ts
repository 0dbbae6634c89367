import type { answerWords } from '../../src/connector/answer-words.ts'
import { APPLIED, type Row } from '../../src/connector/rows.ts'
import type { Receipt } from '../../src/connector/types.ts'
import { unanswered } from '../../src/connector/unanswered.ts'
import type { HubspotError, HubspotRecord, RecordsAnswer } from './api.ts'
import { names } from './lookup.ts'
import { folded } from './rows.ts'

/** A row as it is sent: by a property of its own, or by its record id when `idProperty` is undefined. */
export interface Input {
  readonly row: Row
  readonly id: string
  readonly idProperty: string | undefined
}

/** What became of a row; `id` of its record, where the answer names it. */
interface Outcome {
  readonly receipt: Receipt
  readonly id?: string | undefined
}

/** 200 says that all were taken, 207 which were not. A row that is named nowhere is left out: its fate is unknown. */
export function outcomesOf(
  inputs: readonly Input[],
  { results = [], errors = [] }: RecordsAnswer,
  words: ReturnType<typeof answerWords>,
): ReadonlyMap<Row, Outcome> {
  const named = namedBy(results, inputs)
  const ids = new Map(named.map((one, place) => [one, idIn(results[place])]))
  const isAll = errors.length === 0 && results.length === inputs.length && mayBeAll(named)
  return new Map(
    inputs.flatMap((input): [Row, Outcome][] => {
      const error = errors.find((one) => isAbout(one, input))
      if (error !== undefined)
        return [[input.row, { receipt: receiptOf(error, words(input.row.index, error.message)) }]]
      return isAll || ids.has(input) ? [[input.row, { receipt: APPLIED, id: ids.get(input) }]] : []
    }),
  )
}

/** The input that each result is about. */
type Named = Input | 'nobody' | 'stranger'

function namedBy(results: readonly HubspotRecord[], inputs: readonly Input[]): readonly Named[] {
  const byTrace = new Map(inputs.map((input) => [String(input.row.index), input]))
  const idProperty = inputs[0]?.idProperty
  const byId = new Map(inputs.map((input) => [folded(input.id, idProperty), input]))
  return results.map((record) => {
    const { objectWriteTraceId: trace, properties } = record
    if (typeof trace === 'string') return byTrace.get(trace) ?? 'stranger'
    const id = idProperty === undefined ? record.id : properties?.[idProperty]
    return typeof id === 'string' ? (byId.get(folded(id, idProperty)) ?? 'stranger') : 'nobody'
  })
}

/** As many results as rows are all of them only when none is of another row, and none comes twice. */
function mayBeAll(named: readonly Named[]): boolean {
  const inputs = named.filter((one) => one !== 'nobody')
  return !inputs.includes('stranger') && new Set(inputs).size === inputs.length
}

function idIn(record: HubspotRecord | undefined): string | undefined {
  return typeof record?.id === 'string' ? record.id : undefined
}

function isAbout({ context }: HubspotError, { row, id, idProperty }: Input): boolean {
  const { objectWriteTraceId, ids } = context ?? {}
  if (Array.isArray(objectWriteTraceId)) return objectWriteTraceId.includes(String(row.index))
  return names(ids, id, idProperty)
}

function receiptOf({ category = '' }: HubspotError, message: string | undefined): Receipt {
  const error = `HubSpot: ${message ?? 'no reason given'}`
  if (BROKEN_OFF.has(category)) return unanswered(error)
  return { status: category === 'RATE_LIMITS' ? 'retry' : 'rejected', error }
}

/** They pass by themselves, as 500 and 503 do, and may have done their work as those. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'])
