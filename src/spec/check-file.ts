import type { SluiceError } from '../base/errors.ts'
import { errorMap, errorsOf } from './issues.ts'
import { MAX_ERRORS_PER_FILE } from './limits.ts'
import { projectFile } from './schema/project.ts'
import type { Places } from './yaml/places.ts'
import { readYaml, type YamlFile } from './yaml/read-yaml.ts'

export interface CheckedFile extends YamlFile {
  /** What the schema says against it; `errors` is about its YAML. */
  readonly schemaErrors: readonly SluiceError[]
}

/** One file, read and checked by itself. */
export function checkFile(path: string, text: string, places: Places): CheckedFile {
  const yaml = readYaml(path, text, places)
  return { ...yaml, schemaErrors: schemaErrors(yaml, places) }
}

function schemaErrors({ root }: YamlFile, places: Places): readonly SluiceError[] {
  if (root === undefined) return []
  const result = projectFile.safeParse(root, { error: errorMap })
  return result.success ? [] : errorsOf(result.error.issues.slice(0, MAX_ERRORS_PER_FILE), root, places)
}
