import type { Answer } from '../answer.ts'
import type { CommandContext } from '../context.ts'

/** The JSON Schema of project files, with every connector's settings. Needs no project. */
export async function schema(context: CommandContext): Promise<Answer> {
  const { projectSchema } = await import('../../spec/schema.ts')
  const json = projectSchema(await context.manifests()) as Answer['json']
  return { json, text: () => JSON.stringify(json, null, 2) }
}
