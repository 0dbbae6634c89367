import type { CommandContext } from './context.ts'

/** `sync:vips_to_crm` -> `vips_to_crm`. */
export function syncNames(nodes: readonly string[]): readonly string[] {
  return nodes.map((id) => id.slice('sync:'.length))
}

/** `hook/rows, mirror`: the object and the mode of a sync. */
export async function whereOf(context: CommandContext, sync: string): Promise<string> {
  const { destination, sync: definition } = (await context.graph()).bound(sync)
  return `${destination.name}/${definition.to.object.value}, ${definition.mode.value}`
}

/** Every sync that the project's text defines, the disabled ones too: their snapshots are not forgotten. */
export async function definedSyncs(context: CommandContext): Promise<ReadonlySet<string>> {
  const { project } = await context.check()
  return new Set(
    [...(project?.syncs.values() ?? [])].flatMap((sync) => [sync.name, sync.renamedFrom ?? sync.name]),
  )
}
