import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SluiceError } from '../base/errors.ts'
import type { Project } from '../spec/project.ts'
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
  const rules = [...project.entities.values()].flatMap(({ identity }) => identity?.candidates ?? [])
  const missing = rules.length === 0 ? [] : await similarityErrors(context, project)
  if (missing.length > 0) return { contents: 'nothing', errors: missing, warnings }
  const contents = [
    plural(project.sources.size, 'source'),
    plural(project.entities.size, 'entity', 'entities'),
    plural(project.traits.length, 'trait'),
    plural(project.segments.size, 'segment'),
    plural(project.syncs.size, 'sync'),
  ].join(', ')
  // Which similarities there are depends on the target, and models on a manifest: of these the texts do not tell all.
  const { dbtSourcesOf } = await import('../spec/dbt/models.ts')
  if (rules.length === 0 && dbtSourcesOf(project).length === 0)
    context.cache.keepVerdict(await keyNow(context), { contents, warnings })
  return { contents, errors, warnings }
}

/** Without a target, or one whose SQL this version can write, nothing is known of what it has. */
async function similarityErrors(
  context: CommandContext,
  { targets, profileTargets, entities }: Project,
): Promise<readonly SluiceError[]> {
  if (targets.size + profileTargets.size === 0) return []
  const { dialectOf } = await import('../dialect/registry.ts')
  const target = await context.target().catch(() => undefined)
  const dialect = target === undefined ? undefined : dialectOf(target.type.value)
  if (dialect === undefined) return []
  const { missingSimilarities } = await import('../compile/identity/candidates/similarity.ts')
  return missingSimilarities(dialect, entities.values())
}

/** All that a verdict rests on but our own code; the editors' schema too, which is right when the verdict is. */
async function keyNow(context: CommandContext): Promise<string> {
  const files = await context.files()
  const schema = await readFile(join(context.directory, EDITOR_SCHEMA), 'utf8').catch(() => undefined)
  return sha256(JSON.stringify([schema, ...files.map(({ path, text }) => [path, text])]))
}
