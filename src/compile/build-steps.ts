import type { Entity } from '../spec/project.ts'
import { buildOrder, entityOf, keyedSources, segmentOf, sourcesOf } from './build-order.ts'
import type { CompileContext } from './context.ts'
import { rawModel } from './diff/raw-model.ts'
import { printedIdentitySteps } from './identity/identity-plan.ts'
import { keyFiguresStep } from './keys/key-steps.ts'
import { fieldStateSteps, keepsFieldRows } from './profile/field-rows.ts'
import { profileSteps } from './profile/profile-steps.ts'
import { reachSteps } from './reach/reach-steps.ts'
import { segmentSteps } from './segments/segment-steps.ts'
import { stageSteps } from './sources/relation.ts'
import type { Step } from './step.ts'

/**
 * Everything that a build of these nodes, and of what they need, runs, in order, and what each sync among them reads.
 * Identity's rounds stand there once: a build repeats them until no edge is left. The steps that compare a sync with
 * its snapshot are not there: they are written for the types of its columns, which only the warehouse knows.
 */
export function compileSteps(context: CompileContext, nodeIds: readonly string[]): readonly Step[] {
  const nodes = buildOrder(context.graph, nodeIds)
  const ids = nodes.map(({ id }) => id)
  return [
    ...stageSteps(context, sourcesOf(context.graph, nodes)),
    ...keyedSources(context.graph, nodes).map((source) => keyFiguresStep(context, source)),
    ...nodes
      .filter(({ kind }) => kind === 'identity')
      .flatMap((node) => printedIdentitySteps(context, entityOf(context.graph, node))),
    ...reachSteps(context, ids),
    ...nodes.flatMap((node) => {
      if (node.kind === 'entity') return printedProfileSteps(context, entityOf(context.graph, node))
      return node.kind === 'segment' ? segmentSteps(context, segmentOf(context.graph, node)) : []
    }),
    ...nodeIds
      .filter((id) => id.startsWith('sync:'))
      .map((id) => rawModel(context, context.graph.bound(id.slice('sync:'.length)), false).step),
  ]
}

function printedProfileSteps(context: CompileContext, entity: Entity): readonly Step[] {
  const steps = profileSteps(context, entity)
  const stamp = { engine: 'engine', rules: 'fingerprint', runId: 'run' }
  return keepsFieldRows(entity) ? [...steps, ...fieldStateSteps(context, entity, stamp)] : steps
}
