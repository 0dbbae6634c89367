import { unixSecondsOf } from '../../src/connector/times.ts'
import type { JsonValue } from '../../src/connector/types.ts'

export type Kind = 'contacts' | 'companies'

/** What a record has of its own; any other field is a custom attribute, which must exist. */
export const OWN: Readonly<Record<Kind, ReadonlySet<string>>> = {
  contacts: new Set([
    'avatar',
    'email',
    'external_id',
    'last_seen_at',
    'name',
    'owner_id',
    'phone',
    'signed_up_at',
    'unsubscribed_from_emails',
  ]),
  companies: new Set([
    'company_id',
    'industry',
    'monthly_spend',
    'name',
    'plan',
    'remote_created_at',
    'size',
    'website',
  ]),
}

/** Those of them that are seconds since 1970. */
const TIMES: ReadonlySet<string> = new Set(['last_seen_at', 'signed_up_at', 'remote_created_at'])

export function recordOf(
  kind: Kind,
  values: Readonly<Record<string, JsonValue>>,
): Readonly<Record<string, JsonValue>> {
  const all = Object.entries(values).map(([name, value]) => [name, sentAs(kind, name, value)] as const)
  const custom = all.filter(([name]) => !OWN[kind].has(name))
  return {
    ...Object.fromEntries(all.filter(([name]) => OWN[kind].has(name))),
    ...(custom.length === 0 ? {} : { custom_attributes: Object.fromEntries(custom) }),
  }
}

/** An attribute is one value. Of companies the empty text clears one, as null is none of their values. */
function sentAs(kind: Kind, name: string, value: JsonValue): JsonValue {
  if (value === null) return kind === 'companies' ? '' : null
  if (TIMES.has(name)) return unixSecondsOf(value) ?? value
  return Array.isArray(value) ? value.map(String).join(', ') : value
}
