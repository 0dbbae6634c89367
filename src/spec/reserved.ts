/**
 * Names that would make a table or column which another one has already (design section 2, "Tables in the state
 * schema"). Ledger tables and entities share the schema; segments, snapshots and plans have prefixes of their own.
 */
const LEDGER_TABLES: ReadonlySet<string> = new Set([
  'runs',
  'sync_runs',
  'receipts',
  'acks',
  'leases',
  'plans',
  'snapshots',
  'builds',
  'meta',
  'starts',
  'jobs',
  'published',
  'suppressions',
  'audit',
  'audience_status',
])

const ENTITY_PREFIXES = [
  'segment_',
  'snapshot_',
  'plan_',
  'sandbox_',
  'sluice_',
  'acks_',
  'leases_',
  'receipts_',
]
const ENTITY_SUFFIXES = [
  '_identity',
  '_merges',
  '_splits',
  '_refused',
  '_candidates',
  '_nodes',
  '_node_ids',
  '_node_rows',
  '_stitch',
  '_field_rows',
  '_field_state',
  '__new',
  '__old',
]

/** What speaks against the name, as in `"plan_a", which ...`; undefined when nothing does. */
export function reservedReason(kind: string, name: string): string | undefined {
  if (kind === 'entities') return entityReason(name)
  if (kind === 'segments' && /(?:_changes|__new|__old)$/.test(name))
    return 'whose table another segment would need'
  if (kind === 'syncs' && /_[0-9a-f]{8}$/.test(name)) return 'whose plan table a stopped plan would need'
  return undefined
}

/** The id of an entity is a column of its tables, so no field or trait may have its name. */
export function isReservedField(entity: string, name: string): boolean {
  return name === `${entity}_id`
}

function entityReason(name: string): string | undefined {
  // `<entity>_identity` has the columns record_id and <entity>_id.
  if (name === 'record') return 'whose id would have the name of a column that is there already'
  if (LEDGER_TABLES.has(name)) return 'which is a table of the ledger'
  const prefix = ENTITY_PREFIXES.find((start) => name.startsWith(start))
  if (prefix !== undefined) return `and names that start with "${prefix}" are tables of Sluice`
  const suffix = ENTITY_SUFFIXES.find((end) => name.endsWith(end))
  return suffix === undefined ? undefined : `and names that end in "${suffix}" are tables of another entity`
}
