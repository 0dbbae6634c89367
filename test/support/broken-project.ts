import type { SluiceError } from '../../src/base/errors.ts'
import { excerpt } from '../../src/base/source-excerpt.ts'
import type { ProjectText } from '../../src/spec/join-files.ts'

const PROJECT_FILE: ProjectText = { path: 'sluice.yml', text: 'version: 1\nname: shop\n' }

/** A case of the corpus is `models.yml` of a project, or the files that its `# file: PATH` lines start. */
export function filesOf(text: string): readonly ProjectText[] {
  const parts = text.split(/^# file: (.+)\n/m)
  if (parts.length === 1) return [PROJECT_FILE, { path: 'models.yml', text }]
  const files: ProjectText[] = []
  for (let at = 1; at < parts.length; at += 2)
    files.push({ path: parts[at] ?? '', text: parts[at + 1] ?? '' })
  const whole = files.some(({ path }) => /sluice\.ya?ml$/.test(path)) || files.length === 1
  return whole ? files : [PROJECT_FILE, ...files]
}

/** Every error with its code, place, carets and hint. */
export function toldOf(errors: readonly SluiceError[], files: readonly ProjectText[]): string {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  return errors.map((error) => render(error, texts)).join('\n')
}

function render(error: SluiceError, texts: ReadonlyMap<string, string>): string {
  const { at } = error
  const place = at === undefined ? 'no place' : `${at.file}:${at.line}:${at.column}`
  const lines = at === undefined ? [] : excerpt(texts.get(at.file) ?? '', at)
  const hint = error.hint === undefined ? [] : [`hint: ${error.hint}`]
  return `${[`${error.code} ${error.message}`, `at ${place}`, ...lines, ...hint].join('\n')}\n`
}
