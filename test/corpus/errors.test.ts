import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { SluiceError } from '../../src/base/errors.ts'
import { excerpt } from '../../src/base/source-excerpt.ts'
import { type ProjectText, parseProject } from '../../src/spec/parse-project.ts'

/**
 * Broken projects, one mistake (or one idea) a file. Beside each `.yml` stands the `.txt` of every error it must give:
 * code, message, place with carets, hint. To write the texts anew: UPDATE_CORPUS=1 node --test test/corpus/errors.test.ts,
 * then read the difference: a text is right when a person would understand it and the carets are under the mistake.
 */
const FOLDER = join(import.meta.dirname, 'errors')
const PROJECT_FILE: ProjectText = { path: 'sluice.yml', text: 'version: 1\nname: shop\n' }

const cases = readdirSync(FOLDER).filter((file) => file.endsWith('.yml'))

describe('broken projects', () => {
  for (const file of cases)
    test(`${file.replace('.yml', '')} is told with its place`, () => {
      const files = filesOf(readFileSync(join(FOLDER, file), 'utf8'))
      const { project, errors } = parseProject('/project', files)
      assert.equal(project, undefined)
      const texts = new Map(files.map(({ path, text }) => [path, text]))
      const told = errors.map((error) => render(error, texts)).join('\n')
      const expected = join(FOLDER, file.replace('.yml', '.txt'))
      if (process.env.UPDATE_CORPUS === '1') writeFileSync(expected, told)
      assert.equal(told, readFileSync(expected, 'utf8'))
    })

  test('there are at least 100 of them', () => {
    assert.ok(cases.length >= 100, String(cases.length))
  })
})

/** A case is `models.yml` of a project, or the files that its `# file: PATH` lines start. */
function filesOf(text: string): readonly ProjectText[] {
  const parts = text.split(/^# file: (.+)\n/m)
  if (parts.length === 1) return [PROJECT_FILE, { path: 'models.yml', text }]
  const files: ProjectText[] = []
  for (let at = 1; at < parts.length; at += 2)
    files.push({ path: parts[at] ?? '', text: parts[at + 1] ?? '' })
  const whole = files.some(({ path }) => /sluice\.ya?ml$/.test(path)) || files.length === 1
  return whole ? files : [PROJECT_FILE, ...files]
}

function render(error: SluiceError, texts: ReadonlyMap<string, string>): string {
  const { at } = error
  const place = at === undefined ? 'no place' : `${at.file}:${at.line}:${at.column}`
  const lines = at === undefined ? [] : excerpt(texts.get(at.file) ?? '', at)
  const hint = error.hint === undefined ? [] : [`hint: ${error.hint}`]
  return `${[`${error.code} ${error.message}`, `at ${place}`, ...lines, ...hint].join('\n')}\n`
}
