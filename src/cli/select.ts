import type { NodeKind } from '../graph/graph.ts'
import type { CommandContext } from './context.ts'

/** The ids of what `--select` and `--exclude` leave of these kinds; everything without them. */
export async function selectIds(
  context: CommandContext,
  kinds: readonly NodeKind[],
  published?: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const graph = await context.graph()
  const { selectNodes } = await import('../graph/select.ts')
  const { select, exclude } = context.flags
  return selectNodes(graph, {
    kinds,
    ...(select === undefined ? {} : { select }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(published === undefined ? {} : { published }),
  })
}
