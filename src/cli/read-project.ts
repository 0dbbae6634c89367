import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { SluiceError } from '../base/errors.ts'
import { MAX_FILE_BYTES, MAX_PROJECT_BYTES } from '../spec/limits.ts'

export interface ProjectFile {
  /** Relative to the project's folder, with forward slashes. */
  readonly path: string
  readonly text: string
}

const PROJECT_FILE = 'sluice.yml'

/** The folder that holds `sluice.yml`: the one given, else the nearest one upward. Throws SLU7002. */
export function findProjectDirectory(given: string | undefined, workingDirectory: string): string {
  if (given !== undefined) {
    const directory = resolve(workingDirectory, given)
    if (existsSync(join(directory, PROJECT_FILE))) return directory
    throw new SluiceError('SLU7002', {
      message: `expected a project in the folder "${given}", found no ${PROJECT_FILE} there`,
      hint: `name the folder that holds ${PROJECT_FILE}`,
    })
  }
  for (let at = resolve(workingDirectory); ; at = dirname(at)) {
    if (existsSync(join(at, PROJECT_FILE))) return at
    if (dirname(at) === at) break
  }
  throw new SluiceError('SLU7002', {
    message: `expected a project here or in a folder above, found no ${PROJECT_FILE}`,
    hint: 'run it in the folder of a project, or name the folder: -C path/to/project',
  })
}

/**
 * Every YAML file of the project, by path. Folders that are no part of it are left out: node_modules, target,
 * dot folders, a folder with a `sluice.yml` of its own, and one of a dbt project. Links to folders are not followed; a link to a file
 * is read when the file is inside the project (so Kubernetes may mount it).
 */
export async function readProjectFiles(directory: string): Promise<readonly ProjectFile[]> {
  const root = realpathSync(directory)
  const paths = yamlPathsUnder(root, root)
  const files: ProjectFile[] = []
  let total = 0
  for (const path of paths.sort()) {
    const text = readText(join(root, path), path)
    total += text.length
    if (total > MAX_PROJECT_BYTES) throw tooLarge(path, 'the whole project', MAX_PROJECT_BYTES)
    files.push({ path, text })
  }
  return files
}

function yamlPathsUnder(folder: string, root: string): string[] {
  const paths: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!isForeignFolder(entry.name, path)) paths.push(...yamlPathsUnder(path, root))
    } else if (
      /\.ya?ml$/.test(entry.name) &&
      !entry.name.startsWith('.') &&
      (entry.isFile() || isFileInside(path, root))
    ) {
      paths.push(relative(root, path).split(sep).join('/'))
    }
  }
  return paths
}

function isForeignFolder(name: string, path: string): boolean {
  return (
    name.startsWith('.') ||
    name === 'node_modules' ||
    name === 'target' ||
    existsSync(join(path, PROJECT_FILE)) ||
    existsSync(join(path, 'dbt_project.yml'))
  )
}

function isFileInside(path: string, root: string): boolean {
  const real = existsSync(path) ? realpathSync(path) : undefined
  if (real === undefined || !real.startsWith(root + sep)) return false
  return statSync(real).isFile()
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function readText(path: string, shown: string): string {
  if (statSync(path).size > MAX_FILE_BYTES) throw tooLarge(shown, 'a file', MAX_FILE_BYTES)
  const bytes = readFileSync(path)
  try {
    return UTF_8.decode(bytes)
  } catch (cause) {
    throw new SluiceError('SLU7004', {
      message: `expected ${shown} to be UTF-8 text, found bytes that are not`,
      hint: 'save the file as UTF-8',
      cause,
    })
  }
}

function tooLarge(path: string, what: string, bytes: number): SluiceError {
  return new SluiceError('SLU7003', {
    message: `expected ${what} to have at most ${bytes / 1024 / 1024} MB of YAML, found more at ${path}`,
    hint: 'keep data files out of the project, or in a folder named target',
  })
}
