import { entityOf, keyedSources, outputsOf, segmentOf, sourcesOf } from '../compile/build-order.ts'
import type { CompileContext } from '../compile/context.ts'
import type { IdRun } from '../compile/identity/id-steps.ts'
import { profileSteps } from '../compile/profile/profile-steps.ts'
import { reachSteps } from '../compile/reach/reach-steps.ts'
import { segmentSteps } from '../compile/segments/segment-steps.ts'
import type { Node } from '../graph/graph.ts'
import type { BuiltNode } from './build.ts'
import { refuseDuplicateKeys } from './key-checks.ts'
import type { RunContext } from './run-context.ts'
import { runIdentity } from './run-identity.ts'
import { stageSources } from './staging.ts'
import { StepRunner } from './step-runner.ts'

export interface NodesRun {
  readonly buildNumber: number
  /** Entities whose identity is published: their ids are kept. */
  readonly stitched: ReadonlySet<string>
}

/**
 * Runs the steps of nodes that stand in build order, into their output tables: all identities, the rows that reach
 * entities, then profiles and segments. Tables between steps are gone afterwards, files of sources stay.
 */
export async function runNodes(
  run: RunContext,
  context: CompileContext,
  nodes: readonly Node[],
  of: NodesRun,
): Promise<readonly BuiltNode[]> {
  const { graph } = run
  const runner = new StepRunner(run)
  const outputs = new Set(
    nodes.flatMap((node) => outputsOf(graph, node)).map((name) => context.tables.output(name).name),
  )
  const built: BuiltNode[] = []
  let kept: ReadonlySet<string> = new Set()
  try {
    await stageSources(run, context.tables, sourcesOf(graph, nodes))
    await refuseDuplicateKeys(run, context, keyedSources(graph, nodes))
    for (const node of nodes)
      if (node.kind === 'identity') built.push(await buildIdentity(run, context, node, of))
    await runner.runAll(
      reachSteps(
        context,
        nodes.map(({ id }) => id),
      ),
    )
    for (const node of nodes)
      if (node.kind === 'entity' || node.kind === 'segment')
        built.push(await buildTable(run, context, node, runner))
    kept = outputs
    return inOrder(nodes, built)
  } finally {
    // The session may be gone; what happened before is what must be told.
    await runner.dropMade(kept).catch(() => {})
  }
}

async function buildIdentity(
  run: RunContext,
  context: CompileContext,
  node: Node,
  of: NodesRun,
): Promise<BuiltNode> {
  const startedAt = run.clock.monotonicMs()
  const ids: IdRun = {
    buildNumber: of.buildNumber,
    runId: run.runId,
    hasState: of.stitched.has(node.name),
  }
  const figures = await runIdentity(run, context, entityOf(run.graph, node), ids)
  const seconds = secondsSince(run, startedAt)
  run.progress.update(`${node.id}: ${figures.records} records, ${figures.entities} entities`)
  const { records: rows, unattached } = figures
  return { name: node.name, kind: node.kind, rows, seconds, unattached }
}

async function buildTable(
  run: RunContext,
  context: CompileContext,
  node: Node,
  runner: StepRunner,
): Promise<BuiltNode> {
  const startedAt = run.clock.monotonicMs()
  const steps =
    node.kind === 'entity'
      ? profileSteps(context, entityOf(run.graph, node))
      : segmentSteps(context, segmentOf(run.graph, node))
  let rows = 0
  for (const step of steps) rows = await runner.run(step)
  const seconds = secondsSince(run, startedAt)
  run.progress.update(`${node.id}: ${rows} rows`)
  return { name: node.name, kind: node.kind, rows, seconds }
}

function inOrder(nodes: readonly Node[], built: readonly BuiltNode[]): readonly BuiltNode[] {
  return nodes.flatMap((node) => built.filter((one) => one.kind === node.kind && one.name === node.name))
}

function secondsSince(run: RunContext, startedAt: number): number {
  return (run.clock.monotonicMs() - startedAt) / 1000
}
