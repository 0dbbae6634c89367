import { checkFile } from './check-file.ts'
import { inOrder, joinFiles, type ParsedProject, type ProjectText, projectTooLarge } from './join-files.ts'
import { Places } from './yaml/places.ts'

/** The texts of a project, united and checked. The order of the files makes no difference. */
export function parseProject(directory: string, files: readonly ProjectText[]): ParsedProject {
  const sorted = inOrder(files)
  const tooLarge = projectTooLarge(sorted)
  if (tooLarge !== undefined) return tooLarge
  const places = new Places()
  const checked = sorted.map(({ path, text }) => checkFile(path, text, places))
  return joinFiles(directory, sorted, checked, places)
}
