import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ProjectText } from './join-files.ts'
import { type KnownFiles, keyOf, parseKnownProject } from './known-files.ts'
import { parseProject } from './parse-project.ts'

const MAIN: ProjectText = {
  path: 'sluice.yml',
  text: 'version: 1\nname: shop\ntargets: {dev: {type: duckdb, path: a.duckdb}}\n',
}
const SOURCES: ProjectText = {
  path: 'sources.yml',
  text: `# a note
sources:
  - {name: a, table: crm.a, primary_key: [id, "line"], meta: {level: 0010}}
  - name: b
    query: |
      select *
      from x
    primary_key: id
`,
}

/** As it comes back from a file. */
async function known(files: readonly ProjectText[]): Promise<KnownFiles> {
  const { learned } = await parseKnownProject('/project', files, new Map())
  assert.ok(learned !== undefined)
  return new Map(JSON.parse(JSON.stringify([...learned])))
}

test('a project of known files is the one that its texts are, with every place and warning', async () => {
  const files = [MAIN, SOURCES]
  const { learned, ...again } = await parseKnownProject('/project', files, await known(files))
  assert.deepEqual(again, parseProject('/project', files))
  assert.equal(again.warnings.length, 1)
  assert.equal(learned, undefined, 'there is nothing to write')
})

test('mistakes between known files have the places that they would have', async () => {
  const files = [MAIN, SOURCES]
  const twice = { path: 'more.yml', text: '\n\nsources:\n  - {primary_key: id, table: t, name: b}\n' }
  const all = [...files, twice]
  const { errors, project } = await parseKnownProject('/project', all, await known(all))
  assert.equal(project, undefined)
  assert.deepEqual(
    errors.map(({ code, message, at, hint }) => ({ code, message, at, hint })),
    parseProject('/project', all).errors.map(({ code, message, at, hint }) => ({ code, message, at, hint })),
  )
  assert.equal(errors[0]?.at?.file, 'sources.yml')
})

test('a file is known by its whole text and its path; others stay known', async () => {
  const changed = { ...SOURCES, text: SOURCES.text.replace('crm.a', 'crm.c') }
  const { learned, project } = await parseKnownProject(
    '/project',
    [MAIN, changed],
    await known([MAIN, SOURCES]),
  )
  const relation = project?.sources.get('a')?.relation
  assert.equal(relation?.kind === 'table' && relation.table.raw, 'crm.c')
  assert.deepEqual([...(learned?.keys() ?? [])].sort(), [keyOf(MAIN), keyOf(changed)].sort())
  assert.notEqual(keyOf({ path: 'a.yml', text: 'b' }), keyOf({ path: 'a.ymlb', text: '' }))
  assert.notEqual(keyOf(MAIN), keyOf({ ...MAIN, path: 'other.yml' }))
})

for (const [what, text] of Object.entries({
  'a mistake in its YAML': 'sources: [',
  'a mistake by the schema': 'sources: [{name: a}]',
  'an alias, which stands in two places':
    'sources:\n  - {name: a, table: t, primary_key: &k [id]}\n  - {name: b, table: u, primary_key: *k}\n',
  'keys that plain data puts into another order':
    'sources: [{name: a, table: t, primary_key: id, meta: {b: [1], "2": [2]}}]',
  'a number that JSON has not': 'sources: [{name: a, table: t, primary_key: id, meta: {most: .inf}}]',
}))
  test(`a file with ${what} is read each time`, async () => {
    const files = [MAIN, { path: 'x.yml', text }]
    const kept = await known(files)
    assert.deepEqual([...kept.keys()], [keyOf(MAIN)])
    const again = await parseKnownProject('/project', files, kept)
    const { project, errors } = parseProject('/project', files)
    assert.deepEqual(again.project, project)
    assert.deepEqual(
      again.errors.map(({ message }) => message),
      errors.map(({ message }) => message),
    )
    assert.equal(again.learned, undefined)
  })

test('whatever stands in meta comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.string(), async (value, note) => {
      const text = `sources: [{name: a, table: t, primary_key: id, meta: {x: ${JSON.stringify(value)}, y: ${JSON.stringify(note)}}}]`
      const files = [MAIN, { path: 'x.yml', text }]
      const again = await parseKnownProject('/project', files, await known(files))
      assert.deepEqual(again.project, parseProject('/project', files).project)
    }),
    { numRuns: 200 },
  )
})
