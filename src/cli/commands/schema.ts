import { SluiceError } from '../../base/errors.ts'
import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'

/**
 * The JSON Schema of project files, with every connector's settings; inside a project that can be read with its
 * names too. Needs no project.
 */
export async function schema(context: CommandContext): Promise<Answer> {
  const { projectSchema } = await import('../../spec/schema.ts')
  const { projectNames } = await import('../../spec/project-names.ts')
  const manifests = await context.manifests()
  const project = await projectHere(context)
  const json = projectSchema(manifests, project && projectNames(project, manifests)) as Answer['json']
  return { json, text: () => JSON.stringify(json, null, 2) }
}

async function projectHere(context: CommandContext) {
  try {
    return (await context.check()).project
  } catch (error) {
    if (error instanceof SluiceError) return undefined
    throw error
  }
}
