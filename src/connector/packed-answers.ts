import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'

/** Why the bytes of an answer are not known: they would be more than may be, or it is packed and not whole. */
export type Unreadable = 'too_large' | 'broken'

/**
 * The bytes of an answer that was packed though nobody asked for it, as gateways do. Those of one that was not, and
 * what is unreadable already, come back as they are.
 */
export async function unpacked(
  read: Buffer | Unreadable,
  encoding: string | string[] | undefined,
  most: number,
): Promise<Buffer | Unreadable> {
  const names =
    encoding === undefined
      ? []
      : String(encoding)
          .toLowerCase()
          .split(/[\s,]+/)
  let bytes = read
  // The last one was applied last.
  for (const name of names.toReversed()) {
    if (!(bytes instanceof Buffer) || bytes.length === 0) break
    if (name !== '' && name !== 'identity') bytes = await unpackedOnce(bytes, name, most)
  }
  return bytes
}

type Unpack = (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

const UNPACKERS: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', promisify(gunzip) as Unpack],
  ['x-gzip', promisify(gunzip) as Unpack],
  ['deflate', promisify(inflate) as Unpack],
  ['br', promisify(brotliDecompress) as Unpack],
])

async function unpackedOnce(bytes: Buffer, name: string, most: number): Promise<Buffer | Unreadable> {
  try {
    return (await UNPACKERS.get(name)?.(bytes, { maxOutputLength: most })) ?? 'broken'
  } catch (error) {
    return isTooLarge(error) ? 'too_large' : 'broken'
  }
}

function isTooLarge(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
  )
}
