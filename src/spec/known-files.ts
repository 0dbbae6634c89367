import { createHash } from 'node:crypto'
import type { Warning } from '../base/warning.ts'
import type { CheckedFile } from './check-file.ts'
import { inOrder, joinFiles, type ParsedProject, type ProjectText, projectTooLarge } from './join-files.ts'
import { FileLines, Places } from './yaml/places.ts'

/** A file that was found right, as JSON can hold it: it need not be read and checked again while its text stays. */
export interface KnownFile {
  readonly root: Readonly<Record<string, unknown>>
  /** Its places, each number as the difference to the one before. */
  readonly steps: readonly number[]
  readonly warnings: readonly Warning[]
}

/** By `keyOf` its path and text. Of the same version of this code. */
export type KnownFiles = ReadonlyMap<string, KnownFile>

export interface KnownProject extends ParsedProject {
  /** What is known of its files now, for the next time; undefined when that is what was known before. */
  readonly learned: KnownFiles | undefined
}

/** The same as `parseProject`, with YAML and schema left out for files that are known. */
export async function parseKnownProject(
  directory: string,
  files: readonly ProjectText[],
  known: KnownFiles,
): Promise<KnownProject> {
  const sorted = inOrder(files)
  const tooLarge = projectTooLarge(sorted)
  if (tooLarge !== undefined) return { ...tooLarge, learned: undefined }
  const places = new Places()
  const checked: CheckedFile[] = []
  const kept = new Map<string, KnownFile>()
  for (const file of sorted) {
    const key = keyOf(file)
    const before = known.get(key)
    const now = before === undefined ? await checkedNow(file, places) : restored(file, before, places)
    const keep = before ?? knownFile(now, places)
    checked.push(now)
    if (keep !== undefined) kept.set(key, keep)
  }
  const isSame = kept.size === known.size && [...kept.keys()].every((key) => known.has(key))
  return { ...joinFiles(directory, sorted, checked, places), learned: isSame ? undefined : kept }
}

export function keyOf({ path, text }: ProjectText): string {
  return createHash('sha256').update(path).update('\0').update(text).digest('hex')
}

/** YAML and schema are loaded only for a file that is not known. */
async function checkedNow({ path, text }: ProjectText, places: Places): Promise<CheckedFile> {
  const { checkFile } = await import('./check-file.ts')
  return checkFile(path, text, places)
}

function restored({ path, text }: ProjectText, known: KnownFile, places: Places): CheckedFile {
  const { root, steps, warnings } = known
  let at = 0
  const marks = steps.map((step) => {
    at += step
    return at
  })
  places.restore(root, new FileLines(path, text, marks))
  return { file: path, root, errors: [], schemaErrors: [], warnings }
}

/** Undefined for a file with mistakes, and for the rare one that JSON would not give back as it is. */
function knownFile(
  { root, errors, schemaErrors, warnings }: CheckedFile,
  places: Places,
): KnownFile | undefined {
  if (root === undefined || errors.length > 0 || schemaErrors.length > 0 || !isPlain(root)) return undefined
  const marks = places.marksOf(root)
  if (marks === undefined) return undefined
  return { root, steps: marks.map((mark, index) => mark - (marks[index - 1] ?? 0)), warnings }
}

/** YAML has numbers that JSON has not. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  return typeof value !== 'object' || value === null || Object.values(value).every(isPlain)
}
