import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'
import type { Dialect, DialectName } from '../dialect/dialect.ts'
import { type Fragment, fixedText, join as joinFragments } from '../dialect/fragment.ts'
import { readTemplate, splitPlaceholders, type TemplateText } from './header.ts'
import type { Templates } from './templates.ts'

/**
 * Reads the SQL files of the package and those of the project that take their place. `directory` is where the
 * package's own files are, for tests. Throws SLU4901 for a file of ours that is not right, SLU4902 for one of the
 * project's: one that replaces no step, is of another version of the step, or has a mistake.
 */
export async function loadTemplates(
  dialect: Dialect,
  projectDirectory: string,
  directory: string = bundledDirectory(),
): Promise<Templates> {
  const bundled = await readFolder(directory, 'SLU4901')
  const folders = new Set([...bundled.keys()].map((path) => path.split('/')[0] ?? ''))
  const own = await readFolder(join(projectDirectory, 'sql'), 'SLU4902', folders)
  for (const path of own.keys()) checkReplaces(path, bundled, own)
  return templatesOf(dialect.name, bundled, own)
}

interface LoadedFile {
  /** As it is told to people, from the project's or the package's folder. */
  readonly file: string
  readonly text: TemplateText
  readonly code: 'SLU4901' | 'SLU4902'
}

/** By path inside `sql/`. */
type Files = ReadonlyMap<string, LoadedFile>

const DIALECT_NAMES: readonly DialectName[] = [
  'duckdb',
  'postgres',
  'redshift',
  'snowflake',
  'databricks',
  'bigquery',
]

function templatesOf(dialect: DialectName, bundled: Files, own: Files): Templates {
  const find = (path: string): LoadedFile => {
    const inside = path.replace(/^sql\//, '')
    const variant = inside.replace(/\.sql$/, `.${dialect}.sql`)
    const replacing = own.get(variant) ?? own.get(bundled.has(variant) ? variant : inside)
    const found = replacing ?? bundled.get(variant) ?? bundled.get(inside)
    if (found !== undefined) return found
    throw new SluiceError('SLU4901', {
      message: `expected a file sql/${inside} in the package, found none`,
      hint: nearestHint(inside, bundled.keys()),
    })
  }
  return {
    fill: (path, placeholders) => filled(find(path), placeholders),
    fileOf: (path) => find(path).file,
  }
}

function filled(loaded: LoadedFile, placeholders: Readonly<Record<string, Fragment>>): Fragment {
  const pieces = splitPlaceholders(loaded.text.body)
  const used = new Set(pieces.filter((_, index) => index % 2 === 1))
  const unused = Object.keys(placeholders).filter((name) => !used.has(name))
  if (unused.length > 0)
    throw fileError(
      loaded.code,
      loaded.file,
      `expected the placeholder {{ ${unused[0]} }}, found no use of it`,
    )
  return joinFragments(
    pieces.map((piece, index) =>
      index % 2 === 0 ? fixedText(piece) : placeholderValue(piece, loaded, placeholders),
    ),
    '',
  )
}

function placeholderValue(
  name: string,
  loaded: LoadedFile,
  values: Readonly<Record<string, Fragment>>,
): Fragment {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value !== undefined) return value
  const hint = nearestHint(name, Object.keys(values))
  throw fileError(
    loaded.code,
    loaded.file,
    `expected placeholders that this step has, found {{ ${name} }}`,
    hint,
  )
}

/** A project's file takes the place of a step, or is the variant of one for a dialect, of the same version. */
function checkReplaces(path: string, bundled: Files, own: Files): void {
  const file = own.get(path)
  if (file === undefined) return
  const step = bundled.get(path) ?? bundled.get(path.replace(variantEnding(), '.sql'))
  if (step === undefined)
    throw fileError(
      'SLU4902',
      file.file,
      'expected a file that takes the place of a step, found none of that name',
      nearestHint(path, bundled.keys()),
    )
  const { version } = step.text.header
  if (file.text.header.version !== version)
    throw fileError(
      'SLU4902',
      file.file,
      `expected version ${version} of the step, found ${file.text.header.version}`,
      `compare it with ${step.file}, then set its version`,
    )
}

function variantEnding(): RegExp {
  return new RegExp(`\\.(?:${DIALECT_NAMES.join('|')})\\.sql$`)
}

/** Only folders that hold steps count: a project may have a `sql/` of its own for other things. */
async function readFolder(
  directory: string,
  code: 'SLU4901' | 'SLU4902',
  folders?: ReadonlySet<string>,
): Promise<Files> {
  const files = new Map<string, LoadedFile>()
  if (!existsSync(directory)) return files
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.sql')) continue
    const path = relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/')
    if (folders !== undefined && !folders.has(path.split('/')[0] ?? '')) continue
    const file = posix.join('sql', path)
    const text = readTemplate(await readFile(join(directory, path), 'utf8'))
    if ('problem' in text) throw fileError(code, file, text.problem)
    files.set(path, { file, text, code })
  }
  return files
}

function fileError(
  code: 'SLU4901' | 'SLU4902',
  file: string,
  message: string,
  hint?: string | undefined,
): SluiceError {
  return new SluiceError(code, { message, at: { file, line: 1, column: 1 }, hint })
}

/** `sql/` beside package.json, whether this runs from `src/` or from `dist/src/`. */
function bundledDirectory(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return join(folder, 'sql')
}
