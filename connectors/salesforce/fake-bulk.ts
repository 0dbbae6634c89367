import { FakeJobs } from '../../src/connector/fake-jobs.ts'
import type { FakeAnswer, FakeRequest } from '../../src/connector/fake-server.ts'
import type { JsonValue } from '../../src/connector/types.ts'
import { DESCRIBED, type FakeOrg, type FakeResult, parentNamed } from './fake-org.ts'
import { failure, ok } from './fake-rest.ts'

/** A job of Bulk API 2.0. */
interface Job {
  readonly id: string
  readonly object: string
  readonly operation: string
  readonly keyField: string
  /** Of `FakeJobs`, once all of its data is there. */
  work: string | undefined
  header: readonly string[]
  lines: readonly (readonly string[])[]
  results: (FakeResult | undefined)[]
  state: string
  errorMessage: string
}

/** What an uploaded file may have. */
const MOST_BYTES = 150_000_000

export class FakeBulk {
  readonly jobs = new FakeJobs()
  readonly #org: FakeOrg
  readonly #byId = new Map<string, Job>()

  constructor(org: FakeOrg) {
    this.#org = org
  }

  /** Undefined: there is no such resource. */
  answer({ method, body, headers }: FakeRequest, resource: string): FakeAnswer | undefined {
    if (resource === '/jobs/ingest' && method === 'POST') return this.#create(JSON.parse(body))
    const [, id = '', what = ''] = /^\/jobs\/ingest\/(\w+)(?:\/(\w+))?$/.exec(resource) ?? []
    const job = this.#byId.get(id)
    if (job === undefined) return failure(404, 'NOT_FOUND', 'The requested resource does not exist')
    if (method === 'PUT' && what === 'batches') return upload(job, body, headers['content-type'])
    if (method === 'PATCH' && what === '') return this.#close(job, JSON.parse(body))
    if (method !== 'GET') return undefined
    return what === '' ? this.#info(job) : results(job, what)
  }

  #create(asked: Readonly<Record<string, string>>): FakeAnswer {
    const { object = '', operation = '', externalIdFieldName = '', contentType, lineEnding } = asked
    if (contentType !== 'CSV' || lineEnding !== 'LF')
      return failure(400, 'INVALIDJOB', 'the fake reads CSV with LF')
    if (!['upsert', 'update', 'delete'].includes(operation))
      return failure(400, 'INVALIDJOB', 'unknown operation')
    if ((operation === 'upsert') !== (externalIdFieldName !== ''))
      return failure(400, 'INVALIDJOB', 'externalIdFieldName belongs to upsert, and to nothing else')
    const id = `750${String(this.#byId.size + 1).padStart(12, '0')}AAA`
    this.#byId.set(id, {
      ...{ id, object, operation, keyField: externalIdFieldName, state: 'Open', errorMessage: '' },
      ...{ work: undefined, header: [], lines: [], results: [] },
    })
    return ok({ id, state: 'Open', object, operation })
  }

  #close(job: Job, { state }: { readonly state?: string }): FakeAnswer {
    if (job.state !== 'Open' || (state !== 'UploadComplete' && state !== 'Aborted'))
      return failure(400, 'INVALIDJOBSTATE', 'this state cannot follow')
    job.state = state
    if (state === 'UploadComplete')
      job.work = this.jobs.start(job.id, job.lines.length, (applied) => this.#work(job, applied))
    return ok({ id: job.id, state })
  }

  #work(job: Job, applied: (place: number) => boolean): void {
    job.errorMessage = headerError(job)
    if (job.errorMessage !== '') return
    job.results = job.lines.map((line, place) => (applied(place) ? this.#apply(job, line) : undefined))
  }

  #apply({ object, operation, keyField, header }: Job, line: readonly string[]): FakeResult {
    if (operation === 'delete') return this.#org.delete(line[0] ?? '')
    const record = Object.fromEntries(
      header.flatMap((name, place) => {
        const cell = line[place] ?? ''
        return cell === '' || name === 'Id' ? [] : [[name, cellValue(name, cell)] as const]
      }),
    )
    if (operation === 'upsert') return this.#org.upsert(object, keyField, record)
    return this.#org.update(object, line[header.indexOf('Id')] ?? '', record)
  }

  #info(job: Job): FakeAnswer {
    const answer = job.work === undefined ? undefined : this.jobs.ask(job.work)
    if (answer?.status === 'forgotten')
      return failure(404, 'NOT_FOUND', 'The requested resource does not exist')
    if (answer?.status === 'running') job.state = 'InProgress'
    if (answer?.status === 'failed') {
      job.state = 'Failed'
      job.errorMessage = `${answer.retry ? 'InternalServerError' : 'InvalidBatch'} : ${answer.error}`
    }
    if (answer?.status === 'done') {
      job.state = job.errorMessage === '' ? 'JobComplete' : 'Failed'
      job.results = answer.receipts.map((receipt, place) =>
        receipt.status === 'applied' ? job.results[place] : failed(receipt.error),
      )
    }
    const known = job.results.filter((result) => result !== undefined)
    return ok({
      ...{ id: job.id, object: job.object, operation: job.operation, state: job.state },
      numberRecordsProcessed: known.length,
      numberRecordsFailed: known.filter(({ success }) => !success).length,
      ...(job.errorMessage === '' ? {} : { errorMessage: job.errorMessage }),
    })
  }
}

function failed(message: string): FakeResult {
  return {
    success: false,
    errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message, fields: [] }],
  }
}

/** A column that is unknown refuses the whole file, and one that deletes holds ids alone. */
function headerError({ operation, header }: Job): string {
  if (operation === 'delete')
    return header.join() === 'Id' ? '' : 'InvalidBatch : The delete batch must contain only ids'
  const unknown = header.find(
    (name) =>
      name !== 'Id' &&
      !(name.includes('.') && parentNamed(name, null) !== undefined) &&
      !DESCRIBED.some((field) => field.name === name && field.createable),
  )
  return unknown === undefined ? '' : `InvalidBatch : Field name not found : ${unknown}`
}

function upload(job: Job, body: string, type: string | undefined): FakeAnswer {
  if (type !== 'text/csv') return failure(415, 'UNSUPPORTED_MEDIA_TYPE', 'expected text/csv')
  if (Buffer.byteLength(body) > MOST_BYTES) return failure(413, 'FILE_TOO_LARGE', 'too large')
  if (job.state !== 'Open' || job.lines.length > 0)
    return failure(400, 'INVALIDJOBSTATE', 'expected one upload to an open job')
  const [header = [], ...lines] = linesOf(body)
  job.header = header
  job.lines = lines
  return { status: 201, body: '' }
}

/** RFC 4180, character by character. */
function linesOf(body: string): readonly (readonly string[])[] {
  const lines: string[][] = [['']]
  let isQuoted = false
  for (let at = 0; at < body.length; at += 1) {
    const sign = body[at]
    const line = lines.at(-1) as string[]
    const add = (more: string) => void line.push(`${line.pop()}${more}`)
    if (isQuoted && sign === '"' && body[at + 1] === '"') {
      add('"')
      at += 1
    } else if (sign === '"') isQuoted = !isQuoted
    else if (!isQuoted && sign === ',') line.push('')
    else if (!isQuoted && sign === '\n') lines.push([''])
    else add(sign ?? '')
  }
  return lines.filter((line) => line.length > 1 || line[0] !== '')
}

function cellValue(name: string, cell: string): JsonValue {
  if (cell === '#N/A') return null
  const { soapType } = DESCRIBED.find((field) => field.name === name) ?? {}
  if (soapType === 'xsd:double') return Number(cell)
  return soapType === 'xsd:boolean' ? cell === 'true' : cell
}

/** In the opposite order of the file: Salesforce promises none. */
function results({ header, lines, results: all }: Job, what: string): FakeAnswer | undefined {
  const kinds: Readonly<Record<string, (result: FakeResult | undefined) => boolean>> = {
    successfulResults: (result) => result?.success === true,
    failedResults: (result) => result?.success === false,
    unprocessedrecords: (result) => result === undefined,
  }
  const isOfKind = kinds[what]
  if (isOfKind === undefined) return undefined
  const isRaw = what === 'unprocessedrecords'
  const added = what === 'successfulResults' ? ['sf__Id', 'sf__Created'] : ['sf__Id', 'sf__Error']
  const chosen = lines.flatMap((line, place) => {
    const result = all[place]
    if (!isOfKind(result)) return []
    return [isRaw ? line : [...saidOf(result), ...line]]
  })
  const table = [isRaw ? header : [...added, ...header], ...chosen.reverse()]
  const cell = (one: string) => `"${one.replaceAll('"', '""')}"`
  return {
    status: 200,
    headers: { 'content-type': 'text/csv' },
    body: table.map((line) => `${line.map(cell).join(',')}\n`).join(''),
  }
}

function saidOf(result: FakeResult | undefined): readonly [string, string] {
  if (result?.success === true) return [result.id ?? '', String(result.created ?? false)]
  const [error] = result?.errors ?? []
  if (error === undefined) return ['', '']
  return ['', `${error.statusCode}:${error.message}:${error.fields.join(' ')} --`]
}
