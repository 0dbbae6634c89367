import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SluiceError } from '../base/errors.ts'
import type { CommandContext } from './context.ts'
import { EDITOR_SCHEMA, refreshEditorSchema } from './editor-schema.ts'
import { sha256, type Verdict } from './project-cache.ts'
import { plural } from './render/table.ts'

/**
 * What is to be said of the project: its mistakes, or what it holds. One whose texts are those of the last time it was
 * found right is not read again.
 */
export async function findVerdict(
  context: CommandContext,
): Promise<Verdict & { readonly errors: readonly SluiceError[] }> {
  const known = context.cache.verdict(await keyNow(context))
  if (known !== undefined) return { ...known, errors: [] }
  const checked = await context.check()
  await refreshEditorSchema(checked, () => context.manifests())
  const { project, errors, warnings } = checked
  if (project === undefined || errors.length > 0) return { contents: 'nothing', errors, warnings }
  const contents = [
    plural(project.sources.size, 'source'),
    plural(project.entities.size, 'entity', 'entities'),
    plural(project.traits.length, 'trait'),
    plural(project.segments.size, 'segment'),
    plural(project.syncs.size, 'sync'),
  ].join(', ')
  context.cache.keepVerdict(await keyNow(context), { contents, warnings })
  return { contents, errors, warnings }
}

/** All that a verdict rests on but our own code; the editors' schema too, which is right when the verdict is. */
async function keyNow(context: CommandContext): Promise<string> {
  const files = await context.files()
  const schema = await readFile(join(context.directory, EDITOR_SCHEMA), 'utf8').catch(() => undefined)
  return sha256(JSON.stringify([schema, ...files.map(({ path, text }) => [path, text])]))
}
