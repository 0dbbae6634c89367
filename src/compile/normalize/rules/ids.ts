import { sql } from '../../../dialect/fragment.ts'
import { hashedAsIs, plain } from './rule.ts'

/** It means something to its owner only, so it stays as it is, but for blanks around it. */
export const OWN_ID = plain('as it stands, without blanks around it', (fn) => [
  (text) => sql`nullif(${fn.trim(text)}, '')`,
])

export const OWN_ID_HASHED = hashedAsIs('as it stands, without blanks around it')
