import type { ApiAnswer, Judgement } from '../../src/connector/api.ts'
import { objectIn, objectsIn } from '../../src/connector/shapes.ts'

type Fault = Readonly<Record<string, unknown>>

/** Of single items, by their places; what has none is of the whole request. */
export function partialErrorsIn(json: unknown): readonly Fault[] {
  return objectsIn(objectIn(json).PartialErrors)
}

/** What is wrong with a whole request says its code, whatever the status. */
export function judge({ json }: ApiAnswer): Judgement | undefined {
  // An item that failed inside is sent again by itself.
  const ofItems = partialErrorsIn(json).filter((error) => !isInternal(error))
  const judgements = [...faultsIn(json), ...ofItems].flatMap(({ Code }) => BY_CODE.get(codeOf(Code)) ?? [])
  // Whoever is not let in learns nothing of the rest.
  return judgements.find(({ action }) => action === 'refresh') ?? judgements[0]
}

export function isInternal({ Code }: Fault): boolean {
  return codeOf(Code) === INTERNAL
}

export function wordsOf(json: unknown): string | undefined {
  const [fault] = [...faultsIn(json), ...partialErrorsIn(json)]
  if (fault === undefined) return undefined
  const hint =
    codeOf(fault.Code) === TERMS ? '; set accept_customer_match_terms, or accept them on the website' : ''
  return `${saidBy(fault)}${hint}`
}

export function saidBy({ ErrorCode: name, Message: message }: Fault): string {
  return [name, message].filter((word) => typeof word === 'string' && word !== '').join(': ')
}

/** A number, or a text of one. */
function codeOf(code: unknown): number {
  return typeof code === 'number' || (typeof code === 'string' && code !== '') ? Number(code) : Number.NaN
}

/** It says nothing of what became of the request. */
const INTERNAL = 0

/** Customer Match terms that nobody accepted. */
const TERMS = 8003

const BY_CODE: ReadonlyMap<number, Judgement> = new Map([
  [INTERNAL, { action: 'retry', ambiguous: true }],
  // Credentials that are none, and a token that has ended.
  [105, { action: 'refresh' }],
  [109, { action: 'refresh' }],
  // A user who may not see this account.
  [106, { action: 'stop' }],
  // Calls of a minute, after which they count anew, and calls at once.
  [117, { action: 'retry', afterMs: 60_000 }],
  [118, { action: 'retry' }],
  [TERMS, { action: 'stop' }],
])

/** Names of lists differ by where the request failed. */
function faultsIn(json: unknown): readonly Fault[] {
  const { Errors, OperationErrors, BatchErrors } = objectIn(json)
  return [Errors, OperationErrors, BatchErrors].flatMap(objectsIn)
}
