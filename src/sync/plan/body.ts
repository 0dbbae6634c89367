/**
 * A JSON array of changes, as a list of texts that are sent one after the other: joined they would be one text of
 * hundreds of kilobytes, which costs more to make than the request.
 */
export interface Body {
  readonly parts: readonly string[]
  /** Characters of all parts. */
  readonly length: number
}

export function bodyOf(...parts: readonly string[]): Body {
  return { parts, length: parts.reduce((sum, part) => sum + part.length, 0) }
}

/** In UTF-8, as it is sent. */
export function bytesOf({ parts }: Body): number {
  return parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
}

export const NO_BODY: Body = bodyOf()

export function textOf({ parts }: Body): string {
  return parts.join('')
}
