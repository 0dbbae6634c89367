import { randomBytes } from 'node:crypto'

/** Makes ids that differ between runs. Tests pass their own. */
export interface Ids {
  /** Lower-case hex of `bytes` random bytes. */
  hex(bytes: number): string
}

export const randomIds: Ids = { hex: (bytes) => randomBytes(bytes).toString('hex') }
