/** A node as dbt writes it, as far as it is read. */
export interface DbtNodeText {
  readonly name: string
  readonly type?: string
  readonly package?: string
  readonly schema?: string
  readonly alias?: string
  readonly relationName?: string | null
  readonly materialized?: string
  readonly version?: number
  readonly latestVersion?: number
}

/** The text of a `manifest.json` of the dbt project `shop_dbt`. */
export function dbtManifest(
  nodes: readonly DbtNodeText[],
  changes: { readonly schemaVersion?: string; readonly disabled?: readonly DbtNodeText[] } = {},
): string {
  return JSON.stringify({
    metadata: {
      dbt_schema_version: changes.schemaVersion ?? 'https://schemas.getdbt.com/dbt/manifest/v12.json',
      project_name: 'shop_dbt',
      adapter_type: 'duckdb',
    },
    nodes: Object.fromEntries(nodes.map((node) => [idOf(node), nodeText(node)])),
    sources: { 'source.shop_dbt.raw.orders': { resource_type: 'source', name: 'raw_orders' } },
    disabled: Object.fromEntries((changes.disabled ?? []).map((node) => [idOf(node), [nodeText(node)]])),
  })
}

function idOf({ type = 'model', package: owner = 'shop_dbt', name, version }: DbtNodeText): string {
  return [type, owner, name, ...(version === undefined ? [] : [`v${version}`])].join('.')
}

function nodeText(node: DbtNodeText) {
  const { name, schema = 'marts', alias = name } = node
  return {
    resource_type: node.type ?? 'model',
    package_name: node.package ?? 'shop_dbt',
    ...{ name, database: 'warehouse', schema, alias },
    relation_name: node.relationName === undefined ? `"warehouse"."${schema}"."${alias}"` : node.relationName,
    config: { enabled: true, materialized: node.materialized ?? 'table' },
    ...(node.version === undefined ? {} : { version: node.version, latest_version: node.latestVersion }),
  }
}
