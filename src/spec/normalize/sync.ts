import { SluiceError } from '../../base/errors.ts'
import { durationMs } from '../forms/duration.ts'
import { limitOf } from '../forms/limit.ts'
import { windowOf } from '../forms/window.ts'
import type { Guard, Mapping, SentIdentifier, Sync } from '../project.ts'
import type { RawIdentifier, RawMapping, RawSync } from '../schema/sync.ts'
import type { Places } from '../yaml/places.ts'
import { definitionOf, located, locatedAt, sqlTextAt, windowAt } from './common.ts'
import { conditionOf } from './condition.ts'
import { settingsOf } from './settings.ts'

/** Long enough for a pod to be replaced, short enough that the plan still says what the model says. */
const DEFAULT_RESUME_WITHIN = '1h'
/** Longer than the bulk jobs of the APIs that we know usually take. */
const DEFAULT_ASYNC_WAIT = '10m'

export function syncOf(raw: RawSync, places: Places): Sync {
  const mode = raw.mode ?? 'upsert'
  return {
    ...definitionOf(raw, places),
    from: modelOf(raw, places),
    to: objectOf(raw, places),
    mode: locatedAt(mode, raw, 'mode', places),
    match: mappingsOf(raw.match, places),
    map: mappingsOf(raw.map ?? {}, places),
    identifiers: identifiersOf(raw.identifiers ?? {}, places),
    onRemove: raw.on_remove ?? (mode === 'mirror' ? 'delete' : 'nothing'),
    nulls: raw.nulls ?? 'clear',
    schedule: located(raw, 'schedule', places),
    guard: guardOf(raw.guard ?? {}),
    within: windowAt(raw.within, raw, places),
    backfill: raw.backfill && {
      orderBy: locatedAt(raw.backfill.order_by, raw.backfill, 'order_by', places),
      descending: raw.backfill.descending ?? false,
    },
    fields: raw.fields ?? 'all',
    tolerance: Object.entries(raw.tolerance ?? {}).map(([field, most]) => ({
      field: { value: field, at: places.key(raw.tolerance ?? {}, field) },
      most,
    })),
    resync: raw.resync === undefined ? undefined : windowOf(raw.resync, places.value(raw, 'resync')),
    renamedFrom: raw.renamed_from,
    consent: raw.consent === undefined ? undefined : conditionOf(raw.consent.require, places),
    purpose: raw.purpose,
    resumeWithinMs: durationMs(raw.resume_within ?? DEFAULT_RESUME_WITHIN),
    asyncWaitMs: durationMs(raw.async_wait ?? DEFAULT_ASYNC_WAIT),
    settings: settingsOf(raw.settings, places),
  }
}

function modelOf(raw: RawSync, places: Places): Sync['from'] {
  for (const kind of ['segment', 'entity', 'source'] as const) {
    const name = located(raw, kind, places)
    if (name !== undefined) return { kind, name }
  }
  throw new SluiceError('SLU9001', { message: 'expected the schema to refuse a sync of nothing, found one' })
}

/** `crm.contacts`; each half with its own columns, so that an error marks the half that is wrong. */
function objectOf(raw: RawSync, places: Places): Sync['to'] {
  const [destination = '', object = ''] = raw.to.split('.')
  const at = places.value(raw, 'to')
  const quote = /^["']/.test(places.source(raw, 'to')) ? 1 : 0
  const start = at.column + quote
  const dot = start + destination.length
  return {
    destination: { value: destination, at: { ...at, column: start, endColumn: dot } },
    object: { value: object, at: { ...at, column: dot + 1, endColumn: dot + 1 + object.length } },
  }
}

function mappingsOf(raw: Readonly<Record<string, RawMapping>>, places: Places): readonly Mapping[] {
  return Object.entries(raw).map(([field, value]) => ({
    field,
    at: places.key(raw, field),
    value: mappedValueOf(value, raw, field, places),
  }))
}

function mappedValueOf(raw: RawMapping, container: object, field: string, places: Places): Mapping['value'] {
  if (typeof raw === 'string') return { kind: 'name', name: raw, at: places.value(container, field) }
  if ('sql' in raw) return { kind: 'sql', sql: sqlTextAt(raw.sql, raw, 'sql', places) }
  return { kind: 'literal', value: raw.value }
}

function identifiersOf(
  raw: Readonly<Record<string, RawIdentifier>>,
  places: Places,
): readonly SentIdentifier[] {
  return Object.entries(raw).flatMap(([field, one]) => {
    const at = places.key(raw, field)
    const defaultCountry = isPlain(one) ? undefined : located(one, 'default_country', places)
    return valuesOf(one, raw, field, places).map((value) => ({ field, at, value, defaultCountry }))
  })
}

function valuesOf(
  raw: RawIdentifier,
  container: object,
  key: string,
  places: Places,
): readonly Mapping['value'][] {
  if (typeof raw === 'string') return [mappedValueOf(raw, container, key, places)]
  if (isPlain(raw)) return raw.map((name, index) => ({ kind: 'name', name, at: places.value(raw, index) }))
  if ('sql' in raw) return [mappedValueOf(raw, container, key, places)]
  return valuesOf(raw.values, raw, 'values', places)
}

function isPlain(raw: RawIdentifier): raw is string | readonly string[] {
  return typeof raw === 'string' || Array.isArray(raw)
}

function guardOf(raw: NonNullable<RawSync['guard']>): Guard {
  const limit = (value: string | number | undefined) => (value === undefined ? undefined : limitOf(value))
  return {
    maxRemove: limit(raw.max_remove),
    maxChange: limit(raw.max_change),
    minRows: raw.min_rows,
    maxHeld: limit(raw.max_held),
    maxRejected: limit(raw.max_rejected),
  }
}
