import type { Located, Position } from '../base/position.ts'
import type { RequestLimits } from '../connector/types.ts'

/**
 * A checked project: every file's text, parsed, united, and turned into these types. All names are as written;
 * references are not resolved here but in `graph`. Everything is readonly.
 */
export interface Project {
  readonly version: 1
  readonly name: string
  /** Absolute path of the folder that holds `sluice.yml`; relative paths in the project start here. */
  readonly directory: string
  readonly defaultTarget: Located<string> | undefined
  /** IANA name; rules calendar steps and cron times. Default UTC. */
  readonly timezone: string
  /** How long the ledger remembers runs that nothing needs any more. Default 90 days. */
  readonly history: Window
  /** The folder of the dbt project, or its `manifest.json`; relative to `directory`. */
  readonly dbtProject: EnvText | undefined
  readonly targets: ReadonlyMap<string, Target>
  /** Targets whose connections stand in dbt's `profiles.yml`. No name is in `targets` too. */
  readonly profileTargets: ReadonlyMap<string, ProfileTarget>
  readonly sources: ReadonlyMap<string, Source>
  readonly entities: ReadonlyMap<string, Entity>
  readonly traits: readonly Trait[]
  readonly segments: ReadonlyMap<string, Segment>
  readonly destinations: ReadonlyMap<string, Destination>
  readonly syncs: ReadonlyMap<string, Sync>
  /** Every file that was read, for the carets of later errors. Key: path relative to `directory`. */
  readonly texts: ReadonlyMap<string, string>
}

/** What every kind takes. */
export interface Definition {
  readonly name: string
  /** Where the name stands. */
  readonly at: Position
  readonly description: string | undefined
  readonly owner: string | undefined
  readonly tags: readonly string[]
  readonly meta: Readonly<Record<string, unknown>>
  readonly enabled: boolean
}

/** Text that may hold `${VAR}` or `${VAR:-default}`; resolved by `resolveEnvText` when it is used, not before. */
export interface EnvText {
  readonly raw: string
  readonly at: Position
}

export interface Target extends Definition {
  /** duckdb, postgres, redshift, snowflake, bigquery, databricks. */
  readonly type: Located<TargetType>
  /** Default `sluice`; the only schema Sluice writes to. */
  readonly stateSchema: string
  readonly send: 'real' | 'sandbox' | 'refuse'
  /** The connection's own settings, by their YAML key: path, host, port, user, ... */
  readonly settings: ReadonlyMap<string, EnvText | string | number | boolean>
}

/** A connection that stands in dbt's `profiles.yml`, which is read when the target is used. */
export interface ProfileTarget extends Definition {
  readonly stateSchema: string
  readonly send: 'real' | 'sandbox' | 'refuse'
  readonly profile: Located<string>
  /** dbt's target; undefined: the profile's own default. */
  readonly output: Located<string> | undefined
}

export type TargetType = 'duckdb' | 'postgres' | 'redshift' | 'snowflake' | 'bigquery' | 'databricks'

export interface Source extends Definition {
  readonly relation: SourceRelation
  /** One or more columns, in order. */
  readonly primaryKey: readonly Located<string>[]
  readonly updatedAt: Located<string> | undefined
  /** Present: an event source. */
  readonly occurredAt: Located<string> | undefined
  readonly belongsTo: readonly BelongsTo[]
  readonly columns: ReadonlyMap<string, ColumnFacts>
  /** `types:` of a file source: column name -> type as written. */
  readonly types: ReadonlyMap<string, Located<string>>
  readonly detectRemovals: boolean
  readonly tests: readonly unknown[]
}

export type SourceRelation =
  | { readonly kind: 'table'; readonly table: EnvText }
  | { readonly kind: 'query'; readonly query: SqlText }
  | { readonly kind: 'file'; readonly path: EnvText }
  /** `found` is undefined until the manifest was read. */
  | { readonly kind: 'dbt'; readonly model: Located<string>; readonly found: DbtModel | undefined }

/** What dbt makes of a model, a seed or a snapshot. */
export interface DbtModel {
  /** Schema and name, as SQL writes them. */
  readonly table: string
  /** By which dbt refers to it; no package: one of the dbt project itself; no version: the latest. */
  readonly ref: {
    readonly package: string | undefined
    readonly name: string
    readonly version: string | undefined
  }
}

/** SQL that the user wrote, one text for all targets or a map by target type. */
export interface SqlText {
  readonly at: Position
  readonly default: Located<string> | undefined
  readonly byTarget: ReadonlyMap<TargetType, Located<string>>
}

/** A foreign key, many-to-one: `columns` hold the parent's primary key, part by part. */
export interface BelongsTo {
  readonly parent: Located<string>
  readonly columns: readonly Located<string>[]
}

export interface ColumnFacts {
  readonly at: Position
  /** email, phone, ... or `none` (shown unmasked). */
  readonly pii: string | undefined
  readonly purposes: readonly string[] | undefined
}

export interface Entity extends Definition {
  readonly identity: Identity | undefined
  /** An unstitched entity: its source and the column that is its id. */
  readonly source: Located<string> | undefined
  readonly key: Located<string> | undefined
  readonly profile: readonly ProfileField[]
}

export interface Identity {
  readonly at: Position
  readonly from: readonly IdentitySource[]
  /** Rules by identifier type, for every type that occurs in `from` (defaults filled in). */
  readonly identifiers: ReadonlyMap<string, IdentifierRule>
  readonly maxEntitySize: number | undefined
  /** Lists of records of which no two may be one entity. */
  readonly block: readonly (readonly BlockedRecord[])[]
  /** How records that look alike are found; none: they are not looked for. */
  readonly candidates: readonly CandidateRule[]
}

/** Records of which two are compared when they agree in all of `blockBy`. */
export interface CandidateRule {
  readonly name: Located<string>
  /** A fact or an identifier type. */
  readonly compare: Located<string>
  readonly blockBy: readonly BlockKey[]
  readonly similarity: Similarity
  /** Blocks of more records are not compared. */
  readonly maxBlock: number
  /** Whether two that look alike become one entity. */
  readonly link: boolean
}

export interface BlockKey {
  /** A fact or an identifier type. */
  readonly of: Located<string>
  /** So many of its first characters; undefined: all of it. */
  readonly prefix: number | undefined
}

/** At least this share alike, or at most so many edits apart. */
export interface Similarity {
  readonly kind: 'jaro_winkler' | 'edit_distance'
  readonly threshold: number
  readonly at: Position
}

/** One record by its source and key. */
export interface BlockedRecord {
  readonly source: string
  /** The primary key as text, parts joined by `|`. */
  readonly recordId: string
  readonly at: Position
}

export interface IdentitySource {
  readonly source: Located<string>
  readonly ids: readonly { readonly type: Located<string>; readonly value: IdentifierValue }[]
  /** What else is known of a record, for `candidates`: it links nothing. */
  readonly facts: readonly Fact[]
}

export interface Fact {
  readonly name: Located<string>
  readonly value: Exclude<IdentifierValue, { readonly kind: 'any' }>
}

export type IdentifierValue =
  | { readonly kind: 'column'; readonly column: Located<string> }
  /** Absent when a part is absent. */
  | { readonly kind: 'composite'; readonly columns: readonly Located<string>[] }
  /** Several values of one type. */
  | { readonly kind: 'any'; readonly values: readonly IdentifierValue[] }
  | { readonly kind: 'sql'; readonly sql: SqlText }

export interface IdentifierRule {
  readonly type: string
  readonly at: Position | undefined
  readonly normalize: 'none' | 'email' | 'phone' | 'text'
  /** ISO 3166 alpha-2; for `phone`. */
  readonly defaultCountry: Located<string> | undefined
  /** Compared after normalising. */
  readonly ignore: readonly string[]
  readonly ignorePatterns: readonly string[]
  /** A value held by more records links nothing. Default 1000. */
  readonly maxRecords: number
  readonly maxPerEntity: number | undefined
  readonly priority: number | undefined
}

export interface ProfileField {
  readonly name: string
  readonly at: Position
  /** `source.column`, in order of preference. */
  readonly from: readonly ColumnReference[]
  readonly pick: 'most_recent' | 'most_frequent' | 'first_source' | 'min' | 'max' | 'longest'
  readonly purposes: readonly string[] | undefined
  readonly pii: string | undefined
}

export interface ColumnReference {
  readonly source: string
  readonly column: string
  readonly at: Position
}

export interface Trait extends Definition {
  readonly entity: Located<string>
  readonly operator: TraitOperator
  readonly within: Window | undefined
  readonly where: Condition | undefined
  readonly defaultValue: Literal | undefined
  readonly via: readonly Located<string>[] | undefined
  readonly purposes: readonly string[] | undefined
  readonly pii: string | undefined
}

export type TraitOperator =
  | { readonly kind: 'count'; readonly source: Located<string> }
  | {
      readonly kind: 'sum' | 'avg' | 'min' | 'max' | 'count_distinct' | 'most_frequent'
      readonly column: ColumnReference
    }
  | {
      readonly kind: 'case'
      readonly branches: readonly CaseBranch[]
      readonly otherwise: Literal | undefined
    }
  | { readonly kind: 'sql'; readonly sql: SqlText }

export interface CaseBranch {
  readonly when: Condition
  readonly then: Literal
}

export type Literal = string | number | boolean

export interface Window {
  readonly at: Position
  readonly amount: number
  readonly unit: 'hours' | 'days' | 'months' | 'years'
  /** `next 30 days`: [as_of, as_of + W) instead of [as_of - W, as_of). */
  readonly next: boolean
}

/** A condition tree. Every node carries its place. */
export type Condition =
  | { readonly kind: 'all' | 'any'; readonly at: Position; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly at: Position; readonly of: Condition }
  | { readonly kind: 'trait'; readonly at: Position; readonly name: string; readonly test: Test }
  | { readonly kind: 'column'; readonly at: Position; readonly name: string; readonly test: Test }
  | EventCondition
  | { readonly kind: 'segment'; readonly at: Position; readonly name: string }
  | {
      readonly kind: 'rank'
      readonly at: Position
      readonly end: 'top' | 'bottom'
      readonly by: string
      readonly size: { readonly kind: 'percent' | 'count'; readonly value: number }
    }
  | {
      readonly kind: 'sequence'
      readonly at: Position
      readonly steps: readonly SequenceStep[]
      readonly same: Located<string> | undefined
    }
  | { readonly kind: 'sql'; readonly at: Position; readonly sql: SqlText }

export interface EventCondition {
  readonly kind: 'event'
  readonly at: Position
  readonly source: Located<string>
  /** `column` is undefined for count only. The test is of a number or, for min and max, any value. */
  readonly measure: {
    readonly kind: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'count_distinct'
    readonly column: Located<string> | undefined
    readonly test: Test
  }
  readonly within: Window | undefined
  /** [from, to) as written. */
  readonly between: readonly [string, string] | undefined
  readonly where: Condition | undefined
  readonly via: readonly Located<string>[] | undefined
}

export interface SequenceStep {
  readonly kind: 'event' | 'no_event'
  readonly at: Position
  readonly source: Located<string>
  readonly within: Window | undefined
  readonly where: Condition | undefined
}

export type Test =
  | { readonly op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte'; readonly value: Literal }
  | { readonly op: 'in' | 'not_in'; readonly values: readonly Literal[] }
  | { readonly op: 'between'; readonly low: Literal; readonly high: Literal }
  | { readonly op: 'contains' | 'starts_with' | 'ends_with' | 'matches'; readonly text: string }
  | { readonly op: 'is_null'; readonly value: boolean }
  /** ISO 8601 date or time. */
  | { readonly op: 'before' | 'after'; readonly time: string }
  | { readonly op: 'within'; readonly window: Window }

export interface Segment extends Definition {
  readonly entity: Located<string>
  readonly where: Condition
}

export interface Destination extends Definition {
  readonly connector: Located<string>
  /** Checked against the connector's manifest by `graph`; texts still hold `${VAR}`. */
  readonly settings: ReadonlyMap<string, SettingValue>
  readonly settingsAt: Position
  readonly consent: Condition | undefined
  readonly purpose: string | undefined
  /** Of the project's own accord; the connector's hold too. */
  readonly limits: RequestLimits | undefined
}

export type SettingValue = EnvText | number | boolean | readonly SettingValue[] | SettingMap
export interface SettingMap {
  readonly at: Position
  readonly entries: ReadonlyMap<string, SettingValue>
}

export interface Sync extends Definition {
  readonly from: { readonly kind: 'segment' | 'entity' | 'source'; readonly name: Located<string> }
  readonly to: { readonly destination: Located<string>; readonly object: Located<string> }
  readonly mode: Located<SyncMode>
  /** The row's key: destination field <- value. At least one. */
  readonly match: readonly Mapping[]
  readonly map: readonly Mapping[]
  /** What finds people, hashed in the warehouse: one a value, so several may have one `field`. */
  readonly identifiers: readonly SentIdentifier[]
  readonly onRemove: 'nothing' | 'clear' | 'delete'
  readonly nulls: 'clear' | 'skip'
  readonly schedule: Located<string> | undefined
  readonly guard: Guard
  readonly within: Window | undefined
  /** The order of a first run; undefined: by key, as later runs send. */
  readonly backfill: Backfill | undefined
  /** What is sent of a changed row. */
  readonly fields: 'all' | 'changed'
  /** Mapped fields whose small moves are no change. */
  readonly tolerance: readonly Tolerance[]
  /** Rows applied longer ago are sent again although they did not change. */
  readonly resync: Window | undefined
  readonly renamedFrom: string | undefined
  readonly consent: Condition | undefined
  readonly purpose: string | undefined
  /** Default one hour. */
  readonly resumeWithinMs: number
  /** Default ten minutes. */
  readonly asyncWaitMs: number
  readonly settings: ReadonlyMap<string, SettingValue>
}

interface Tolerance {
  readonly field: Located<string>
  /** The greatest move since the value sent last that is no change. Not negative. */
  readonly most: number
}

interface Backfill {
  /** A value that a mapping could name. */
  readonly orderBy: Located<string>
  readonly descending: boolean
}

type SyncMode = 'insert' | 'update' | 'upsert' | 'mirror'

export interface Mapping {
  /** The destination's field. */
  readonly field: string
  readonly at: Position
  readonly value:
    | { readonly kind: 'name'; readonly name: string; readonly at: Position }
    | { readonly kind: 'literal'; readonly value: Literal | null }
    | { readonly kind: 'sql'; readonly sql: SqlText }
}

/** `field` is the name of the identifier. */
export interface SentIdentifier extends Mapping {
  /** Of phone numbers without one. */
  readonly defaultCountry: Located<string> | undefined
}

/** Undefined: the default of design section 6 applies. */
export interface Guard {
  readonly maxRemove: Limit | undefined
  readonly maxChange: Limit | undefined
  readonly minRows: number | undefined
  readonly maxHeld: Limit | undefined
  readonly maxRejected: Limit | undefined
}

export interface Limit {
  readonly kind: 'percent' | 'rows'
  readonly value: number
}
