import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseProject } from '../../src/spec/parse-project.ts'
import { filesOf, toldOf } from '../support/broken-project.ts'

/**
 * Broken projects, one mistake (or one idea) a file. Beside each `.yml` stands the `.txt` of every error it must give:
 * code, message, place with carets, hint. To write the texts anew: UPDATE_CORPUS=1 node --test test/corpus/errors.test.ts,
 * then read the difference: a text is right when a person would understand it and the carets are under the mistake.
 */
const FOLDER = join(import.meta.dirname, 'errors')

const cases = readdirSync(FOLDER).filter((file) => file.endsWith('.yml'))

describe('broken projects', () => {
  for (const file of cases)
    test(`${file.replace('.yml', '')} is told with its place`, () => {
      const files = filesOf(readFileSync(join(FOLDER, file), 'utf8'))
      const { project, errors } = parseProject('/project', files)
      assert.equal(project, undefined)
      const told = toldOf(errors, files)
      const expected = join(FOLDER, file.replace('.yml', '.txt'))
      if (process.env.UPDATE_CORPUS === '1') writeFileSync(expected, told)
      assert.equal(told, readFileSync(expected, 'utf8'))
    })

  test('there are at least 100 of them', () => {
    assert.ok(cases.length >= 100, String(cases.length))
  })
})
