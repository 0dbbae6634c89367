import type { JsonValue, Settings } from '../../src/connector/types.ts'
import { stop } from './api.ts'

/** What people allowed, in the two kinds that Google asks for. */
const KINDS = { ad_user_data: 'adUserData', ad_personalization: 'adPersonalization' } as const

type Kind = keyof typeof KINDS

/** Undefined: it is not said. */
export type Allowed = Readonly<Record<Kind, boolean | undefined>>

/** What the settings of a sync say of rows that say nothing. Throws `stop` for a word that means nothing. */
export function allowedBySettings(settings: Settings): Allowed {
  const read = (kind: Kind) => {
    const allowed = allowedBy(settings[kind] as JsonValue | undefined)
    if (allowed !== 'unclear') return allowed
    throw stop(`expected ${kind} to be granted, denied or unspecified, found "${String(settings[kind])}"`)
  }
  return { ad_user_data: read('ad_user_data'), ad_personalization: read('ad_personalization') }
}

/** What a row says; the name of the field whose value means nothing. */
export function allowedByRow(fields: Readonly<Record<string, JsonValue>>): Allowed | Kind {
  const [data, ads] = [allowedBy(fields.ad_user_data), allowedBy(fields.ad_personalization)]
  if (data === 'unclear') return 'ad_user_data'
  if (ads === 'unclear') return 'ad_personalization'
  return { ad_user_data: data, ad_personalization: ads }
}

export function isDenied(kind: Kind, row: Allowed, settings: Allowed): boolean {
  return (row[kind] ?? settings[kind]) === false
}

/** As requests have it; undefined when nothing is said. */
export function consentOf(allowed: Allowed): Readonly<Record<string, string>> | undefined {
  const said = (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
    const is = allowed[kind]
    return is === undefined ? [] : [[KINDS[kind], is ? 'CONSENT_GRANTED' : 'CONSENT_DENIED'] as const]
  })
  return said.length === 0 ? undefined : Object.fromEntries(said)
}

function allowedBy(value: JsonValue | undefined): boolean | undefined | 'unclear' {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'boolean') return value
  const word = String(value).trim().toLowerCase()
  if (word === 'unspecified') return undefined
  if (word === 'granted' || word === 'true') return true
  return word === 'denied' || word === 'false' ? false : 'unclear'
}
