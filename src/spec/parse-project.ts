import { SluiceError } from '../base/errors.ts'
import type { Warning } from '../base/warning.ts'
import { crossErrors } from './cross-checks.ts'
import { errorMap, errorsOf } from './issues.ts'
import { MAX_ERRORS_PER_FILE, MAX_PROJECT_BYTES } from './limits.ts'
import { unite } from './normalize/project.ts'
import type { Project } from './project.ts'
import { rootErrors } from './root-checks.ts'
import type { RawProject } from './schema/project.ts'
import { projectFile } from './schema/project.ts'
import { Places } from './yaml/places.ts'
import { readYaml, type YamlFile } from './yaml/read-yaml.ts'

export interface ProjectText {
  /** Relative to the project's folder, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface ParsedProject {
  /** Undefined when there is any error. */
  readonly project: Project | undefined
  /** All of them, by file and line. */
  readonly errors: readonly SluiceError[]
  readonly warnings: readonly Warning[]
}

/** The texts of a project, united and checked. The order of the files makes no difference. */
export function parseProject(directory: string, files: readonly ProjectText[]): ParsedProject {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const tooLarge = projectTooLarge(sorted)
  if (tooLarge !== undefined) return { project: undefined, errors: [tooLarge], warnings: [] }
  const places = new Places()
  const yamls = sorted.map(({ path, text }) => readYaml(path, text, places))
  const warnings = yamls.flatMap((yaml) => yaml.warnings)
  const errors = [
    ...yamls.flatMap((yaml) => yaml.errors),
    ...rootErrors(yamls, places),
    ...yamls.flatMap((yaml) => schemaErrors(yaml, places)),
    ...crossErrors(roots(yamls), places),
  ]
  if (errors.length > 0) return { project: undefined, errors: errors.sort(byPlace), warnings }
  const texts = new Map(sorted.map(({ path, text }) => [path, text]))
  // Every root has passed the schema, so it is what the schema's input type says.
  return { project: unite(directory, roots(yamls) as readonly RawProject[], texts, places), errors, warnings }
}

function roots(yamls: readonly YamlFile[]): readonly Readonly<Record<string, unknown>>[] {
  return yamls.flatMap((yaml) => (yaml.root === undefined ? [] : [yaml.root]))
}

function schemaErrors(yaml: YamlFile, places: Places): readonly SluiceError[] {
  if (yaml.root === undefined) return []
  const result = projectFile.safeParse(yaml.root, { error: errorMap })
  return result.success ? [] : errorsOf(result.error.issues.slice(0, MAX_ERRORS_PER_FILE), yaml.root, places)
}

function projectTooLarge(files: readonly ProjectText[]): SluiceError | undefined {
  let bytes = 0
  for (const { path, text } of files) {
    bytes += Buffer.byteLength(text)
    if (bytes > MAX_PROJECT_BYTES)
      return new SluiceError('SLU1010', {
        message: `expected a project of at most ${MAX_PROJECT_BYTES / 1024 / 1024} MB, found more with this file`,
        at: { file: path, line: 1, column: 1 },
        hint: 'is this the folder of a project?',
      })
  }
  return undefined
}

function byPlace(a: SluiceError, b: SluiceError): number {
  const [fileA, fileB] = [a.at?.file ?? '', b.at?.file ?? '']
  if (fileA !== fileB) return fileA < fileB ? -1 : 1
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
}
