import { SluiceError } from '../base/errors.ts'
import type { Warning } from '../base/warning.ts'
import type { CheckedFile } from './check-file.ts'
import { crossErrors } from './cross-checks.ts'
import { MAX_PROJECT_BYTES } from './limits.ts'
import { unite } from './normalize/project.ts'
import type { Project } from './project.ts'
import { rootErrors } from './root-checks.ts'
import type { RawProject } from './schema/project.ts'
import type { Places } from './yaml/places.ts'

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

/** Files that were checked one by one, checked together and united. `files` and `checked` are in one order. */
export function joinFiles(
  directory: string,
  files: readonly ProjectText[],
  checked: readonly CheckedFile[],
  places: Places,
): ParsedProject {
  const roots = checked.flatMap(({ root }) => (root === undefined ? [] : [root]))
  const warnings = checked.flatMap((file) => file.warnings)
  const errors = [
    ...checked.flatMap((file) => file.errors),
    ...rootErrors(checked, places),
    ...checked.flatMap((file) => file.schemaErrors),
    ...crossErrors(roots, places),
  ]
  if (errors.length > 0) return { project: undefined, errors: errors.sort(byPlace), warnings }
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  // Every root has passed the schema, so it is what the schema's input type says.
  return { project: unite(directory, roots as readonly RawProject[], texts, places), errors, warnings }
}

/** The order of the files makes no difference. */
export function inOrder(files: readonly ProjectText[]): readonly ProjectText[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
}

/** The one error of a project with more text than one may have; undefined for any other. */
export function projectTooLarge(files: readonly ProjectText[]): ParsedProject | undefined {
  let bytes = 0
  for (const { path, text } of files) {
    bytes += Buffer.byteLength(text)
    if (bytes <= MAX_PROJECT_BYTES) continue
    const error = new SluiceError('SLU1010', {
      message: `expected a project of at most ${MAX_PROJECT_BYTES / 1024 / 1024} MB, found more with this file`,
      at: { file: path, line: 1, column: 1 },
      hint: 'is this the folder of a project?',
    })
    return { project: undefined, errors: [error], warnings: [] }
  }
  return undefined
}

function byPlace(a: SluiceError, b: SluiceError): number {
  const [fileA, fileB] = [a.at?.file ?? '', b.at?.file ?? '']
  if (fileA !== fileB) return fileA < fileB ? -1 : 1
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0)
}
