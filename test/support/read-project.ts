import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { ProjectText } from '../../src/spec/join-files.ts'

/** Every YAML file under a folder, as `cli` reads a project. */
export function readProject(folder: string): readonly ProjectText[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ya?ml$/.test(path))
    .map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(folder, path), 'utf8') }))
}
