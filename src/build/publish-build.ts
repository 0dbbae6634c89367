import { ProjectErrors } from '../base/errors.ts'
import { buildOrder, outputsOf, sourcesOf, staleOutputs } from '../compile/build-order.ts'
import type { Tables } from '../compile/context.ts'
import { temporaryTable } from '../compile/tables.ts'
import type { TableName } from '../dialect/dialect.ts'
import type { Node } from '../graph/graph.ts'
import type { Lease, PublishedNode } from '../ledger/ledger.ts'
import type { BuildRequest, BuildResult, BuiltNode } from './build.ts'
import { checkCatalog } from './check-catalog.ts'
import { compileContext } from './compile-context.ts'
import { dropLeftovers, newTable } from './new-tables.ts'
import { finishPublications, isAtomic, publishAtOnce, publishInParts } from './publish.ts'
import { publishedTable } from './published-tables.ts'
import { refusePast } from './refuse-past.ts'
import type { RunContext } from './run-context.ts'
import { type NodesBuilt, runNodes } from './run-nodes.ts'
import { stitchedEntities } from './stitched-entities.ts'

/**
 * Builds nodes, and what they need, beside the published tables, then swaps all of them, and changes those of
 * identities and profiles that were made incrementally, in one transaction. A build that fails, is stopped or killed
 * leaves the last published one as it was; what it left is dropped by the next. Where tables stand outside of
 * transactions, a build that is killed while it publishes is published to its end by the next.
 *
 * Throws: ProjectErrors for what the warehouse does not have, SLU4101 for a time before the last build, SLU4102 for a
 * primary key that is not one, SLU5001 when another build holds the lease, SLU7011 when told to stop.
 */
export async function publishBuild(run: RunContext, request: BuildRequest): Promise<BuildResult> {
  const nodes = buildOrder(run.graph, request.nodes)
  const tables = newTables(run)
  await refusePast(run)
  await requireCatalog(run, tables, nodes)
  const lease = await run.ledger.acquire('build', run.runId, run.waitMs)
  try {
    // Another build may have published while this one waited.
    await refusePast(run)
    await finishPublications(run, lease)
    await dropLeftovers(run)
    const published = await run.ledger.published.nodes()
    const of = {
      buildNumber: await run.ledger.published.nextBuildNumber(),
      published,
      stitched: stitchedEntities(published),
      fullRefresh: request.fullRefresh,
      redirect: tables.redirect,
    }
    const { built, patches } = await runNodes(run, compileContext(run, tables), nodes, of)
    try {
      await publish(run, lease, nodes, { built, patches }, of.buildNumber)
    } finally {
      // The session may be gone; what happened before is what must be told.
      for (const patch of patches.values()) await patch.drop().catch(() => {})
    }
    return { nodes: built }
  } finally {
    await lease.release()
  }
}

interface NewTables extends Tables {
  /** The output is this table from now on. */
  redirect(logicalName: string, table: TableName): void
}

function newTables(run: RunContext): NewTables {
  const published = publishedTable(run)
  const redirected = new Map<string, TableName>()
  return {
    redirect: (logicalName, table) => {
      redirected.set(logicalName, table)
    },
    output: (logicalName) => redirected.get(logicalName) ?? newTable(run, run.runId, logicalName),
    published,
    temporary: temporaryTable,
  }
}

async function requireCatalog(run: RunContext, tables: Tables, nodes: readonly Node[]): Promise<void> {
  const sources = sourcesOf(run.graph, nodes)
  const errors = await checkCatalog(compileContext(run, tables), run.warehouse, sources)
  const [first] = errors
  if (first !== undefined) throw errors.length === 1 ? first : new ProjectErrors(errors)
}

async function publish(
  run: RunContext,
  lease: Lease,
  nodes: readonly Node[],
  { built, patches }: NodesBuilt,
  buildNumber: number,
): Promise<void> {
  const made = nodes.flatMap((node) => patches.get(node.id)?.made ?? outputsOf(run.graph, node))
  const stale = nodes.filter(({ id }) => !patches.has(id)).flatMap((node) => staleOutputs(run.graph, node))
  const records = nodes.flatMap((node) => publishedNode(run, node, built))
  const publication = { runId: run.runId, buildNumber, asOf: run.asOf, made, stale, nodes: records }
  if (isAtomic(run)) await publishAtOnce(run, lease, publication, [...patches.values()])
  else await publishInParts(run, lease, publication, [...patches.values()])
}

function publishedNode(run: RunContext, node: Node, built: readonly BuiltNode[]): readonly PublishedNode[] {
  const found = built.find((one) => one.kind === node.kind && one.name === node.name)
  if (found === undefined) return []
  const { id, fingerprint } = node
  return [{ id, fingerprint, asOf: run.asOf, runId: run.runId, rows: found.rows }]
}
