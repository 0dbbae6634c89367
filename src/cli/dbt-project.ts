import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { SluiceError } from '../base/errors.ts'
import { registerSecret } from '../base/redact.ts'
import { readManifest } from '../spec/dbt/manifest.ts'
import { dbtSourcesOf, withDbtModels } from '../spec/dbt/models.ts'
import { connectionOfProfile } from '../spec/dbt/profile.ts'
import { resolveEnvText } from '../spec/env.ts'
import type { ProfileTarget, Project, Target } from '../spec/project.ts'
import type { Environment } from './flags.ts'

/** The project with the tables of its dbt models, as the manifest says now. One without models reads no manifest. */
export function resolveDbtModels(
  project: Project,
  env: Environment,
): { readonly project: Project; readonly errors: readonly SluiceError[] } {
  const [first] = dbtSourcesOf(project)
  if (first === undefined) return { project, errors: [] }
  try {
    const at = project.dbtProject?.at ?? first.model.at
    const path = manifestPath(project, env)
    if (path === undefined)
      throw new SluiceError('SLU1030', {
        message: `expected a dbt project for the model "${first.model.value}", found none here or above`,
        at,
        hint: 'name its folder in sluice.yml: dbt_project: ../dbt',
      })
    const shown = shownPath(project, path)
    const text = textOf(path, (code) => missingManifest(shown, code, at))
    return withDbtModels(project, readManifest(text, shown, at))
  } catch (error) {
    if (error instanceof SluiceError) return { project, errors: [error] }
    throw error
  }
}

/** The connection of a target that stands in `profiles.yml`; what is secret in it is hidden from here on. */
export function readConnection(target: ProfileTarget, project: Project, env: Environment): Target {
  const folder = dbtFolder(project, env) ?? project.directory
  const places = profileFolders(folder, env).map((one) => join(one, 'profiles.yml'))
  const path = places.find((one) => existsSync(one))
  if (path === undefined)
    throw new SluiceError('SLU1035', {
      message: `expected a profiles.yml of dbt, found none at ${places.map((one) => shownPath(project, one)).join(' or ')}`,
      at: target.profile.at,
      hint: 'name its folder in DBT_PROFILES_DIR',
    })
  const shown = shownPath(project, path)
  const text = textOf(path, (code) => unreadableProfiles(shown, code, target))
  const { target: connection, secrets } = connectionOfProfile({ target, text, shown, folder, env })
  for (const secret of secrets) registerSecret(secret)
  return connection
}

function manifestPath(project: Project, env: Environment): string | undefined {
  const named = namedPlace(project, env)
  if (named?.endsWith('.json')) return named
  const folder = dbtFolder(project, env)
  return folder === undefined ? undefined : join(folder, 'target', 'manifest.json')
}

/** The one that the project names, else the nearest one above, as dbt itself looks for it. */
function dbtFolder(project: Project, env: Environment): string | undefined {
  const named = namedPlace(project, env)
  if (named !== undefined) return named.endsWith('.json') ? folderOfManifest(named) : named
  for (let at = resolve(project.directory); ; at = dirname(at)) {
    if (existsSync(join(at, DBT_PROJECT_FILE))) return at
    if (dirname(at) === at) return undefined
  }
}

const DBT_PROJECT_FILE = 'dbt_project.yml'

/** `target/manifest.json` stands in a dbt project; one that was copied to elsewhere has nothing around it. */
function folderOfManifest(path: string): string {
  const above = dirname(dirname(path))
  return existsSync(join(above, DBT_PROJECT_FILE)) ? above : dirname(path)
}

function namedPlace({ directory, dbtProject }: Project, env: Environment): string | undefined {
  return dbtProject === undefined ? undefined : resolve(directory, resolveEnvText(dbtProject, env))
}

function profileFolders(folder: string, env: Environment): readonly string[] {
  const { DBT_PROFILES_DIR: named, HOME: home } = env
  if (named !== undefined && named !== '') return [resolve(named)]
  return [folder, ...(home === undefined || home === '' ? [] : [join(home, '.dbt')])]
}

/** Relative to the project where it stands near; an error names no more of the machine than it must. */
function shownPath({ directory }: Project, path: string): string {
  const shown = relative(directory, path).split(sep).join('/')
  return shown.startsWith('../../../') ? path : shown
}

function textOf(path: string, unreadable: (code: string) => SluiceError): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(error instanceof Error && 'code' in error ? String(error.code) : 'no reason given')
  }
}

function missingManifest(shown: string, code: string, at: SluiceError['at']): SluiceError {
  return new SluiceError('SLU1030', {
    message: `expected the manifest of the dbt project at ${shown}, found ${code === 'ENOENT' ? 'none' : `that it cannot be read (${code})`}`,
    at,
    hint: code === 'ENOENT' ? 'make it: dbt parse' : 'check who may read it',
  })
}

function unreadableProfiles(shown: string, code: string, target: ProfileTarget): SluiceError {
  return new SluiceError('SLU1035', {
    message: `expected to be able to read ${shown}, found that it cannot be (${code})`,
    at: target.profile.at,
    hint: 'check who may read it',
  })
}
