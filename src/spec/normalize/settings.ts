import type { Destination, ProfileTarget, SettingMap, SettingValue, Target } from '../project.ts'
import type { RawDestination, RawSetting } from '../schema/destination.ts'
import type { RawProfileTarget, RawTarget } from '../schema/target.ts'
import type { Places } from '../yaml/places.ts'
import { definitionOf, definitionParts, envTextAt, located, locatedAt } from './common.ts'
import { conditionOf } from './condition.ts'

/** Keys of a target that are no settings of its connection. */
const OF_EVERY_TARGET: ReadonlySet<string> = new Set([
  'type',
  'state_schema',
  'send',
  'description',
  'owner',
  'tags',
  'meta',
  'enabled',
])

export function targetOf(name: string, targets: object, raw: RawTarget, places: Places): Target {
  const settings = Object.entries(raw).filter(([key]) => !OF_EVERY_TARGET.has(key))
  return {
    name,
    at: places.key(targets, name),
    ...definitionParts(raw),
    type: locatedAt(raw.type, raw, 'type', places),
    stateSchema: raw.state_schema ?? 'sluice',
    send: raw.send ?? 'real',
    settings: new Map(
      settings.map(([key, value]) => [
        key,
        typeof value === 'string' ? envTextAt(value, raw, key, places) : value,
      ]),
    ),
  }
}

export function profileTargetOf(
  name: string,
  targets: object,
  raw: RawProfileTarget,
  places: Places,
): ProfileTarget {
  return {
    name,
    at: places.key(targets, name),
    ...definitionParts(raw),
    stateSchema: raw.state_schema ?? 'sluice',
    send: raw.send ?? 'real',
    profile: locatedAt(raw.dbt_profile, raw, 'dbt_profile', places),
    output: located(raw, 'dbt_target', places),
  }
}

export function destinationOf(raw: RawDestination, places: Places): Destination {
  return {
    ...definitionOf(raw, places),
    connector: locatedAt(raw.connector, raw, 'connector', places),
    settings: settingsOf(raw.settings, places),
    settingsAt: raw.settings === undefined ? places.self(raw) : places.key(raw, 'settings'),
    consent: raw.consent === undefined ? undefined : conditionOf(raw.consent.require, places),
    purpose: raw.purpose,
    limits: raw.limits && {
      requestsPerSecond: raw.limits.requests_per_second,
      inFlight: raw.limits.in_flight,
    },
  }
}

export function settingsOf(
  raw: Readonly<Record<string, RawSetting>> | undefined,
  places: Places,
): ReadonlyMap<string, SettingValue> {
  return raw === undefined ? new Map() : entriesOf(raw, places)
}

function entriesOf(
  raw: Readonly<Record<string, RawSetting>>,
  places: Places,
): ReadonlyMap<string, SettingValue> {
  return new Map(Object.entries(raw).map(([key, value]) => [key, settingOf(value, raw, key, places)]))
}

function settingOf(raw: RawSetting, container: object, key: string | number, places: Places): SettingValue {
  if (typeof raw === 'string') return envTextAt(raw, container, key, places)
  if (typeof raw !== 'object') return raw
  if (isList(raw)) return raw.map((one, index) => settingOf(one, raw, index, places))
  const map: SettingMap = { at: places.self(raw), entries: entriesOf(raw, places) }
  return map
}

function isList(raw: RawSetting): raw is readonly RawSetting[] {
  return Array.isArray(raw)
}
