import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { SluiceError } from '../base/errors.ts'
import { findProjectDirectory, readProjectFiles } from './read-project.ts'

function folder(context: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sluice-read-'))
  context.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const isError = (code: string) => (error: unknown) => error instanceof SluiceError && error.code === code

test('a project is the nearest folder upward that holds sluice.yml', (context) => {
  const root = folder(context, { 'sluice.yml': '', 'a/b/c.yml': '' })
  assert.equal(findProjectDirectory(undefined, join(root, 'a', 'b')), root)
  assert.equal(findProjectDirectory('..', join(root, 'a')), root)
})

test('a folder without sluice.yml is no project', (context) => {
  const root = folder(context, { 'a/sluice.yml': '' })
  assert.throws(() => findProjectDirectory('.', root), isError('SLU7002'))
  assert.throws(() => findProjectDirectory(undefined, root), isError('SLU7002'))
})

test('every YAML file belongs to it, by path, but not those of foreign folders', async (context) => {
  const root = folder(context, {
    'sluice.yml': 'a',
    'z.yaml': 'b',
    'models/x.yml': 'c',
    'models/notes.md': '',
    'node_modules/p/x.yml': '',
    'target/x.yml': '',
    '.github/x.yml': '',
    '.hidden.yml': '',
    'other/sluice.yml': '',
    'other/x.yml': '',
  })
  const files = await readProjectFiles(root)
  assert.deepEqual(
    files.map((file) => [file.path, file.text]),
    [
      ['models/x.yml', 'c'],
      ['sluice.yml', 'a'],
      ['z.yaml', 'b'],
    ],
  )
})

test('a link is read when its file is inside the project, as Kubernetes mounts it', async (context) => {
  const root = folder(context, { '..2026/sluice.yml': 'a' })
  const outside = folder(context, { 'secret.yml': 'password' })
  symlinkSync('..2026', join(root, '..data'))
  symlinkSync('..data/sluice.yml', join(root, 'sluice.yml'))
  symlinkSync(join(outside, 'secret.yml'), join(root, 'outside.yml'))
  symlinkSync(root, join(root, 'loop'))
  symlinkSync('nowhere.yml', join(root, 'broken.yml'))
  const files = await readProjectFiles(root)
  assert.deepEqual(
    files.map((file) => file.path),
    ['sluice.yml'],
  )
})

test('a file that is too large or no text is refused by name', async (context) => {
  const large = folder(context, { 'sluice.yml': '', 'big.yml': Buffer.alloc(3 * 1024 * 1024, 'a') })
  await assert.rejects(readProjectFiles(large), isError('SLU7003'))
  const binary = folder(context, { 'sluice.yml': Buffer.from([0xff, 0xfe, 0x00]) })
  await assert.rejects(readProjectFiles(binary), isError('SLU7004'))
})
