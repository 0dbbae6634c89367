import type { Change, JsonValue } from '../../src/connector/types.ts'
import type { Kind } from './lookup.ts'

/** What a record has of its own; any other field is a key of a custom one. */
export const OWN: Readonly<Record<Kind, ReadonlySet<string>>> = {
  users: new Set([
    'alias',
    'custom_role_id',
    'details',
    'email',
    'external_id',
    'locale',
    'name',
    'notes',
    'organization_id',
    'phone',
    'role',
    'signature',
    'suspended',
    'tags',
    'time_zone',
    'verified',
  ]),
  organizations: new Set([
    'details',
    'domain_names',
    'external_id',
    'group_id',
    'name',
    'notes',
    'shared_comments',
    'shared_tickets',
    'tags',
  ]),
}

/** Where custom fields are in a record. */
const CUSTOM: Readonly<Record<Kind, string>> = {
  users: 'user_fields',
  organizations: 'organization_fields',
}

export function recordOf(kind: Kind, { key, fields }: Change): Readonly<Record<string, JsonValue>> {
  const all = Object.entries({ ...fields, ...key })
  const custom = all.filter(([name]) => !OWN[kind].has(name))
  return {
    ...Object.fromEntries(all.filter(([name]) => OWN[kind].has(name))),
    ...(custom.length === 0 ? {} : { [CUSTOM[kind]]: Object.fromEntries(custom) }),
  }
}
