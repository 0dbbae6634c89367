import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** The package as `npm pack` makes it, installed beside its dependencies and nothing else. */
describe('the installed package', () => {
  const place = mkdtempSync(join(tmpdir(), 'sluice-package-'))
  const modules = join(place, 'node_modules')
  after(() => rmSync(place, { recursive: true, force: true }))

  before(() => {
    const source = join(place, 'source')
    mkdirSync(source)
    for (const name of ['package.json', 'README.md', 'LICENSE', 'sql', 'models'])
      cpSync(join(ROOT, name), join(source, name), { recursive: true })
    run('tsc', ['-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(source, 'dist')], ROOT)
    const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--offline'], source))
    mkdirSync(modules)
    run('tar', ['-xzf', join(source, packed.filename), '-C', modules], place)
    run('mv', [join(modules, 'package'), join(modules, 'sluice')], place)
    mkdirSync(join(modules, '.bin'))
    symlinkSync(join('..', 'sluice', PACKAGE.bin.sluice), join(modules, '.bin', 'sluice'))
    for (const name of Object.keys(PACKAGE.dependencies)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true })
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
    }
  })

  const sluice = (args: readonly string[], cwd: string) =>
    run(process.execPath, [join(modules, '.bin', 'sluice'), ...args], cwd)

  test('runs from any folder, and needs nothing but its dependencies', () => {
    assert.equal(sluice(['--version'], '/'), `${PACKAGE.version}\n`)
    const shop = join(place, 'elsewhere', 'shop')
    mkdirSync(dirname(shop))
    sluice(['init', 'shop'], dirname(shop))
    assert.match(sluice(['validate'], shop), /^ok: /m)
    const { steps } = JSON.parse(sluice(['compile', '-o', 'json'], shop))
    assert.ok(steps.length > 20)
    assert.equal(JSON.parse(sluice(['doctor', '-o', 'json'], shop)).ok, true)
    const { syncs } = JSON.parse(sluice(['sync', '--sandbox', '-o', 'json'], shop))
    assert.ok(syncs.length > 0)
    for (const { status } of syncs) assert.equal(status, 'done')
  })

  test('holds what it needs, and neither tests nor TypeScript', () => {
    const files = readdirSync(join(modules, 'sluice'), { recursive: true }).map(String)
    for (const needed of ['LICENSE', 'README.md', 'sql/ledger/take_lease.sql', 'models/shop/sluice.yml'])
      assert.ok(files.includes(needed), needed)
    assert.deepEqual(
      files.filter((file) => /\.test\.|(?<!\.d)\.ts$|\.tsbuildinfo$/.test(file)),
      [],
    )
  })
})

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}`, HOME: tmpdir() },
  })
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout
}
