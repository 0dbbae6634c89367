import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import type { Identifier } from '../../src/connector/members.ts'
import { idIn, objectIn, textIn } from '../../src/connector/shapes.ts'
import type { Batch, JobAnswer, JobBatch, Receipt } from '../../src/connector/types.ts'
import { dataOf } from './answers.ts'
import { type Audience, audienceDetails, findAudience, SEVERAL_KINDS } from './audiences.ts'
import { filesOf, peopleOf } from './people.ts'
import { upload } from './upload.ts'

/** The ad account and one of its audiences. */
export interface Target {
  readonly api: Api
  readonly advertiser: string
  /** Its name or id. */
  readonly wanted: string
  /** Found or made; undefined: it is to be looked for. */
  audience?: Audience | undefined
}

type Started = { readonly jobId: string } | { readonly receipts: readonly Receipt[] }

/** Finds it once; undefined: there is none yet. */
export async function audienceOf(target: Target): Promise<Audience | undefined> {
  const { api, advertiser, wanted } = target
  target.audience ??= await findAudience(api, advertiser, wanted)
  return target.audience
}

/**
 * TikTok works on one file after the other, each for up to two days, and takes no other meanwhile. What finds the audience
 * at work becomes a job: it is handed over again when it is asked for.
 */
export async function startMembers(target: Target, batch: Batch): Promise<Started> {
  const audience = await audienceOf(target)
  const { out, into } = await peopleOf(batch)
  if (audience === undefined) {
    if (into.length > 0) await create(target, into, batch)
    return { receipts: (await peopleOf(batch)).receipts }
  }
  let refusal: string | undefined
  if (out.length > 0) {
    const step = await stepOf(target, 'REMOVE', audience, out, batch)
    const said = await take(target, step, batch)
    if (said === 'busy') return { jobId: jobText(into.length > 0 ? { ...step, action: 'WAIT' } : step) }
    if (said === 'too small') refusal = TOO_SMALL
  }
  const people = await peopleOf(batch, refusal)
  if (people.into.length > 0) {
    const step = await stepOf(target, 'APPEND', audience, people.into, batch)
    const said = await take(target, step, batch)
    if (said === 'busy') return { jobId: jobText({ ...step, refusal }) }
  }
  return { receipts: people.receipts }
}

/** Hands over what waited: when TikTok takes it, all of the batch is done. */
export async function pollMembers(target: Target, jobId: string, batch: JobBatch): Promise<JobAnswer> {
  const step = stepIn(jobId)
  if (step === undefined) return { status: 'forgotten' }
  if (step.action === 'WAIT') return poll(target, step)
  const said = await take(target, step).catch(startedAgain)
  if (said === 'busy') return BUSY
  if (typeof said === 'object') return said
  const changes = await batch.changes()
  const refusal = said === 'too small' ? TOO_SMALL : step.refusal
  return { status: 'done', receipts: (await peopleOf({ changes: () => changes }, refusal)).receipts }
}

/** One change of an audience, with files that TikTok has. */
interface Step {
  /** `WAIT`: one that takes out and then puts in. It cannot be told how far it came, so it begins when TikTok is ready. */
  readonly action: 'APPEND' | 'REMOVE' | 'WAIT'
  readonly audience: string
  readonly files: readonly string[]
  /** Why nobody was taken out before. */
  readonly refusal?: string | undefined
}

const TOO_SMALL =
  'TikTok: the audience would have fewer than 1,000 people, which it refuses: they leave when it has more'

/** TikTok takes hours. */
const BUSY: JobAnswer = { status: 'running', afterMs: 10 * 60 * 1000 }

async function stepOf(
  { api, advertiser }: Target,
  action: Step['action'],
  audience: Audience,
  people: readonly Identifier[],
  batch: Batch,
): Promise<Step> {
  const files: string[] = []
  for (const file of filesOf(people, audience)) files.push(await upload(api, advertiser, file, batch))
  return { action, audience: audience.id, files }
}

/** There is no empty audience: the first who join make it. */
async function create(target: Target, people: readonly Identifier[], batch: Batch): Promise<void> {
  const { api, advertiser, wanted } = target
  const { files } = await stepOf(target, 'APPEND', { id: '', type: SEVERAL_KINDS }, people, batch)
  const { json } = await api.send({
    method: 'POST',
    path: '/open_api/v1.3/dmp/custom_audience/create/',
    json: {
      advertiser_id: advertiser,
      custom_audience_name: wanted,
      file_paths: files,
      calculate_type: SEVERAL_KINDS,
    },
    batch,
  })
  const id = idIn(dataOf(json).custom_audience_id)
  if (id === undefined)
    throw new DestinationError('retry', {
      message: 'expected TikTok to name the audience that it made, found an answer without its id',
      ambiguous: true,
    })
  target.audience = { id, type: SEVERAL_KINDS }
}

/** `busy`: TikTok is at work on the audience; `too small`: it would have too few people. Nothing was done then. */
async function take(
  target: Target,
  { action, audience, files }: Step,
  batch?: Batch,
): Promise<'taken' | 'busy' | 'too small'> {
  const { api, advertiser } = target
  try {
    await api.send({
      method: 'POST',
      path: '/open_api/v1.3/dmp/custom_audience/update/',
      json: { advertiser_id: advertiser, custom_audience_id: audience, action, file_paths: files },
      ...(batch === undefined ? {} : { batch }),
    })
    return 'taken'
  } catch (error) {
    if (!(error instanceof DestinationError) || !isAboutAudience(error)) throw error
    if (await isBusy(target, audience)) return 'busy'
    if (action === 'REMOVE' && SAYS_TOO_SMALL.test(error.message)) return 'too small'
    throw error
  }
}

/** Something is wrong with the request, which the state of the audience may be; or it is not ready, or conflicts. */
function isAboutAudience({ action, message }: DestinationError): boolean {
  return action === 'split' || /\b(?:40201|40202)\b/.test(message)
}

const SAYS_TOO_SMALL = /\b(?:less|fewer|smaller|below|under|least|minimum)\b.*\b1,?000\b/i

/** Throws `stop` when it is no audience that files can change any more. */
async function isBusy({ api, advertiser, wanted }: Target, id: string): Promise<boolean> {
  const details = await audienceDetails(api, advertiser, id)
  if (details === undefined)
    throw new DestinationError('stop', {
      message: `expected the audience "${wanted}" to be there, found that it was deleted or has expired: run with --full-resync to make it anew`,
    })
  if (details.problem === undefined) return !details.isUsable
  throw new DestinationError('stop', {
    message: `expected an audience that can be used, found "${wanted}", of which TikTok says: ${details.problem}; delete it in TikTok, and run with --full-resync when the sync has people enough`,
  })
}

async function poll(target: Target, { audience }: Step): Promise<JobAnswer> {
  if (await isBusy(target, audience)) return BUSY
  return { status: 'failed', retry: true, error: 'TikTok was at work on the audience, and is ready now' }
}

/** Files expire; what else is wrong with one is told when the batch is started, where it is at hand to hide its values. */
function startedAgain(error: unknown): JobAnswer {
  if (!(error instanceof DestinationError) || error.action !== 'split') throw error
  return {
    status: 'failed',
    retry: true,
    error: 'TikTok does not take the files any more that waited for it: they are uploaded again',
  }
}

function jobText(step: Step): string {
  return JSON.stringify(step)
}

function stepIn(jobId: string): Step | undefined {
  const { action, audience, files, refusal } = objectIn(parsed(jobId))
  const isKnown = action === 'APPEND' || action === 'REMOVE' || action === 'WAIT'
  if (!isKnown || typeof audience !== 'string' || !Array.isArray(files)) return undefined
  return { action, audience, files, refusal: textIn(refusal) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
