import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CONNECTORS } from '../../connectors/index.ts'
import { pageOfHashing } from '../../scripts/pages.ts'
import { rulesetOf } from '../../src/compile/normalize/rulesets.ts'
import { tableRowsOf } from '../support/docs.ts'
import { oracleOf } from './oracle.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

test('docs/hashing.md has the rulesets that there are (else: npm run docs)', () => {
  const { path, text } = pageOfHashing(read)
  assert.equal(read(path), text)
})

test('the example of docs/hashing.md is what comes out', () => {
  const rows = tableRowsOf(join(ROOT, 'docs/hashing.md')).filter(([first]) => / |@/.test(first ?? ''))
  const examples = rows.filter(([first = '']) => first.startsWith('`') && /@|\d/.test(first))
  assert.equal(examples.length, 2)
  for (const [written = '', ...forms] of examples) {
    const text = /`(.*)`/.exec(written)?.[1] ?? ''
    const kind = text.includes('@') ? 'email' : 'phone'
    for (const [index, platform] of ['google', 'meta', 'tiktok'].entries())
      assert.equal(
        createHash('sha256')
          .update((forms[index] ?? '').replaceAll('`', ''))
          .digest('hex'),
        oracleOf(`${platform}.${kind}@1`, text, 'FR'),
        `${platform}: ${text}`,
      )
  }
})

test('every ruleset that a manifest names is there', () => {
  const named = [...CONNECTORS.values()].flatMap(({ manifest }) =>
    Object.values(manifest.objects).flatMap(({ identifiers }) => [
      ...Object.values(identifiers?.alone ?? {}),
      ...Object.values(identifiers?.together ?? {}).flatMap((parts) => Object.values(parts)),
      ...Object.values(identifiers?.details ?? {}),
    ]),
  )
  assert.ok(named.length > 0)
  for (const name of named) assert.equal(rulesetOf(name).name, name)
})
