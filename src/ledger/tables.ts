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
import type { ColumnTypeNames, Dialect } from '../dialect/dialect.ts'
import type { LedgerValue } from '../dialect/ledger-value.ts'
import type { LEDGER_TABLES, LedgerTable } from './table-columns.ts'

/**
 * The ledger's fixed tables, typed from their columns. Times are `moment`s when written; `snapshot_<sync>` and
 * `plan_<sync>` are not here because their names are values.
 */
type LedgerTables = { readonly [Table in LedgerTable]: RowOf<(typeof LEDGER_TABLES)[Table]> }

type RowOf<Columns> = { readonly [Name in keyof Columns]: CellOf<Columns[Name]> }

/** A nullable one may be left out of an insert. */
type CellOf<Column> = Column extends { readonly type: infer Type extends keyof ColumnTypeNames }
  ? Column extends { readonly nullable: true }
    ? Values[Type] | null
    : Values[Type]
  : never

interface Values extends Record<keyof ColumnTypeNames, unknown> {
  readonly text: string
  readonly boolean: boolean
  readonly integer: number
  readonly float: number
  readonly timestamp: LedgerValue
  /** Native hashes never leave the warehouse. */
  readonly hash64: never
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
