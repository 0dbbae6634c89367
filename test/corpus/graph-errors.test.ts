import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { buildGraph } from '../../src/graph/build-graph.ts'
import type { ProjectText } from '../../src/spec/join-files.ts'
import { parseProject } from '../../src/spec/parse-project.ts'
import { filesOf, toldOf } from '../support/broken-project.ts'
import { MANIFESTS } from '../support/manifests.ts'

/**
 * Projects whose text is right and whose references are not: each case is added to `base/shop.yml`, which is right.
 * Form and renewal as in errors.test.ts: UPDATE_CORPUS=1 node --test test/corpus/graph-errors.test.ts
 */
const FOLDER = join(import.meta.dirname, 'graph-errors')
const SHOP: ProjectText = { path: 'shop.yml', text: readFileSync(join(FOLDER, 'base/shop.yml'), 'utf8') }

const cases = readdirSync(FOLDER).filter((file) => file.endsWith('.yml'))

describe('projects with broken references', () => {
  for (const file of cases)
    test(`${file.replace('.yml', '')} is told with its place`, () => {
      const files = [SHOP, ...filesOf(readFileSync(join(FOLDER, file), 'utf8'))]
      const { project, errors: textErrors } = parseProject('/project', files)
      assert.ok(project, toldOf(textErrors, files))
      const { graph, errors } = buildGraph(project, MANIFESTS)
      assert.equal(graph, undefined)
      const told = toldOf(errors, files)
      const expected = join(FOLDER, file.replace('.yml', '.txt'))
      if (process.env.UPDATE_CORPUS === '1') writeFileSync(expected, told)
      assert.equal(told, readFileSync(expected, 'utf8'))
    })

  test('the shop that they are added to is right', () => {
    const { project } = parseProject('/project', [SHOP, ...filesOf('')])
    assert.ok(project)
    assert.deepEqual(buildGraph(project, MANIFESTS).errors, [])
  })

  test('there are at least 60 of them', () => {
    assert.ok(cases.length >= 60, String(cases.length))
  })
})
