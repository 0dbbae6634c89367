import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../connector/types.ts'
import type { Project } from '../spec/project.ts'
import type { CheckedProject } from './context.ts'

/** Where `init` puts the JSON Schema that the modeline of its files names; `validate` keeps it up to date. */
export const EDITOR_SCHEMA = '.sluice/schema.json'

/** The file's text: the schema with the names of this project. */
export async function editorSchema(
  project: Project,
  manifests: ReadonlyMap<string, Manifest>,
): Promise<string> {
  const { projectSchema } = await import('../spec/schema.ts')
  const { projectNames } = await import('../spec/project-names.ts')
  return `${JSON.stringify(projectSchema(manifests, projectNames(project, manifests)))}\n`
}

/**
 * Writes the project's schema file anew where there is one and it says something else. Does nothing where it cannot
 * be written: a check must not fail, in a read-only container say, for the sake of an editor.
 */
export async function refreshEditorSchema(
  { directory, project }: CheckedProject,
  manifests: () => Promise<ReadonlyMap<string, Manifest>>,
): Promise<void> {
  const path = join(directory, EDITOR_SCHEMA)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before === undefined || project === undefined) return
  const text = await editorSchema(project, await manifests())
  if (text === before) return
  // An editor that reads while we write must see one of the two.
  const beside = `${path}.new`
  await writeFile(beside, text)
    .then(() => rename(beside, path))
    .catch(() => {})
}
