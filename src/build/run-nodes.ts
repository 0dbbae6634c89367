import { entityOf, keyedSources, outputsOf, segmentOf, sourcesOf } from '../compile/build-order.ts'
import type { CompileContext } from '../compile/context.ts'
import { reachSteps } from '../compile/reach/reach-steps.ts'
import { segmentSteps } from '../compile/segments/segment-steps.ts'
import type { Node } from '../graph/graph.ts'
import type { PublishedNode } from '../ledger/ledger.ts'
import type { BuiltNode } from './build.ts'
import { buildProfile, type Profile, startProfile } from './build-profile.ts'
import { refuseDuplicateKeys } from './key-checks.ts'
import type { Patch } from './patch.ts'
import type { RunContext } from './run-context.ts'
import { runIdentity } from './run-identity.ts'
import { secondsSince } from './seconds-since.ts'
import { stageSources } from './staging.ts'
import { StepRunner } from './step-runner.ts'
import type { StitchPatch, StitchRequest } from './stitch.ts'

export interface NodesRun {
  readonly buildNumber: number
  /** What the last builds published. */
  readonly published: ReadonlyMap<string, PublishedNode>
  /** Entities whose identity is published: their ids are kept. */
  readonly stitched: ReadonlySet<string>
  readonly fullRefresh: boolean
  /** Of what is published as changes: where it stands until then. Undefined: nothing is published. */
  readonly redirect: StitchRequest['redirect']
}

export interface NodesBuilt {
  readonly built: readonly BuiltNode[]
  /** By node id: what is published as changes. To be dropped by the caller. */
  readonly patches: ReadonlyMap<string, Patch>
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
  const identities = new Map<string, StitchPatch>()
  const patches = new Map<string, Patch>()
  let kept: ReadonlySet<string> = new Set()
  try {
    await stageSources(run, context.tables, sourcesOf(graph, nodes))
    await refuseDuplicateKeys(run, context, keyedSources(graph, nodes))
    for (const node of nodes)
      if (node.kind === 'identity') built.push(await buildIdentity(run, context, node, of, identities))
    for (const [id, patch] of identities) patches.set(id, patch)
    const profiles = await startProfiles(run, context, nodes, of, identities, patches)
    await runner.runAll(
      reachSteps(
        context,
        nodes.map(({ id }) => id),
        new Set(profiles.flatMap(({ changed, node }) => (changed === undefined ? [] : [node.name]))),
      ),
    )
    for (const node of nodes) {
      const profile = profiles.find((one) => one.node === node)
      if (profile !== undefined) built.push(await buildProfile(run, context, runner, of, profile))
      if (node.kind === 'segment') built.push(await buildSegment(run, context, node, runner))
    }
    kept = outputs
    return { built: inOrder(nodes, built), patches }
  } catch (error) {
    for (const patch of [...identities.values(), ...patches.values()]) await patch.drop().catch(() => {})
    throw error
  } finally {
    // The session may be gone; what happened before is what must be told.
    await runner.dropMade(kept).catch(() => {})
  }
}

async function startProfiles(
  run: RunContext,
  context: CompileContext,
  nodes: readonly Node[],
  of: NodesRun,
  identities: ReadonlyMap<string, StitchPatch>,
  patches: Map<string, Patch>,
): Promise<readonly Profile[]> {
  const profiles: Profile[] = []
  for (const node of nodes) {
    if (node.kind !== 'entity') continue
    const identity = identities.get(`identity:${node.name}`)
    profiles.push(await startProfile(run, context, node, { ...of, identity }, patches))
  }
  return profiles
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

async function buildSegment(
  run: RunContext,
  context: CompileContext,
  node: Node,
  runner: StepRunner,
): Promise<BuiltNode> {
  const startedAt = run.clock.monotonicMs()
  let rows = 0
  for (const step of segmentSteps(context, segmentOf(run.graph, node))) rows = await runner.run(step)
  const seconds = secondsSince(run, startedAt)
  run.progress.update(`${node.id}: ${rows} rows`)
  return { name: node.name, kind: node.kind, rows, seconds }
}

function inOrder(nodes: readonly Node[], built: readonly BuiltNode[]): readonly BuiltNode[] {
  return nodes.flatMap((node) => built.filter((one) => one.kind === node.kind && one.name === node.name))
}
