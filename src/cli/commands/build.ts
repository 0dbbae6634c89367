import type { BuiltNode } from '../../build/build.ts'
import type { StitchReport } from '../../build/stitch.ts'
import type { Answer, Json } from '../answer.ts'
import type { BuildFlags, WaitFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { recordRun } from '../record-run.ts'
import { count, plural, table } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { selectIds } from '../select.ts'

/** Makes identity, profiles, traits and segments, and publishes them by one swap a table. */
export async function build(context: CommandContext, flags: BuildFlags & WaitFlags): Promise<Answer> {
  const nodes = await selectIds(context, ['identity', 'entity', 'segment'])
  const run = await openRun(context, { waitMs: flags.wait })
  const { publishBuild } = await import('../../build/publish-build.ts')
  return recordRun(run, 'build', async () => {
    const built = await publishBuild(run, { nodes, fullRefresh: flags.fullRefresh === true })
    return {
      json: { run_id: run.runId, as_of: run.asOf, nodes: built.nodes.map(toldNode) },
      text: (style) =>
        [
          table(
            [
              { title: 'KIND' },
              { title: 'NAME' },
              { title: 'ROWS', align: 'right' },
              { title: 'SECONDS', align: 'right' },
            ],
            built.nodes.map((node) => [node.kind, node.name, count(node.rows), node.seconds.toFixed(1)]),
            style,
          ),
          ...built.nodes.flatMap((node) =>
            node.stitch === undefined ? [] : [stitched(node.name, node.stitch)],
          ),
          ...built.nodes.flatMap((node) =>
            node.fields?.changed === undefined ? [] : [changed(node.name, node.fields.changed)],
          ),
          ...built.nodes
            .filter((node) => (node.unattached ?? 0) > 0)
            .map((node) => unattached(node.unattached ?? 0, node.name)),
          `${style('green', 'built')} as of ${run.asOf}, run ${run.runId}`,
        ].join('\n'),
    }
  })
}

function toldNode({ stitch, fields, ...node }: BuiltNode): Readonly<Record<string, Json>> {
  if (fields !== undefined) {
    const { mode, why, changed } = fields
    return { ...node, fields: { mode, why: why ?? null, changed_entities: changed ?? null } }
  }
  if (stitch === undefined) return { ...node }
  const { mode, why, found, touched, merges, splits } = stitch
  return {
    ...node,
    stitch: {
      mode,
      why: why ?? null,
      new_records: found?.fresh ?? null,
      changed_records: found?.changed ?? null,
      removed_records: found?.removed ?? null,
      touched_entities: touched ?? null,
      merges,
      splits,
    },
  }
}

function stitched(entity: string, { mode, why, found, touched, merges, splits }: StitchReport): string {
  const moves = `${plural(merges, 'merge')}, ${plural(splits, 'split')}`
  if (found === undefined) return `${entity}: stitched in full (${why ?? mode}), ${moves}`
  const records = `${count(found.fresh)} new, ${count(found.changed)} changed, ${count(found.removed)} removed`
  const entities = `${plural(touched ?? 0, 'entity', 'entities')} touched`
  return `${entity}: stitched incrementally, ${records}, ${entities}, ${moves}`
}

function changed(entity: string, entities: number): string {
  return `${entity}: fields of ${plural(entities, 'entity', 'entities')} computed again`
}

function unattached(events: number, entity: string): string {
  const verb = events === 1 ? 'belongs' : 'belong'
  return `${plural(events, 'event')} without a usable identifier ${verb} to no ${entity}`
}
