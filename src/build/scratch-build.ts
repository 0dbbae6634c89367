import { buildOrder, outputsOf } from '../compile/build-order.ts'
import type { Tables } from '../compile/context.ts'
import { temporaryTable } from '../compile/tables.ts'
import { temporaryName } from '../compile/temporary.ts'
import { render } from '../dialect/fragment.ts'
import type { Node } from '../graph/graph.ts'
import type { PublishedNode } from '../ledger/ledger.ts'
import type { BuiltTables } from './build.ts'
import { compileContext } from './compile-context.ts'
import { publishedTable } from './published-tables.ts'
import type { RunContext } from './run-context.ts'
import { runNodes } from './run-nodes.ts'
import { stitchedEntities } from './stitched-entities.ts'

/**
 * What these nodes would be if they were built now: the published tables where they are of this project and this
 * `as_of`, else temporary ones of this session, stitched on the published ids. In the past, identity is as published.
 * Never writes to the state schema.
 *
 * Throws: SLU4102 for a primary key that is not one, SLU7011 when told to stop.
 */
export async function scratchBuild(run: RunContext, nodeIds: readonly string[]): Promise<BuiltTables> {
  const nodes = buildOrder(run.graph, nodeIds)
  const published = await run.ledger.published.nodes()
  const kept = nodes.filter((node) => isCurrent(run, node, published.get(node.id)))
  const missing = nodes.filter((node) => !kept.includes(node))
  const tables = scratchTables(run, kept)
  // Sources are never published; whoever reads one beside what was built stages it.
  if (missing.every(({ kind }) => kind === 'source')) return { tables, drop: async () => {} }
  const of = {
    buildNumber: await run.ledger.published.nextBuildNumber(),
    published,
    stitched: stitchedEntities(published),
    fullRefresh: false,
    redirect: undefined,
  }
  const drop = () => dropScratch(run, tables, missing)
  try {
    const { patches } = await runNodes(run, compileContext(run, tables), missing, of)
    for (const patch of patches.values()) await patch.drop()
  } catch (error) {
    // The session may be gone; why it failed is what must be told.
    await drop().catch(() => {})
    throw error
  }
  return { tables, drop }
}

function isCurrent(run: RunContext, node: Node, published: PublishedNode | undefined): boolean {
  if (published === undefined || published.fingerprint !== node.fingerprint) return false
  return published.asOf === run.asOf || (node.kind === 'identity' && run.asOf < published.asOf)
}

function scratchTables(run: RunContext, kept: readonly Node[]): Tables {
  const published = publishedTable(run)
  const standing = new Set(kept.flatMap((node) => outputsOf(run.graph, node)))
  return {
    output: (name) => (standing.has(name) ? published(name) : temporaryTable(temporaryName('scratch', name))),
    published,
    temporary: temporaryTable,
  }
}

async function dropScratch(run: RunContext, tables: Tables, built: readonly Node[]): Promise<void> {
  const { dialect } = run.warehouse
  for (const name of built.flatMap((node) => outputsOf(run.graph, node))) {
    const drop = dialect.table.dropIfExists(tables.output(name))
    await run.warehouse.execute({ step: 'build.drop_scratch', sql: render(drop, dialect) })
  }
}
