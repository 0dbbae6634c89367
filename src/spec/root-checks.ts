import { SluiceError } from '../base/errors.ts'
import { nearest, nearestHint } from '../base/nearest.ts'
import { KINDS, NEEDED_KEYS, SETTING_KEYS } from './vocabulary.ts'
import type { Places } from './yaml/places.ts'
import type { YamlFile } from './yaml/read-yaml.ts'

/** Makes the folder that it is in a project. */
const PROJECT_FILE = 'sluice.yml'

/** What belongs into `sluice.yml`: that it is there, that it has what it needs, that no other file has it. */
export function rootErrors(files: readonly YamlFile[], places: Places): readonly SluiceError[] {
  const main = files.find(({ file }) => file === PROJECT_FILE)
  const others = files.filter(({ file }) => file !== PROJECT_FILE)
  return [
    ...(main === undefined ? [noProjectFile(others)] : settingErrors(main, places)),
    // Without a sluice.yml one of the others probably is it under another name.
    ...(main === undefined ? [] : others.flatMap((other) => strayErrors(other, places))),
  ]
}

function noProjectFile(others: readonly YamlFile[]): SluiceError {
  const near = others.map(({ file }) => file).find((file) => /^(?:.*\/)?sluice\.ya?ml$/.test(file))
  return new SluiceError('SLU1015', {
    message: `expected a ${PROJECT_FILE} in the project's folder, found none`,
    at: { file: PROJECT_FILE, line: 1, column: 1 },
    hint:
      near === undefined
        ? 'write one with "version: 1" and "name: ..."; `sluice init` does it'
        : near.includes('/')
          ? `there is ${near}: is that the folder of the project?`
          : `rename ${near} to ${PROJECT_FILE}`,
  })
}

function settingErrors({ file, root, errors }: YamlFile, places: Places): readonly SluiceError[] {
  // A file that could not be read is one mistake, not three.
  if (root === undefined && errors.length > 0) return []
  const written = Object.keys(root ?? {})
  const strange = written.filter((key) => !isKnown(key))
  const missing = NEEDED_KEYS.filter((key) => !written.includes(key) && nearest(key, strange) === undefined)
  const at = root === undefined || written.length === 0 ? { file, line: 1, column: 1 } : places.self(root)
  return [
    ...missing.map(
      (key) =>
        new SluiceError('SLU1003', {
          message: `expected "${key}" in ${PROJECT_FILE}, found none`,
          at,
          hint: key === 'version' ? 'write version: 1' : 'such as name: shop',
        }),
    ),
    ...(root === undefined || (root.targets === undefined && strange.length > 0)
      ? []
      : targetErrors(root, places)),
  ]
}

function targetErrors(root: Readonly<Record<string, unknown>>, places: Places): readonly SluiceError[] {
  const { default_target: name, targets } = root
  const known = typeof targets === 'object' && targets !== null ? Object.keys(targets) : []
  if (typeof name !== 'string' || known.includes(name)) return []
  return [
    new SluiceError('SLU1020', {
      message: `expected the name of a target for "default_target", found "${name}"`,
      at: places.value(root, 'default_target'),
      hint: known.length === 0 ? 'there are no targets' : nearestHint(name, known),
    }),
  ]
}

function strayErrors({ root }: YamlFile, places: Places): readonly SluiceError[] {
  if (root === undefined) return []
  return SETTING_KEYS.filter((key) => Object.hasOwn(root, key)).map(
    (key) =>
      new SluiceError('SLU1016', {
        message: `expected "${key}" in ${PROJECT_FILE} only, found it in another file`,
        at: places.key(root, key),
        hint: `move it to ${PROJECT_FILE}`,
      }),
  )
}

function isKnown(key: string): boolean {
  return [...SETTING_KEYS, ...KINDS].some((known) => known === key)
}
