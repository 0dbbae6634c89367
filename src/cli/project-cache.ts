import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KnownFile, KnownFiles } from '../spec/known-files.ts'
import type { Environment } from './flags.ts'
import type { Remark } from './render/errors.ts'

/** What `validate` says of a project that is right. */
export interface Verdict {
  /** `2 sources, 1 entity, ...` */
  readonly contents: string
  readonly warnings: readonly Remark[]
}

/**
 * What was found out about a project's texts, so that an unchanged one is not read twice. Everything in it is derived
 * from texts by this very code, and is thrown away when either differs. It stands in the user's own cache folder and
 * not in the project: a project may come from others, who must not be able to bring what we would believe. Not
 * there, not ours, broken, not to be written: then all is read as ever, and nobody is told.
 */
export class ProjectCache {
  readonly #folder: string | undefined
  #codeDigest: string | undefined

  constructor(directory: string, env: Environment) {
    const base = cacheBase(env)
    this.#folder = base && join(base, sha256(realpathSync(directory)).slice(0, FOLDER_LETTERS))
  }

  files(): KnownFiles {
    const entries = this.#read('files') as readonly (readonly [string, KnownFile])[] | undefined
    return new Map(entries ?? [])
  }

  keepFiles(files: KnownFiles): void {
    this.#write('files', [...files])
  }

  /** Undefined unless `key` is what it was found for. */
  verdict(key: string): Verdict | undefined {
    const kept = this.#read('verdict') as { readonly key: string; readonly verdict: Verdict } | undefined
    return kept?.key === key ? kept.verdict : undefined
  }

  keepVerdict(key: string, verdict: Verdict): void {
    this.#write('verdict', { key, verdict })
  }

  /** The first line says by which code it was written, and that nothing is missing or changed since. */
  #read(name: string): unknown {
    if (this.#folder === undefined) return undefined
    const path = join(this.#folder, `${name}.json`)
    try {
      if (!isOurs(dirname(this.#folder)) || !isOurs(this.#folder) || !isOurs(path)) return undefined
      const text = readFileSync(path, 'utf8')
      const end = text.indexOf('\n')
      const body = text.slice(end + 1)
      return text.slice(0, end) === this.#heading(body) ? JSON.parse(body) : undefined
    } catch {
      return undefined
    }
  }

  #write(name: string, value: unknown): void {
    if (this.#folder === undefined) return
    const body = JSON.stringify(value)
    const path = join(this.#folder, `${name}.json`)
    // Another process must see the old one or the new one.
    const beside = `${path}.${process.pid}`
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      if (!isOurs(dirname(this.#folder)) || !isOurs(this.#folder)) return
      writeFileSync(beside, `${this.#heading(body)}\n${body}`, { mode: 0o600, flag: 'wx' })
      renameSync(beside, path)
      dropOldest(dirname(this.#folder))
    } catch {
      removeQuietly(beside)
    }
  }

  #heading(body: string): string {
    this.#codeDigest ??= codeDigest()
    return `${this.#codeDigest} ${sha256(body)}`
  }
}

const FOLDER_LETTERS = 24

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // There is no such folder, or it cannot be written.
  }
}

/** Undefined where there is no place for one. */
function cacheBase(env: Environment): string | undefined {
  const { XDG_CACHE_HOME: given, HOME: home } = env
  const folder = given !== undefined && given !== '' ? given : home && join(home, '.cache')
  return folder && isAbsolute(folder) ? join(folder, 'sluice') : undefined
}

/** Nobody else may have written it, and it is no link to elsewhere. */
function isOurs(path: string): boolean {
  const { mode, uid } = lstatSync(path)
  const isPlain = (mode & FILE_TYPE) === FOLDER || (mode & FILE_TYPE) === FILE
  return isPlain && (mode & WRITABLE_BY_OTHERS) === 0 && uid === (process.getuid?.() ?? uid)
}

const [FILE_TYPE, FOLDER, FILE] = [0o170000, 0o040000, 0o100000]
const WRITABLE_BY_OTHERS = 0o022

/** Of projects: those of a machine that checks out into ever new folders must not pile up. */
const MOST_PROJECTS = 200

function dropOldest(base: string): void {
  const folders = readdirSync(base)
  if (folders.length <= MOST_PROJECTS) return
  const byAge = folders
    .map((name) => ({ path: join(base, name), at: lstatSync(join(base, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of byAge.slice(MOST_PROJECTS / 2)) rmSync(path, { recursive: true, force: true })
}

/** What reads and checks a project, down to the text of its code: another version may see another project. */
const READING_CODE = ['base', 'spec', 'graph', 'connector', '../connectors']

function codeDigest(): string {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const hash = createHash('sha256').update(process.version)
  for (const folder of READING_CODE) addCode(hash, join(root, folder))
  // The versions of the packages, which are exact there. Compiled code stands one folder deeper, under dist/.
  for (const path of ['../package.json', '../../package.json'])
    try {
      hash.update(readFileSync(join(root, path)))
    } catch {
      // It is the other of the two.
    }
  return hash.digest('hex')
}

function addCode(hash: ReturnType<typeof createHash>, folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) addCode(hash, path)
    else if (/\.[jt]s$/.test(entry.name) && !/\.(?:d|test)\.[jt]s$/.test(entry.name))
      hash.update(entry.name).update(readFileSync(path))
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
