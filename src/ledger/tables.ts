import {
  DummyDriver,
  IdentifierNode,
  Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  PostgresAdapter,
  PostgresIntrospector,
  type QueryId,
  type QueryResult,
  type RootOperationNode,
  type SchemableIdentifierNode,
  type UnknownRow,
} from 'kysely'
import type { Dialect } from '../dialect/dialect.ts'

/**
 * The ledger's fixed tables. Times are ISO text in UTC when written; `snapshot_<sync>` and `plan_<sync>` are not here
 * because their names are values.
 */
interface LedgerTables {
  /** One row: whose schema this is. */
  readonly meta: MetaRow
  /** One row a lease that was ever taken. Written by sql/ledger only. */
  readonly leases: LeaseRow
  /** One row a run. */
  readonly runs: RunTableRow
  /** One row a sync of a run. */
  readonly sync_runs: SyncRunTableRow
  /** One row a published build. */
  readonly builds: BuildRow
  /** One row a node, as it was published last. */
  readonly published: PublishedRow
  /** One row a snapshot. */
  readonly snapshots: SnapshotRow
  /** One row a plan that is being sent or was put aside by a guard. */
  readonly plans: PlanRow
  /** One row a batch and attempt that was about to be sent. */
  readonly starts: StartRow
  /** One row a range of answers, or a rejected row (then `lo` = `hi` = its seq, and `reason` is not null). */
  readonly acks: AckRow
  readonly receipts: ReceiptRow
}

export type LedgerTable = keyof LedgerTables

interface MetaRow {
  readonly id: number
  readonly version: number
  readonly project: string
  readonly target: string
  readonly created_at: string
}

interface LeaseRow {
  readonly name: string
  readonly run_id: string
  readonly token: number
  readonly expires_at: string
}

interface RunTableRow {
  readonly run_id: string
  readonly command: string
  readonly status: string
  readonly as_of: string
  readonly fingerprint: string
  readonly started_at: string
  readonly finished_at: string | null
  readonly exit_code: number | null
  readonly error: string | null
}

interface SyncRunTableRow {
  readonly run_id: string
  readonly sync: string
  readonly status: string
  readonly plan_id: string | null
  readonly adds: number
  readonly changes: number
  readonly removes: number
  readonly left_rows: number
  readonly unchanged: number
  readonly held: number
  readonly held_by: string
  readonly applied: number
  readonly rejected: number
  readonly pending: number
  readonly requests: number
  readonly seconds: number
  readonly resumed: boolean
  readonly error: string | null
}

interface BuildRow {
  readonly build_number: number
  readonly run_id: string
  readonly as_of: string
  readonly published_at: string
}

interface PublishedRow {
  readonly id: string
  readonly fingerprint: string
  readonly as_of: string
  readonly run_id: string
  readonly row_count: number
}

interface SnapshotRow {
  readonly sync: string
  readonly account: string
  readonly key_fields: string
  readonly hash_version: string
  readonly row_count: number
  readonly gone_count: number
  readonly dirty_count: number
  readonly digest: string
  readonly model_digest: string | null
}

interface PlanRow {
  readonly sync: string
  readonly plan_id: string
  readonly run_id: string
  readonly state: string
  readonly fingerprint: string
  readonly account: string
  readonly key_fields: string
  readonly created_at: string
  readonly as_of: string
  readonly counts: string
  readonly snapshot_digest: string
  readonly model_digest: string | null
}

interface StartRow {
  readonly sync: string
  readonly run_id: string
  readonly batch: number
  readonly lo: number
  readonly hi: number
  readonly attempt: number
}

interface AckRow {
  readonly sync: string
  readonly run_id: string
  readonly lo: number
  readonly hi: number
  readonly reason: string | null
  readonly attempts: number | null
  readonly ambiguous: boolean | null
}

/** Documented at `Receipts` in ledger.ts. Written by sql/ledger only. */
interface ReceiptRow {
  readonly sync: string
  readonly run_id: string
  readonly status: string
  readonly reason: string
}

export type LedgerDatabase = Kysely<LedgerTables>

/** Compiles the ledger's typed statements; it has no connection. */
export function ledgerDatabase(dialect: Dialect, schema: string, prefix: string): LedgerDatabase {
  return new Kysely<LedgerTables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
    plugins: prefix === '' ? [] : [new TablePrefix(prefix)],
  }).withSchema(schema)
}

/** Every table of a statement gets the prefix. Statements of the ledger use no aliases, which it would change too. */
class TablePrefix extends OperationNodeTransformer implements KyselyPlugin {
  readonly #prefix: string

  constructor(prefix: string) {
    super()
    this.#prefix = prefix
  }

  transformQuery(args: PluginTransformQueryArgs): RootOperationNode {
    return this.transformNode(args.node, args.queryId)
  }

  async transformResult(args: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return args.result
  }

  protected override transformSchemableIdentifier(
    node: SchemableIdentifierNode,
    _queryId?: QueryId,
  ): SchemableIdentifierNode {
    return { ...node, identifier: IdentifierNode.create(`${this.#prefix}${node.identifier.name}`) }
  }
}
