import { createHash } from 'node:crypto'
import type { FakeRequest } from '../../src/connector/fake-server.ts'
import type { HeldRow } from '../../src/connector/types.ts'

/** What TikTok answers: a code, which is 0 when all is well, and data. */
export type Answer = { readonly code: number; readonly message: string; readonly data?: object }

interface UploadedFile {
  readonly type: string
  /** `email_sha256 <hash>`, those that are no hash left out. */
  readonly entries: readonly string[]
}

interface FakeAudience {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly kind: string
  entries: Set<string>
  isAtWork: boolean
  error: string | undefined
}

/** Custom audiences of an ad account. They are ready at once, unless `isSlow`: then when `settle` is called. */
export class FakeAudiences {
  /** Smaller audiences are not made, and not left behind: 1,000 there, and as many as a test has here. */
  fewest = 0
  isSlow = false
  readonly all: FakeAudience[] = []
  readonly #files = new Map<string, UploadedFile>()

  add(name: string, { type = 'MULTIPLE_TYPES', kind = 'Customer File Audience' } = {}): FakeAudience {
    const id = String(FIRST_ID + BigInt(this.all.length))
    const audience: FakeAudience = {
      ...{ id, name, type, kind, entries: new Set<string>(), isAtWork: false, error: undefined },
    }
    this.all.push(audience)
    return audience
  }

  /** All that TikTok works on is done. */
  settle(): void {
    for (const audience of this.all) audience.isAtWork = false
  }

  /** Uploaded files are kept for some days only. */
  forgetFiles(): void {
    this.#files.clear()
  }

  held(name: string): readonly HeldRow[] {
    const entries = this.all.find((one) => one.name === name)?.entries ?? []
    return [...entries].map((entry) => {
      const [kind = '', value = ''] = entry.split(' ')
      return { key: { [NAMES[kind] ?? kind]: value }, fields: {} }
    })
  }

  upload(request: FakeRequest): Answer {
    const form = formOf(request)
    const [file = '', name = ''] = [form.get('file')?.text, form.get('file')?.filename]
    const type = form.get('calculate_type')?.text ?? ''
    if (form.get('advertiser_id')?.text !== ADVERTISER) return said(40300, 'The advertiser does not exist.')
    if (!/\.(?:csv|txt)$/.test(name)) return said(40908, 'The file type is unsupported.')
    if (file === '') return said(40906, 'The file is empty.')
    if (form.get('file_signature')?.text !== createHash('md5').update(file).digest('hex'))
      return said(40900, 'The signature does not match the file.')
    const lines = file.split('\n').filter((line) => line !== '')
    const columns =
      type === 'MULTIPLE_TYPES' ? (lines.shift() ?? '').toLowerCase().split(',') : [COLUMNS[type]]
    if (columns.some((column) => column === undefined || NAMES[column] === undefined))
      return said(40909, 'The encryption type is unsupported.')
    if (lines.some((line) => line.split(',').length !== columns.length))
      return said(40915, 'The file does not meet the specifications.')
    const entries = lines.flatMap((line) =>
      line.split(',').map((value, at) => `${columns[at]} ${value.toLowerCase()}`),
    )
    const path = `file${this.#files.size + 1}${createHash('md5').update(file).digest('hex').slice(0, 8)}`
    this.#files.set(path, { type, entries: entries.filter((entry) => / [0-9a-f]{64}$/.test(entry)) })
    return said(0, 'OK', { file_path: path })
  }

  create(body: Readonly<Record<string, unknown>>): Answer {
    const { custom_audience_name: name, calculate_type: type, file_paths: paths } = body
    if (typeof name !== 'string' || name.length > 128) return said(40002, 'custom_audience_name: too long')
    if (this.all.length >= 400) return said(40002, 'The advertiser has 400 audiences.')
    const files = this.#filesAt(paths)
    if (files === undefined) return said(40905, 'The file does not exist.')
    if (files.some((file) => file.type !== type)) return said(40909, 'The encryption type is unsupported.')
    const audience = this.add(name, { type: String(type) })
    audience.entries = new Set(files.flatMap(({ entries }) => entries))
    this.#work(audience)
    if (audience.entries.size < this.fewest) audience.error = 'Less than 1000 matches were found.'
    return said(0, 'OK', { custom_audience_id: audience.id })
  }

  update(body: Readonly<Record<string, unknown>>): Answer {
    const { custom_audience_id: id, action = 'REPLACE', file_paths: paths } = body
    const audience = this.all.find((one) => one.id === id)
    if (audience === undefined) return said(40002, 'The audience does not exist.')
    const files = this.#filesAt(paths)
    if (files === undefined) return said(40905, 'The file does not exist.')
    if (audience.isAtWork || audience.error !== undefined)
      return said(40002, 'The audience is not available for this operation.')
    if (files.some(({ type }) => type !== audience.type))
      return said(40909, 'The encryption type is unsupported.')
    const after = changed(
      audience.entries,
      String(action),
      files.flatMap(({ entries }) => entries),
    )
    if (after === undefined) return said(40002, 'action: unsupported value')
    if (after.size < this.fewest)
      return said(40002, 'The audience size is less than 1,000 after the operation.')
    audience.entries = after
    this.#work(audience)
    return said(0, 'OK', {})
  }

  list(query: URLSearchParams): Answer {
    const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('page_size') ?? 10)]
    if (size < 1 || size > 100) return said(40002, 'page_size: out of range')
    const list = this.all.slice((page - 1) * size, page * size).map(detailsOf)
    const info = { page, page_size: size, total_number: this.all.length }
    return said(0, 'OK', { list, page_info: { ...info, total_page: Math.ceil(this.all.length / size) } })
  }

  get(query: URLSearchParams): Answer {
    const ids: unknown = JSON.parse(query.get('custom_audience_ids') ?? '[]')
    if (!Array.isArray(ids) || ids.length < 1 || ids.length > 100)
      return said(40002, 'custom_audience_ids: out of range')
    const found = this.all.filter(({ id }) => ids.includes(id))
    return said(0, 'OK', {
      list: found.map((one) => ({ audience_details: detailsOf(one), audience_history: [] })),
    })
  }

  #work(audience: FakeAudience): void {
    audience.isAtWork = this.isSlow
  }

  #filesAt(paths: unknown): readonly UploadedFile[] | undefined {
    if (!Array.isArray(paths) || paths.length === 0) return undefined
    const files = paths.map((path) => this.#files.get(path))
    return files.every((file) => file !== undefined) ? files : undefined
  }
}

export const ADVERTISER = '7000000000000000001'

export function said(code: number, message: string, data: object = {}): Answer {
  return { code, message, data }
}

const FIRST_ID = 7_100_000_000_000_000_001n

/** Of files of one kind, which have no header. */
const COLUMNS: Readonly<Record<string, string>> = {
  EMAIL_SHA256: 'email_sha256',
  PHONE_SHA256: 'phone_sha256',
  IDFA_SHA256: 'maid_sha256',
  GAID_SHA256: 'maid_sha256',
}

/** By header. */
const NAMES: Readonly<Record<string, string>> = {
  email_sha256: 'email',
  phone_sha256: 'phone',
  maid_sha256: 'mobile_id',
}

function changed(
  before: ReadonlySet<string>,
  action: string,
  entries: readonly string[],
): Set<string> | undefined {
  if (action === 'APPEND') return new Set([...before, ...entries])
  if (action === 'REMOVE') return new Set([...before].filter((entry) => !entries.includes(entry)))
  return action === 'REPLACE' ? new Set(entries) : undefined
}

function detailsOf({ id, name, type, kind, entries, isAtWork, error }: FakeAudience): object {
  const isValid = !isAtWork && error === undefined
  return {
    ...{ audience_id: id, name, audience_type: kind, calculate_type: type, is_creator: true, shared: false },
    ...{ cover_num: isValid ? entries.size : 0, is_valid: isValid, is_expiring: false },
    ...{ msg: '', error_msg: error ?? '' },
  }
}

interface FormPart {
  readonly text: string
  readonly filename: string | undefined
}

function formOf({ headers, body }: FakeRequest): ReadonlyMap<string, FormPart> {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) return new Map()
  return new Map(
    body
      .split(`--${boundary}`)
      .slice(1, -1)
      .map((part) => {
        const [head = '', ...rest] = part.split('\r\n\r\n')
        const text = rest.join('\r\n\r\n').replace(/\r\n$/, '')
        return [
          / name="([^"]*)"/.exec(head)?.[1] ?? '',
          { text, filename: / filename="([^"]*)"/.exec(head)?.[1] },
        ]
      }),
  )
}
