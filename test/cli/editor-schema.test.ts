import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { projectFolder, sluice } from '../support/cli.ts'
import { smallShop } from '../support/small-shop.ts'

const FILE = '.sluice/schema.json'

test('schema offers the names of the project that it stands in, and none outside', async (context) => {
  const folder = projectFolder(context, smallShop('http://127.0.0.1:9/'))
  const here = JSON.stringify((await sluice(['schema'], { cwd: folder })).json())
  assert.match(here, /\{"enum":\["buyers","french"\]\}/)
  assert.match(here, /\{"enum":\["hook\.requests","hook\.rows"\]\}/)
  const nowhere = projectFolder(context, {})
  const plain = await sluice(['schema'], { cwd: nowhere })
  assert.equal(plain.code, 0)
  assert.doesNotMatch(plain.stdout, /"buyers"|"contacts"/)
  const broken = projectFolder(context, { 'sluice.yml': 'version: [\n' })
  assert.deepEqual((await sluice(['schema'], { cwd: broken })).json(), plain.json())
})

test('init writes the schema with the names of its shop', async (context) => {
  const folder = projectFolder(context, {})
  assert.equal((await sluice(['init', folder])).code, 0)
  assert.match(
    readFileSync(join(folder, FILE), 'utf8'),
    /"enum":\["best_tenth","lapsing_vips","left_a_basket"\]/,
  )
})

test('validate keeps the schema file up to date, but makes none and leaves it when the project cannot be read', async (context) => {
  const files = smallShop('http://127.0.0.1:9/')
  const folder = projectFolder(context, { ...files, [FILE]: '{}' })
  const path = join(folder, FILE)
  assert.equal((await sluice(['-C', folder, 'validate'])).code, 0)
  const first = readFileSync(path, 'utf8')
  assert.match(first, /\{"enum":\["buyers","french"\]\}/)
  writeFileSync(
    join(folder, 'more.yml'),
    'segments: [{name: all_of_us, entity: customer, where: {all: []}}]\n',
  )
  assert.equal((await sluice(['-C', folder, 'validate'])).code, 0)
  assert.match(readFileSync(path, 'utf8'), /\{"enum":\["all_of_us","buyers","french"\]\}/)
  writeFileSync(join(folder, 'more.yml'), 'segments: [\n')
  const before = readFileSync(path, 'utf8')
  assert.equal((await sluice(['-C', folder, 'validate'])).code, 78)
  assert.equal(readFileSync(path, 'utf8'), before)
  const without = projectFolder(context, files)
  assert.equal((await sluice(['-C', without, 'validate'])).code, 0)
  assert.ok(!existsSync(join(without, '.sluice')))
})

test('validate answers also where the schema file cannot be written', async (context) => {
  const folder = projectFolder(context, { ...smallShop('http://127.0.0.1:9/'), [FILE]: '{}' })
  mkdirSync(join(folder, `${FILE}.new`))
  const result = await sluice(['-C', folder, 'validate'])
  assert.deepEqual([result.code, result.stderr], [0, ''])
  assert.equal(readFileSync(join(folder, FILE), 'utf8'), '{}')
})
