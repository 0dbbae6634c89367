import { createHash } from 'node:crypto'
import type { JsonValue } from '../../src/connector/types.ts'

/** The path of one contact of an audience: the MD5 of the address in lower case, as Mailchimp has it. */
export function memberPath(audience: string, address: JsonValue | undefined): string {
  const hash = createHash('md5').update(String(address).toLowerCase()).digest('hex')
  return `/lists/${encodeURIComponent(audience)}/members/${hash}`
}

/** What a row says of a contact, in Mailchimp's form. There is never a `status` in it. */
export interface MemberBody {
  readonly language?: string
  readonly email_type?: string
  readonly vip?: boolean
  readonly merge_fields?: Readonly<Record<string, JsonValue>>
}

export function bodyOf(fields: Readonly<Record<string, JsonValue>>): MemberBody {
  const merge = Object.entries(fields).filter(([name]) => !OWN.has(name))
  return {
    ...(typeof fields.language === 'string' ? { language: fields.language } : {}),
    ...(typeof fields.email_type === 'string' ? { email_type: fields.email_type } : {}),
    ...(fields.vip === undefined ? {} : { vip: fields.vip === true }),
    ...(merge.length === 0
      ? {}
      : { merge_fields: Object.fromEntries(merge.map(([tag, value]) => [tag, mergeValue(value)])) }),
  }
}

/** Names of tags. */
export function tagsOf({ tags = null }: Readonly<Record<string, JsonValue>>): readonly string[] {
  const all = Array.isArray(tags) ? tags : [tags]
  return all.flatMap((tag) => (tag === null || tag === '' ? [] : [String(tag)]))
}

/** Of a contact, beside its merge fields. Merge tags are in capitals. */
export const OWN: ReadonlySet<string> = new Set(['language', 'email_type', 'vip', 'tags'])

/** The empty text clears one. An object is an address. */
function mergeValue(value: JsonValue): JsonValue {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'boolean' ? String(value) : value
}
