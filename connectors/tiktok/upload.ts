import { createHash } from 'node:crypto'
import type { Api } from '../../src/connector/api.ts'
import { DestinationError } from '../../src/connector/errors.ts'
import { textIn } from '../../src/connector/shapes.ts'
import type { Batch } from '../../src/connector/types.ts'
import { dataOf } from './answers.ts'
import { FILE_BYTES } from './manifest.ts'

/** Lines of one kind of identifier. */
export interface AudienceFile {
  /** `calculate_type`: what TikTok is told that the file has. */
  readonly type: string
  readonly lines: readonly string[]
}

/** Gives the path that TikTok knows the file by: until it is used, an uploaded file does nothing. */
export async function upload(
  api: Api,
  advertiser: string,
  { type, lines }: AudienceFile,
  batch: Batch,
): Promise<string> {
  const file = lines.map((line) => `${line}\n`).join('')
  const signature = createHash('md5').update(file).digest('hex')
  const { json } = await api.send({
    method: 'POST',
    path: '/open_api/v1.3/dmp/custom_audience/file/upload/',
    body: formOf(signature, file, {
      advertiser_id: advertiser,
      file_signature: signature,
      calculate_type: type,
    }),
    maxBytes: FILE_BYTES,
    batch,
  })
  const path = textIn(dataOf(json).file_path)
  if (path !== undefined && path !== '') return path
  throw new DestinationError('retry', {
    message: 'expected TikTok to name the uploaded file, found an answer without its path',
    ambiguous: true,
  })
}

/** The same form for the same file. No line of hashes has the boundary in it. */
function formOf(signature: string, file: string, fields: Readonly<Record<string, string>>) {
  const boundary = `sluice-${signature}`
  const parts = Object.entries(fields).map(
    ([name, value]) => `content-disposition: form-data; name="${name}"\r\n\r\n${value}`,
  )
  const last = `content-disposition: form-data; name="file"; filename="people.csv"\r\ncontent-type: text/csv\r\n\r\n${file}`
  const text = [...parts, last].map((part) => `--${boundary}\r\n${part}\r\n`).join('')
  return { type: `multipart/form-data; boundary=${boundary}`, text: `${text}--${boundary}--\r\n` }
}
