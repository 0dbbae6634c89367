import type { Clock } from '../base/clock.ts'
import type { FakeServer } from './fake-server.ts'
import type { HttpClient, HttpOptions } from './http.ts'
import type { GuardedSocket, SocketOptions } from './sockets.ts'

/** How a destination changes: what a sync of it may ask. */
export type ObjectMode = 'insert' | 'update' | 'upsert' | 'mirror'

/** Pure data about one API; loaded by `validate` and `schema`, so it imports no client. */
export interface Manifest {
  readonly name: string
  readonly title: string
  readonly settings: Readonly<Record<string, SettingDefinition>>
  /** Ways to prove who asks: the first one whose settings are all given is used. Undefined: it needs no proof. */
  readonly auth?: readonly AuthMethod[]
  /** By the name that projects use; `*` stands for every name that is not listed, where the API has objects of its own. */
  readonly objects: Readonly<Record<string, ObjectDefinition>>
  /** Of one account; what is not documented is left out, and learned. */
  readonly limits?: RequestLimits
  /** Which version of the API the requests name. */
  readonly apiVersion?: string
  /** Pages that this was written from. */
  readonly sources?: readonly ManifestSource[]
  /** How its docs were checked; shown by `connectors ls`. */
  readonly verification: 'spec-verified' | 'derived-verified' | 'doc-verified' | 'generic'
}

export interface ManifestSource {
  readonly url: string
  /** `2026-11-26`. */
  readonly read: string
}

/**
 * One way to prove who asks. `{name}` in a text is a setting of the destination; `needs` names those that must be given
 * for this way to be taken.
 */
export type AuthMethod =
  | {
      readonly kind: 'header'
      readonly needs: readonly string[]
      readonly name: string
      readonly value: string
    }
  | {
      readonly kind: 'basic'
      readonly needs: readonly string[]
      readonly user: string
      readonly password: string
    }
  | OAuthMethod

/** Asks `tokenUrl` for a token that lives for a while; it is renewed before it ends, and when it is refused. */
export interface OAuthMethod {
  readonly kind: 'oauth2'
  readonly needs: readonly string[]
  readonly tokenUrl: string
  readonly form: Readonly<Record<string, string>>
  /** Sent as Basic authorization, by APIs that do not take the app's id and secret in the form. */
  readonly basic?: { readonly user: string; readonly password: string }
  /** Signed with RS256 and sent as `assertion`. */
  readonly jwt?: {
    /** PEM. */
    readonly key: string
    readonly claims: Readonly<Record<string, string>>
    readonly lifetimeSeconds: number
  }
  /** The answer's field that says where the API is, instead of `base_url`. */
  readonly baseUrlIn?: string
}

/** How fast one account may be asked. */
export interface RequestLimits {
  readonly requestsPerSecond?: number | undefined
  /** Requests at once. */
  readonly inFlight?: number | undefined
}

export interface SettingDefinition {
  readonly type: 'text' | 'integer' | 'boolean' | 'text_map' | 'text_list'
  readonly description: string
  readonly required?: boolean
  readonly default?: string | number | boolean
  /** Never printed; redacted everywhere. */
  readonly secret?: boolean
  readonly minimum?: number
  readonly maximum?: number
}

export interface ObjectDefinition {
  readonly description: string
  /** Fields that `match` may use; undefined: any. */
  readonly keys: readonly string[] | undefined
  /** Ruleset by key field in `src/compile/normalize`, e.g. `email`; a field not named is compared as it is. */
  readonly keyNormalizers: Readonly<Record<string, 'none' | 'email' | 'text'>>
  readonly modes: readonly ObjectMode[]
  /** Sending the same batch twice leaves the same state. */
  readonly idempotent: boolean
  /** Requests carry the sync's name, so syncs of one object do not share rows: exempt from families. */
  readonly carriesSyncName: boolean
  /** What it can do with one that leaves. */
  readonly remove: 'delete' | 'clear' | 'none'
  /** What is sent of a row replaces what was there, so it must be all of it: not for `fields: changed`. */
  readonly wholeRows?: true
  /** A changed key is one change with `previous_key` instead of remove and add. */
  readonly takesPreviousKey?: boolean
  /** A batch is taken as a job, which is answered for later: `start` and `poll` instead of `write`. */
  readonly async?: true
  readonly batch: { readonly maxItems: number; readonly maxBytes: number; readonly itemsSetting?: string }
  /** Plans of more rows than `aboveRows` go out so: in these batches, each of them a job (`start` and `poll`). */
  readonly bulk?: { readonly aboveRows: number; readonly maxItems: number; readonly maxBytes: number }
  /** Settings of a sync of this object. With other values its rows are others: another family, another account. */
  readonly settings?: Readonly<Record<string, SettingDefinition>>
  /** It holds that a row is there and nothing of it: a sync has no `map`. */
  readonly membersOnly?: true
  /** Fields that `map` may name, with those that it must; undefined: any, unless `membersOnly`. */
  readonly fields?: Readonly<Record<string, FieldDefinition>>
  /** It finds people by identifiers that the warehouse normalises and hashes. Undefined: it takes none. */
  readonly identifiers?: TakenIdentifiers
  /** It holds people by their identifiers, as an audience of an ad platform does; its `identifiers` are given. */
  readonly audience?: AudienceDefinition
  /** It takes events that happened at most so long ago; its mode is `insert`. */
  readonly eventsWithinDays?: number
  /** Instead of the connector's own, where this object has a quota to itself. */
  readonly limits?: RequestLimits
  /** For examples: the name of an object that every account has, where this is `*`, and a field for a first name. */
  readonly example?: { readonly object?: string; readonly field?: string }
  /** One sentence each for people: what becomes of one that leaves, and of one that is erased. Undefined: it cannot. */
  readonly removal?: string
  readonly erasure?: string
}

interface FieldDefinition {
  readonly description: string
  readonly required?: true
}

/** A ruleset of `src/compile/normalize`, with its version: `meta.email@1`. */
type RulesetName = `${string}.${string}@${number}`

/** By the names that `identifiers` of a sync uses. */
export interface TakenIdentifiers {
  /** Each value finds a person by itself; all values of a person are sent. */
  readonly alone: Readonly<Record<string, RulesetName>>
  /**
   * People are found by all these parts together: one identifier of this name, whose parts are in this order. Names of
   * parts stand beside those of `alone` in a project.
   */
  readonly together?: Readonly<Record<string, Readonly<Record<string, RulesetName>>>>
  /** Sent beside, in `fields`, to find more people: nobody is found by them alone, and they have one value. */
  readonly details?: Readonly<Record<string, RulesetName>>
  /** Mapped fields that find somebody as well, as the id of a click does: a row with one of them needs no identifier. */
  readonly orFields?: readonly string[]
}

/** What people should know of a kind of audience, and what the engine does about it. */
interface AudienceDefinition {
  /** Fewer people than these cannot be reached: the run warns. */
  readonly fewest: number
  /** It refuses to become smaller than `fewest`: those who leave are held while it would. */
  readonly keepsFewest?: true
  /** The setting of the sync (an integer with a default) after how many days members are forgotten: they are sent again before. */
  readonly lifetimeDaysSetting?: string
}

export type Settings = Readonly<
  Record<string, string | number | boolean | readonly string[] | Readonly<Record<string, string>> | undefined>
>

/** One row of a plan. `fields` of a remove is empty. */
export interface Change {
  readonly op: 'add' | 'change' | 'remove'
  readonly key: Readonly<Record<string, JsonValue>>
  readonly fields: Readonly<Record<string, JsonValue>>
  /** Of objects with `identifiers`: all that finds this person now, hashed; `identifiersOf` reads it. None of a remove. */
  readonly identifiers?: string
  /**
   * Of audiences: what the destination may have of this person, and nobody of the audience has any more. It is taken out
   * before anything is put in; `leavingOf` reads it.
   */
  readonly leaving?: string
  readonly previous_key?: Readonly<Record<string, JsonValue>>
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** What is sent at once. `changesJson` was built by the warehouse; `changes()` parses it, for mappings beyond SQL. */
export interface Batch {
  readonly sync: string
  /** Of the plan: the same when an interrupted plan is resumed. */
  readonly runId: string
  readonly object: string
  readonly mode: ObjectMode
  readonly batch: number
  readonly count: number
  /** A JSON array of `Change`, in order. */
  readonly changesJson: string
  /** The same text in parts, for connectors that pass it on: joining them costs more than sending them. */
  readonly changesParts?: readonly string[]
  changes(): readonly Change[]
  /** Hash of sync, run and seq range: the same on every repeat of these rows. */
  readonly idempotencyKey: string
  /** How often this run has handed over these rows, this time included. Default 1. */
  readonly attempt?: number
  /** It is one of the object's `bulk`. */
  readonly isBulk?: boolean
}

/** One row's answer. `error` names no value of the row. */
export type Receipt =
  | { readonly status: 'applied' }
  | { readonly status: 'rejected'; readonly error: string }
  /** `ambiguous`: the answer does not say that it was not applied: see `unanswered`. */
  | { readonly status: 'retry'; readonly error: string; readonly afterMs?: number; readonly ambiguous?: true }

/** What a destination says of a job that it works on by itself. */
export type JobAnswer =
  /** Ask again, not before `afterMs` when it says so. */
  | { readonly status: 'running'; readonly afterMs?: number }
  /** One receipt a change, in the order of the batch. */
  | { readonly status: 'done'; readonly receipts: readonly Receipt[] }
  /**
   * `retry`: it broke, and any part of it may be applied; the batch is started again. Else the destination refuses the
   * whole of it and applied nothing: the batch is halved until the bad row is alone. `error` names no value of a row.
   */
  | { readonly status: 'failed'; readonly error: string; readonly retry: boolean; readonly afterMs?: number }
  /** It no longer knows the job: what became of the rows cannot be told. */
  | { readonly status: 'forgotten' }

/** The batch of a job, when it is asked for: often by another process than the one that started it. */
export type JobBatch = Omit<Batch, 'changesJson' | 'changesParts' | 'changes' | 'attempt'> & {
  /** Reads the changes again, for answers that name rows by their keys. */
  changes(): Promise<readonly Change[]>
}

/** What a connection is for: one object, with the settings of one sync of it. */
export interface ObjectUse {
  readonly object: string
  readonly settings: Settings
  /** Nothing may be made there that is missing, a list say: a plan only looks. */
  readonly looksOnly?: boolean
}

/** What an API says of an audience; what it does not say is undefined. */
export interface AudienceStatus {
  /** People in it, as far as it could find them; where the API gives a range, its lower end. */
  readonly size?: number
  /** The share of identifiers that found somebody, from 0 to 1. */
  readonly matchRate?: number
  /** In the API's own words: `READY`, `TOO_SMALL`. */
  readonly state?: string
}

/** A field that a destination says it has. */
export interface DestinationField {
  readonly name: string
  /** False: it is computed there, and what is sent to it is refused or lost. */
  readonly writable: boolean
}

export interface ConnectorTools {
  /** A client with these rules; every request passes the request guard. */
  http(options?: HttpOptions): HttpClient
  /** A connection that does not speak HTTP, past the same guard. It ends with the run. */
  openSocket(options: SocketOptions): Promise<GuardedSocket>
  readonly clock: Clock
  /** The project's folder, that paths in settings are relative to; undefined: there is none. */
  readonly directory?: string
  /** Told of bytes that leave by another way than `http`, so that what leaves is counted. */
  readonly onWritten?: (bytes: number) => void
  /** Told how many of a request's entries the destination counts as invalid where it does not say which: a warning of the run. */
  readonly onInvalid?: (entries: number) => void
}

/** An open account of a destination. Nothing here retries, batches, limits or logs: the engine does. */
export interface Connection {
  /**
   * What the snapshot is tied to: portal, origin of a URL; with a `use` also what its rows belong to, after a comma:
   * `portal 4242, list 17`. Requests of what is equal before the comma share their limits.
   */
  account(): Promise<string>
  /**
   * One receipt a change, in order. Throws a `DestinationError` (from the http client, as it comes) when the answer
   * is about the whole request.
   */
  write(batch: Batch): Promise<readonly Receipt[]>
  /**
   * For objects that are `async` or have `bulk`: hands the batch over and gives the job's id, which is stored before the
   * job is asked for; or receipts, where the destination answered at once. When the process dies between, the same batch
   * is started again with the same idempotency key. Throws as `write`.
   */
  start?(batch: Batch): Promise<{ readonly jobId: string } | { readonly receipts: readonly Receipt[] }>
  /** Asks once and does not wait. Throws a `DestinationError` when the question fails: that says nothing of the job. */
  poll?(jobId: string, batch: JobBatch): Promise<JobAnswer>
  /**
   * What the object's fields are, where the API tells: mapped fields are held against it before the first batch.
   * Undefined: it has none yet and takes any.
   */
  fields?(): Promise<readonly DestinationField[] | undefined>
  /** How an audience fares, where the API tells; asked once after a run has sent. */
  audienceStatus?(): Promise<AudienceStatus>
  /** Has people forgotten for good, where the API can: one receipt a key, in order. Throws as `write`. */
  erase?(keys: readonly Change['key'][]): Promise<readonly Receipt[]>
  /** Lets go of what is not the client's: a program that runs. What is asked meanwhile breaks off. */
  close?(): Promise<void>
}

export interface Connector {
  readonly manifest: Manifest
  /** `use` is undefined where only the account is asked for. */
  connect(settings: Settings, tools: ConnectorTools, use?: ObjectUse): Connection
}

/** How `cli` hands connectors to the engine: the manifest at once, the code only when used. */
export interface ConnectorEntry {
  readonly manifest: Manifest
  readonly load: () => Promise<Connector>
  /** Starts a fake of the API; loaded by tests and the sandbox only. */
  readonly loadFake: () => Promise<() => Promise<ConnectorFake>>
}

/** Behaves as the API does, on this machine, and forgets everything when it is closed. */
export interface ConnectorFake {
  /** Of a destination that is this fake. */
  readonly settings: Settings
  /** Undefined for what is not reached over HTTP. */
  readonly server: FakeServer | undefined
  /** What it holds now, in the order of arrival; by sync where requests carry the sync's name. */
  held(sync: string, object: string): readonly HeldRow[]
  /** Of one with `async` objects: the next jobs meet these faults, one each in this order; after them all is well. */
  readonly jobs?: { script(...faults: readonly JobFault[]): void }
  /** Names that `*` stands for here, where the manifest has it: those that this fake knows. */
  readonly objectNames?: readonly string[]
  /** Settings of a sync of this object, where it takes some. */
  useOf?(object: string): Settings
  /**
   * The `index`-th row in the form that this object takes; undefined: any key, with texts as fields. The first text that
   * the object does not require may be any text.
   */
  sample?(object: string, index: number): HeldRow
  /** The same for a row that this API refuses by itself while it takes the others of its batch; undefined: there is none. */
  refused?(object: string, index: number): HeldRow | undefined
  /** Of an audience whose API only counts what it does not take: its next answer about rows that are put in counts so many. */
  countInvalid?(entries: number): void
  /** The tokens that were handed out until now are worth nothing from here on. */
  expireTokens?(): void
  /** Those whom `erase` made forgotten, by key, in the order in which it was asked. */
  erased?(object: string): readonly HeldRow['key'][]
  close(): Promise<void>
}

/**
 * What goes wrong with one job. It is running for `polls` questions before, none when it does not say.
 * - `failed`: all of it; `applied`: it did its work all the same.
 * - `partial`: the rows at these places are answered so, the others applied.
 * - `forgotten`: nobody knows it; `applied`: it had done its work before.
 */
export type JobFault =
  | ({ readonly kind: 'slow'; readonly afterMs?: number } & Slow)
  | ({
      readonly kind: 'failed'
      readonly retry: boolean
      readonly error: string
      readonly applied?: boolean
    } & Slow)
  | ({ readonly kind: 'partial'; readonly rows: ReadonlyMap<number, Receipt> } & Slow)
  | ({ readonly kind: 'forgotten'; readonly applied?: boolean } & Slow)
  | ({ readonly kind: 'none' } & Slow)

interface Slow {
  readonly polls?: number
}

export interface HeldRow {
  readonly key: Readonly<Record<string, JsonValue>>
  readonly fields: Readonly<Record<string, JsonValue>>
  /** Of a sample for an object with `identifiers`: one value of each, as people write it. */
  readonly plain?: Readonly<Record<string, string>>
}
