import { entityOf, keyedSources, outputsOf, segmentOf, sourcesOf } from '../compile/build-order.ts'
import type { CompileContext } from '../compile/context.ts'
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
import type { StitchPatch, StitchRequest } from './stitch.ts'

export interface NodesRun {
  readonly buildNumber: number
  /** Entities whose identity is published: their ids are kept. */
  readonly stitched: ReadonlySet<string>
  readonly fullRefresh: boolean
  /** Of an identity that is published as changes: where it stands until then. Undefined: never publish changes. */
  readonly redirect: StitchRequest['redirect']
}

export interface NodesBuilt {
  readonly built: readonly BuiltNode[]
  /** By node id: what is published as changes. To be dropped by the caller. */
  readonly patches: ReadonlyMap<string, StitchPatch>
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
): Promise<NodesBuilt> {
  const { graph } = run
  const runner = new StepRunner(run)
  const outputs = new Set(
    nodes.flatMap((node) => outputsOf(graph, node)).map((name) => context.tables.output(name).name),
  )
  const built: BuiltNode[] = []
  const patches = new Map<string, StitchPatch>()
  let kept: ReadonlySet<string> = new Set()
  try {
    await stageSources(run, context.tables, sourcesOf(graph, nodes))
    await refuseDuplicateKeys(run, context, keyedSources(graph, nodes))
    for (const node of nodes)
      if (node.kind === 'identity') built.push(await buildIdentity(run, context, node, of, patches))
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
    return { built: inOrder(nodes, built), patches }
  } catch (error) {
    for (const patch of patches.values()) await patch.drop().catch(() => {})
    throw error
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
  patches: Map<string, StitchPatch>,
): Promise<BuiltNode> {
  const startedAt = run.clock.monotonicMs()
  const request: StitchRequest = {
    buildNumber: of.buildNumber,
    runId: run.runId,
    hasState: of.stitched.has(node.name),
    engine: await run.warehouse.version(),
    fingerprint: node.fingerprint,
    fullRefresh: of.fullRefresh,
    redirect: of.redirect,
  }
  const { figures, report, patch } = await runIdentity(run, context, entityOf(run.graph, node), request)
  if (patch !== undefined) patches.set(node.id, patch)
  const seconds = secondsSince(run, startedAt)
  run.progress.update(`${node.id}: ${figures.records} records, ${figures.entities} entities`)
  const { records: rows, unattached } = figures
  return { name: node.name, kind: node.kind, rows, seconds, unattached, stitch: report }
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
