import { entityOf } from '../compile/build-order.ts'
import type { CompileContext } from '../compile/context.ts'
import { fieldStateSteps, keepsFieldRows } from '../compile/profile/field-rows.ts'
import { profileSteps } from '../compile/profile/profile-steps.ts'
import { traitsOf } from '../compile/sources/column-type.ts'
import { sql } from '../dialect/fragment.ts'
import type { Node } from '../graph/graph.ts'
import type { BuiltNode } from './build.ts'
import {
  type ChangedProfile,
  changedProfile,
  type FieldsReport,
  type ProfileRequest,
} from './changed-profile.ts'
import type { Patch } from './patch.ts'
import type { RunContext } from './run-context.ts'
import { secondsSince } from './seconds-since.ts'
import type { StepRunner } from './step-runner.ts'
import type { StitchRequest } from './stitch.ts'

/** A profile of which the fields may be known. */
export interface Profile {
  readonly node: Node
  readonly seconds: number
  /** Undefined: all fields are to be made. */
  readonly changed: ChangedProfile | undefined
  /** It is published as changes. */
  readonly isPatched: boolean
  /** Undefined where nothing is stitched. */
  readonly report: FieldsReport | undefined
}

interface Publishing {
  /** Undefined: nothing is published. */
  readonly redirect: StitchRequest['redirect']
}

/** Finds the fields that are not as they are published, before any rows reach entities. */
export async function startProfile(
  run: RunContext,
  context: CompileContext,
  node: Node,
  of: ProfileRequest & Publishing,
  patches: Map<string, Patch>,
): Promise<Profile> {
  const startedAt = run.clock.monotonicMs()
  const entity = entityOf(run.graph, node)
  const found = await changedProfile(run, context, node, of)
  const seconds = secondsSince(run, startedAt)
  if ('full' in found) {
    const report = { mode: 'full', why: found.full, changed: undefined } as const
    return {
      node,
      seconds,
      changed: undefined,
      isPatched: false,
      report: keepsFieldRows(entity) ? report : undefined,
    }
  }
  // Traits have windows of time, so they are made anew, and the whole table with them.
  const isPatched = of.redirect !== undefined && traitsOf(run.graph, entity).length === 0
  patches.set(node.id, {
    steps: (of) => [...(isPatched ? found.patch(of) : []), ...found.patchState(of, run.runId)],
    changes: [
      ...(isPatched ? [entity.name] : []),
      ...['field_rows', 'field_state'].map((kind) => `${entity.name}_${kind}`),
    ],
    made: isPatched ? [] : [entity.name],
    drop: found.drop,
  })
  if (isPatched) of.redirect?.(entity.name, await found.view())
  return { node, seconds, changed: found, isPatched, report: found.report }
}

/** Makes what is left to be made. The rows that reach entities must stand. */
export async function buildProfile(
  run: RunContext,
  context: CompileContext,
  runner: StepRunner,
  of: Publishing,
  { node, seconds, changed, isPatched, report }: Profile,
): Promise<BuiltNode> {
  const startedAt = run.clock.monotonicMs()
  const entity = entityOf(run.graph, node)
  const fields = changed && sql`(${changed.all})`
  let rows = changed?.rows ?? 0
  if (!isPatched) for (const step of profileSteps(context, entity, fields)) rows = await runner.run(step)
  if (changed === undefined && of.redirect !== undefined && keepsFieldRows(entity)) {
    const stamp = { engine: await run.warehouse.version(), rules: node.fingerprint, runId: run.runId }
    await runner.runAll(fieldStateSteps(context, entity, stamp))
  }
  run.progress.update(`${node.id}: ${rows} rows`)
  return {
    name: node.name,
    kind: node.kind,
    rows,
    seconds: seconds + secondsSince(run, startedAt),
    ...(report !== undefined && { fields: report }),
  }
}
