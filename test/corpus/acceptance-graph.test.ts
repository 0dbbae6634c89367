import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { builtOf } from '../support/graph-of.ts'

test('every acceptance project is a graph without errors and warnings', (t) => {
  const folder = join(import.meta.dirname, '../../../shared/acceptance')
  if (!existsSync(folder)) return t.skip('not run: the acceptance projects are not beside this repository')
  const projects = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'sluice.yml')))
  assert.ok(projects.length >= 5)
  for (const name of projects) {
    const text = readFileSync(join(folder, name, 'sluice.yml'), 'utf8')
    const { graph, errors, warnings } = builtOf([{ path: 'sluice.yml', text }])
    assert.deepEqual([errors, warnings], [[], []], name)
    assert.ok((graph?.order.length ?? 0) >= 5, name)
  }
})
