import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { conformancePage } from './conformance-page.ts'

const PAGE = join(import.meta.dirname, '../../docs/conformance.md')

test('docs/conformance.md says which cases there are, which do not apply, and why', () => {
  const page = conformancePage()
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, page)
  assert.equal(readFileSync(PAGE, 'utf8'), page, 'write it anew with UPDATE_DOCS=1')
})
