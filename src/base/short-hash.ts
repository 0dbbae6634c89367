import { createHash } from 'node:crypto'

/** 8 hex digits: enough to tell the few names of one project apart. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, SHORT_HASH_LENGTH)
}

export const SHORT_HASH_LENGTH = 8
