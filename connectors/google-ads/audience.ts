import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { type Identifier, identifiersOf, leavingOf } from '../../src/connector/members.ts'
import { APPLIED, type Row, rowsOf } from '../../src/connector/rows.ts'
import type {
  Batch,
  Change,
  Connection,
  ConnectorTools,
  ObjectUse,
  Receipt,
  Settings,
} from '../../src/connector/types.ts'
import type { Accounts } from './accounts.ts'
import { stop } from './api.ts'
import { type Allowed, allowedByRow, allowedBySettings, consentOf, isDenied } from './consent.ts'
import { wrongWith } from './identifiers.ts'
import { type Ended, type Job, jobText, pollJob, receiptOf } from './jobs.ts'
import { type ListKind, listKindOf } from './list-kinds.ts'
import { handOver } from './requests.ts'
import { statusOfList, userListOf } from './user-lists.ts'

/**
 * People of one list. Google may know one person by what leaves and by what comes, and works through requests in an order
 * of its own: so what leaves is taken out by one job, and what those rows have is put in by the next, which the engine
 * starts when it sends them again.
 */
export function connectAudience(
  api: Api,
  accounts: Accounts,
  settings: Settings,
  tools: ConnectorTools,
  use: ObjectUse,
): Connection {
  const list = once(() => userListOf(api, accounts, use))
  const kind = () => listKindOf(use.settings)
  const allowed = () => allowedBySettings(use.settings)
  const consider = (changes: readonly Change[]) =>
    rowsOf(changes).map((row) => moveOf(row, kind(), allowed()))
  /**
   * Whose leaving was taken out by a job of this plan and connection. A process that does not know of it takes it out once
   * more, which changes nothing and takes its time.
   */
  const takenOut = new Set<string>()
  return {
    account: async () => {
      checkTerms(settings)
      const id = await list()
      return id === undefined ? `ad account ${accounts.name}` : `ad account ${accounts.name}, audience ${id}`
    },
    write: () => Promise.reject(stop('expected audiences to be filled by jobs, found a batch to be written')),
    start: async (batch) => {
      checkTerms(settings)
      const moves = consider(batch.changes())
      const send = { api, destination: async () => accounts.destination(String(await list())), batch }
      const sent = { startedAtMs: tools.clock.nowMs(), attempt: batch.attempt ?? 1 }
      const out = moves.filter((move) => move.out.length > 0 && !takenOut.has(nameOf(move, batch)))
      if (out.length > 0) {
        const requestId = await takeOut(send, out, kind())
        return { jobId: jobText({ step: 'remove', requestId, ...sent }) }
      }
      const into = moves.filter((move) => move.into.length > 0)
      if (into.length === 0) return { receipts: moves.map(({ refusal }) => refusal ?? APPLIED) }
      const requestId = await putIn(send, into, kind(), allowed())
      for (const move of into) takenOut.delete(nameOf(move, batch))
      return { jobId: jobText({ step: 'ingest', requestId, ...sent }) }
    },
    poll: (jobId, batch) =>
      pollJob(api, tools, jobId, batch, (changes, { step }, fate) => {
        const moves = consider(changes)
        if (step === 'remove' && fate.refusedAll === undefined)
          for (const move of moves) if (move.into.length > 0) takenOut.add(nameOf(move, batch))
        return moves.map((move) => receiptOfMove(move, step, fate))
      }),
    audienceStatus: async () => statusOfList(api, accounts, String(await list())),
  }
}

/** What is done for one row. */
interface Move {
  readonly row: Row
  /** Nothing, for this reason. */
  readonly refusal?: Receipt
  readonly out: readonly Identifier[]
  readonly into: readonly Identifier[]
  readonly allowed?: Allowed
}

function moveOf(row: Row, kind: ListKind, bySettings: Allowed): Move {
  const { change } = row
  const leaving = leavingOf(change)
  const staying = change.op === 'remove' ? [] : identifiersOf(change)
  const other = [...leaving, ...staying].find((one) => !kind.takes.has(one.kind))
  if (other !== undefined)
    throw stop(
      `expected identifiers ${[...kind.takes].join(', ')} for a list of ${kind.name}, found ${other.kind}: a list takes one kind of them`,
    )
  const allowed = change.op === 'remove' ? NOTHING_SAID : allowedByRow(change.fields)
  if (typeof allowed === 'string')
    return refused(row, `expected ${allowed} to be ${WORDS}, found another word`)
  const wrong = [...leaving, ...staying].map(wrongWith).find((why) => why !== undefined)
  if (wrong !== undefined) return refused(row, wrong)
  // An audience is for personalised ads, by people's data: who denied either is in none.
  const denied =
    isDenied('ad_user_data', allowed, bySettings) || isDenied('ad_personalization', allowed, bySettings)
  if (denied) return { row, out: [...leaving, ...staying], into: [] }
  return { row, out: leaving, into: staying, allowed }
}

const WORDS = 'true, false, granted, denied or unspecified'
const NOTHING_SAID: Allowed = { ad_user_data: undefined, ad_personalization: undefined }

function refused(row: Row, error: string): Move {
  return { row, refusal: { status: 'rejected', error }, out: [], into: [] }
}

/** With another leaving it is another move, and in another plan what left may have come back. */
function nameOf({ row: { change } }: Move, { runId }: Pick<Batch, 'runId'>): string {
  return JSON.stringify([runId, change.key, change.leaving ?? ''])
}

function receiptOfMove({ refusal, out, into }: Move, step: Job['step'], fate: Ended): Receipt {
  if (refusal !== undefined) return refusal
  if (step === 'ingest') return into.length > 0 ? receiptOf(fate, APPLIED) : APPLIED
  if (out.length > 0 && fate.refusedAll !== undefined) return receiptOf(fate, APPLIED)
  return into.length > 0 ? NEXT_IT_IS_PUT_IN : APPLIED
}

/** Its part that leaves is taken out, so when it is given up, the list no longer has what it had. */
const NEXT_IT_IS_PUT_IN: Receipt = {
  status: 'retry',
  error: 'Google: what left was taken out, and the rest is put in next',
  afterMs: 0,
  ambiguous: true,
}

interface Send {
  readonly api: Api
  readonly destination: () => Promise<object>
  readonly batch: Batch
}

async function takeOut(
  { api, destination, batch }: Send,
  moves: readonly Move[],
  kind: ListKind,
): Promise<string> {
  const audienceMembers = capped(moves.flatMap(({ out }) => kind.membersOf(out)))
  const json = { destinations: [await destination()], audienceMembers, encoding: 'HEX' }
  return handOver(api, '/v1/audienceMembers:remove', json, batch)
}

async function putIn(
  { api, destination, batch }: Send,
  moves: readonly Move[],
  kind: ListKind,
  bySettings: Allowed,
): Promise<string> {
  const members = moves.flatMap(({ into, allowed = NOTHING_SAID }) => {
    const consent = consentOf(allowed)
    return kind.membersOf(into).map((member) => (consent === undefined ? member : { ...member, consent }))
  })
  const consent = consentOf(bySettings)
  const json = {
    destinations: [await destination()],
    audienceMembers: capped(members),
    ...(consent === undefined ? {} : { consent }),
    encoding: 'HEX',
    termsOfService: { customerMatchTermsOfServiceStatus: 'ACCEPTED' },
  }
  return handOver(api, '/v1/audienceMembers:ingest', json, batch)
}

/** People with more identifiers than a member may have are several members. */
function capped(members: readonly object[]): readonly object[] {
  if (members.length <= MOST_MEMBERS) return members
  throw new DestinationError('split', {
    message: `expected a request of at most ${MOST_MEMBERS} members, found ${members.length}`,
  })
}

const MOST_MEMBERS = 10_000

function checkTerms({ accept_customer_match_terms: accepted }: Settings): void {
  if (accepted === true) return
  throw stop(
    "expected accept_customer_match_terms: true of the destination, found that Google's Customer Match terms are not accepted: read support.google.com/adspolicy/answer/6299717, then set it",
  )
}

/** Asked for once a connection, unless it fails. */
function once(ask: () => Promise<string | undefined>): () => Promise<string | undefined> {
  let found: Promise<string | undefined> | undefined
  return () => {
    found ??= ask().catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }
}
