import type { ObjectDefinition } from './types.ts'

type Common = Pick<
  ObjectDefinition,
  'keys' | 'keyNormalizers' | 'modes' | 'idempotent' | 'carriesSyncName' | 'remove'
>

/**
 * What is the same of every audience: a row is a person by an id that stays here, and who is put in or taken out twice is so
 * once.
 */
export const AUDIENCE_OBJECT: Common = {
  keys: ['id'],
  keyNormalizers: {},
  modes: ['upsert', 'mirror'],
  idempotent: true,
  carriesSyncName: false,
  remove: 'delete',
}

/** The same of conversions, which a platform counts once by their id. */
export const EVENTS_OBJECT: Common = {
  keys: ['event_id'],
  keyNormalizers: {},
  modes: ['insert'],
  idempotent: true,
  carriesSyncName: false,
  remove: 'none',
}
