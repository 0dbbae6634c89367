import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { projectFolder, sluice } from '../support/cli.ts'
import { smallShop } from '../support/small-shop.ts'

const FILES = { ...smallShop('http://127.0.0.1:9/'), 'notes.yml': 'x-zip: 01000\n' }

interface Place {
  readonly folder: string
  readonly home: string
  validate(): Promise<string>
  /** `files.json` or `verdict.json` of the project's cache. */
  kept(name: string): string
}

function placeOf(context: TestContext): Place {
  const folder = projectFolder(context, FILES)
  const home = projectFolder(context, {})
  return {
    folder,
    home,
    async validate() {
      const text = await sluice(['-C', folder, 'validate'], { env: { HOME: home } })
      const json = await sluice(['-C', folder, 'validate', '-o', 'json'], { env: { HOME: home } })
      assert.equal(text.code, json.code)
      return JSON.stringify([text.code, text.stdout, text.stderr, json.stdout])
    },
    kept(name) {
      const base = join(home, '.cache', 'sluice')
      const [project = ''] = readdirSync(base)
      return join(base, project, `${name}.json`)
    },
  }
}

/** Its body changed, its first line right for it. */
function forge(path: string, change: (body: string) => string): void {
  const [head = '', ...rest] = readFileSync(path, 'utf8').split('\n')
  const body = change(rest.join('\n'))
  const digest = createHash('sha256').update(body).digest('hex')
  writeFileSync(path, `${head.split(' ')[0]} ${digest}\n${body}`)
}

test('an unchanged project gets the same answer again, warnings and carets too; a changed one its own', async (context) => {
  const place = placeOf(context)
  const first = await place.validate()
  assert.match(first, /\^\^\^\^/)
  assert.equal(await place.validate(), first)
  assert.equal(statSync(place.kept('files')).mode & 0o777, 0o600)

  const path = join(place.folder, 'sluice.yml')
  const right = readFileSync(path, 'utf8')
  writeFileSync(path, right.replace('segment: buyers', 'segment: buyerz'))
  const wrong = await place.validate()
  assert.match(wrong, /^\[78.*buyerz/)
  assert.equal(await place.validate(), wrong)
  writeFileSync(path, right)
  assert.equal(await place.validate(), first)
  rmSync(join(place.folder, 'notes.yml'))
  assert.doesNotMatch(await place.validate(), /01000/)
})

test('what is kept of files is what other commands work with', async (context) => {
  const place = placeOf(context)
  const compile = () =>
    sluice(['-C', place.folder, 'compile', '--as-of', '2026-02-01', '-o', 'json'], {
      env: { HOME: place.home },
    })
  const first = await compile()
  assert.equal(first.code, 0, first.stderr)
  assert.equal((await compile()).stdout, first.stdout)
  forge(place.kept('files'), (body) => body.replaceAll('"french"', '"franco"'))
  assert.match((await compile()).stdout, /segment_franco/, 'it is not read')
})

test('nothing is believed that is damaged, cut off, or could be written by others', async (context) => {
  const place = placeOf(context)
  const first = await place.validate()
  const verdict = place.kept('verdict')
  const files = place.kept('files')
  const forged = () => forge(verdict, (body) => body.replace('2 sources', '9 sources'))
  forged()
  assert.match(await place.validate(), /9 sources/, 'it is not read')

  for (const spoil of [
    () => writeFileSync(verdict, readFileSync(verdict, 'utf8').replace('9 sources', '8 sources')),
    () => writeFileSync(verdict, ''),
    () => [verdict, files].map((path) => writeFileSync(path, readFileSync(path).subarray(0, 150))),
    () => [verdict, files].map((path) => writeFileSync(path, 'null\n{"a":')),
    () => [forged(), chmodSync(verdict, 0o620)],
    () => [forged(), chmodSync(join(verdict, '..'), 0o777)],
    () => [forged(), chmodSync(join(verdict, '..', '..'), 0o707)],
  ]) {
    spoil()
    assert.equal(await place.validate(), first, String(spoil))
  }
})

test('where nothing can be kept, all works as ever', async (context) => {
  const place = placeOf(context)
  const first = await place.validate()
  for (const env of [
    { HOME: '' },
    { HOME: 'not/absolute' },
    { HOME: '/dev/null' },
    { HOME: place.home, XDG_CACHE_HOME: join(place.folder, 'sluice.yml') },
  ]) {
    const { stdout, stderr, code } = await sluice(['-C', place.folder, 'validate'], { env })
    assert.deepEqual([code, stdout, stderr], JSON.parse(first).slice(0, 3))
  }
})

test('it holds no value of the environment', async (context) => {
  const home = projectFolder(context, {})
  const folder = projectFolder(context, {
    ...FILES,
    'more.yml': `destinations: [{name: crm, connector: hubspot, settings: {access_token: "\${CRM_TOKEN}"}}]\n`,
  })
  const env = { HOME: home, CRM_TOKEN: 'canary-in-the-environment' }
  assert.equal((await sluice(['-C', folder, 'validate'], { env })).code, 0)
  const base = join(home, '.cache', 'sluice')
  for (const path of readdirSync(base, { recursive: true })
    .map(String)
    .filter((one) => one.endsWith('.json'))) {
    const text = readFileSync(join(base, path), 'utf8')
    assert.doesNotMatch(text, /canary/)
    if (path.endsWith('files.json')) assert.match(text, /CRM_TOKEN/)
  }
})
