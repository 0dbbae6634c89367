import { answerWords } from '../../src/connector/answer-words.ts'
import type { Api } from '../../src/connector/api.ts'
import { type Entry, type EntryForm, entriesOf, receiptsOf, SHA256 } from '../../src/connector/entries.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { type Identifier, identifiersOf, leavingOf, membership } from '../../src/connector/members.ts'
import { APPLIED, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type { Batch, Change, Receipt } from '../../src/connector/types.ts'
import { isInternal, partialErrorsIn, saidBy } from './faults.ts'
import { MOST_VALUES } from './manifest.ts'

/** `acceptsTerms`: said with each request. */
export function writeUserData(
  api: Api,
  batch: Batch,
  { listId, acceptsTerms }: { readonly listId: string; readonly acceptsTerms: boolean },
): Promise<readonly Receipt[]> {
  const common = { AudienceId: listId, ...(acceptsTerms ? { AcceptCustomerMatchTerm: true } : {}) }
  const apply =
    (action: 'Add' | 'Remove', valuesOf: (change: Change) => readonly Identifier[]) =>
    async (rows: readonly Row[]): Promise<RowReceipts> => {
      const { entries, malformed } = entriesOf(rows, valuesOf, FORMS)
      const calls = callsOf(entries)
      const told: (readonly [Entry, Receipt])[] = []
      for (const { type, values } of calls)
        told.push(
          ...(await send(
            api,
            batch,
            { ...common, ActionType: action, CustomerListItemSubType: type },
            values,
          )),
        )
      return new Map([...malformed, ...receiptsOf(told)])
    }
  return membership(batch, { takeOut: apply('Remove', leavingOf), putIn: apply('Add', identifiersOf) })
}

/** Of ids of one's own, that are taken as they are. */
const ANY_ID: EntryForm = { pattern: /\S/, expected: 'an id' }

const FORMS = { email: SHA256, phone: SHA256, external_id: ANY_ID }

const TYPES: readonly (readonly [kind: string, type: string])[] = [
  ['email', 'Email'],
  ['phone', 'Phone'],
  ['external_id', 'CRM'],
]

/** Whose it is: two people may share a value, which is sent once. */
type Owners = readonly Entry[]

interface Call {
  readonly type: string
  readonly values: ReadonlyMap<string, Owners>
}

/** One a kind of identifier: a request has values of one kind only. */
function callsOf(entries: readonly Entry[]): readonly Call[] {
  const calls = TYPES.map(([kind, type]) => {
    const own = entries.filter((entry) => entry.kind === kind)
    return { type, values: Map.groupBy(own, ({ value }) => value) }
  })
  const tooLarge = calls.find(({ values }) => values.size > MOST_VALUES)
  if (tooLarge === undefined) return calls.filter(({ values }) => values.size > 0)
  throw new DestinationError('split', {
    message: `expected at most ${MOST_VALUES} values of a kind in a request, found ${tooLarge.values.size}`,
  })
}

async function send(
  api: Api,
  batch: Batch,
  parameters: object,
  values: ReadonlyMap<string, Owners>,
): Promise<readonly (readonly [Entry, Receipt])[]> {
  const { json } = await api.send({
    method: 'POST',
    path: '/CampaignManagement/v13/CustomerListUserData/Apply',
    json: { CustomerListUserData: { ...parameters, CustomerListItems: [...values.keys()] } },
    batch,
  })
  if (typeof json !== 'object' || json === null) throw unread()
  const all = [...values.values()]
  const words = answerWords(batch)
  const failed = new Map<Owners, Receipt>()
  for (const fault of partialErrorsIn(json)) {
    const owners = typeof fault.Index === 'number' ? all[fault.Index] : undefined
    const error = `Microsoft: ${words(owners?.[0]?.row.index ?? -1, saidBy(fault)) ?? 'no reason given'}`
    if (owners === undefined) throw ofNoItem(error)
    failed.set(owners, { status: isInternal(fault) ? 'retry' : 'rejected', error })
  }
  return all.flatMap((owners) => owners.map((entry) => [entry, failed.get(owners) ?? APPLIED] as const))
}

/** Which of them is meant is found by sending fewer. */
function ofNoItem(error: string): DestinationError {
  return new DestinationError('split', {
    message: `expected each refusal to name the place of a value, found one that does not: ${error}`,
    ambiguous: true,
  })
}

function unread(): DestinationError {
  return new DestinationError('retry', {
    message:
      'expected Microsoft Advertising to say which values it did not take, found an answer that is no JSON',
    ambiguous: true,
  })
}
