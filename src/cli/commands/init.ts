import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { SluiceError } from '../../base/errors.ts'
import { type Instant, instantOf } from '../../base/instant.ts'
import type { Answer } from '../answer.ts'
import { bundledFolder } from '../bundled.ts'
import type { CommandContext } from '../context.ts'
import { EDITOR_SCHEMA, editorSchema } from '../editor-schema.ts'
import { shopData } from '../shop/generate.ts'

/** Enough for every segment to have members, few enough to read. */
const PEOPLE = 500
const VISITS = 5_000
/** Any; the same one gives every newcomer the same people. */
const SEED = 2026

/** Editors with a YAML language server complete and check by this line. */
const MODELINE = `# yaml-language-server: $schema=${EDITOR_SCHEMA}\n`

/**
 * Writes a project that works: a small shop with made-up people, on DuckDB, offline. Overwrites nothing.
 * Throws SLU7012 when a file of it is there already.
 */
export async function init(context: CommandContext, folder: string | undefined): Promise<Answer> {
  const directory = resolve(context.workingDirectory, folder ?? '.')
  const files = await projectFiles(context)
  const taken = [...files.keys()].find((path) => existsSync(join(directory, path)))
  if (taken !== undefined)
    throw new SluiceError('SLU7012', {
      message: `expected a folder without a project, found ${taken} in it`,
      hint: 'name another folder: sluice init my-shop',
    })
  for (const [path, text] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  const shown = shownPath(context.workingDirectory, directory)
  return {
    json: { directory, files: [...files.keys()] },
    text: (style) =>
      [
        `${style('green', 'wrote')} ${files.size} files to ${shown === '' ? 'this folder' : shown}: a shop with ${PEOPLE} made-up people, on DuckDB.`,
        ...(shown === '' ? ['Try:'] : ['Try:', `  cd ${shown}`]),
        '  sluice validate               # is the project right?',
        '  sluice build                  # identity, profiles, traits, segments',
        '  sluice preview lapsing_vips   # who is in a segment',
        '  sluice plan                   # what would be sent; sends nothing',
        '  sluice sync                   # sends it, here into outbox/',
      ].join('\n'),
  }
}

/** Empty for the folder itself; absolute where the way from here would go up. */
function shownPath(from: string, to: string): string {
  const path = relative(from, to)
  return path.startsWith('..') ? to : path
}

async function projectFiles(context: CommandContext): Promise<ReadonlyMap<string, string>> {
  const models = bundledFolder('models/shop')
  const yaml = (await readdir(models)).filter((name) => name.endsWith('.yml')).sort()
  const files = new Map<string, string>()
  for (const name of yaml) files.set(name, MODELINE + (await readFile(join(models, name), 'utf8')))
  const until = today(context.clock.nowMs())
  for (const [name, text] of shopData({ people: PEOPLE, events: VISITS, seed: SEED, until }))
    files.set(`data/${name}`, text)
  files.set('.gitignore', 'warehouse.duckdb*\noutbox/\ntarget/\n')
  files.set(EDITOR_SCHEMA, await shopSchema(context, files))
  return files
}

async function shopSchema(context: CommandContext, files: ReadonlyMap<string, string>): Promise<string> {
  const { parseProject } = await import('../../spec/parse-project.ts')
  const texts = [...files].map(([path, text]) => ({ path, text })).filter(({ path }) => path.endsWith('.yml'))
  const { project } = parseProject('.', texts)
  if (project !== undefined) return editorSchema(project, await context.manifests())
  throw new SluiceError('SLU9001', { message: 'expected our own project to be right, found mistakes' })
}

/** The shop's last day is yesterday, so that windows such as "60 days" have something in them. */
function today(nowMs: number): Instant {
  const dayMs = 86_400_000
  return instantOf(Math.floor(nowMs / dayMs) * dayMs)
}
