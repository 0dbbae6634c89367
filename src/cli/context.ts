import { type Clock, systemClock } from '../base/clock.ts'
import { ProjectErrors, SluiceError } from '../base/errors.ts'
import { type Ids, randomIds } from '../base/ids.ts'
import { type Instant, instantOf } from '../base/instant.ts'
import { nearestHint } from '../base/nearest.ts'
import type { ConnectorEntry, Manifest } from '../connector/types.ts'
import type { Dialect } from '../dialect/dialect.ts'
import type { Graph } from '../graph/graph.ts'
import type { ProfileTarget, Project, Target } from '../spec/project.ts'
import type { Templates } from '../template/templates.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { parseAsOf } from './as-of.ts'
import type { Environment, GlobalFlags } from './flags.ts'
import type { StatusProgress } from './progress.ts'
import { ProjectCache } from './project-cache.ts'
import { findProjectDirectory, type ProjectFile, readProjectFiles } from './read-project.ts'
import type { Remark, TextOf } from './render/errors.ts'

export interface ContextParts {
  readonly flags: GlobalFlags
  readonly env: Environment
  readonly workingDirectory: string
  readonly progress: StatusProgress
  readonly signal: AbortSignal
}

/** The project as it was read and checked, whether or not it is right. */
export interface CheckedProject {
  readonly directory: string
  readonly project: Project | undefined
  readonly graph: Graph | undefined
  readonly errors: readonly SluiceError[]
  readonly warnings: readonly Remark[]
}

/**
 * What a command works with. Everything is made when it is first asked for, once, and `close` ends what was
 * opened; a command that never asks for the warehouse never loads a driver.
 */
export class CommandContext {
  readonly flags: GlobalFlags
  readonly env: Environment
  readonly progress: StatusProgress
  readonly signal: AbortSignal
  readonly clock: Clock = systemClock
  readonly ids: Ids = randomIds
  readonly workingDirectory: string
  readonly #texts = new Map<string, string>()
  readonly #made = new Map<string, unknown>()
  readonly #toClose: (() => Promise<void>)[] = []

  constructor(parts: ContextParts) {
    this.flags = parts.flags
    this.env = parts.env
    this.progress = parts.progress
    this.signal = parts.signal
    this.workingDirectory = parts.workingDirectory
  }

  /** The text of a project's file that was read, for carets. */
  readonly textOf: TextOf = (file) => this.#texts.get(file)

  /** The run's one moment: `--as-of`, else when it is first asked for. */
  get asOf(): Instant {
    return this.#once('asOf', () =>
      this.flags.asOf === undefined ? instantOf(this.clock.nowMs()) : parseAsOf(this.flags.asOf),
    )
  }

  get runId(): string {
    return this.#once('runId', () => this.ids.hex(RUN_ID_BYTES))
  }

  get directory(): string {
    return this.#once('directory', () => findProjectDirectory(this.flags.projectDir, this.workingDirectory))
  }

  connectors(): Promise<ReadonlyMap<string, ConnectorEntry>> {
    return this.#once('connectors', async () => (await import('../../connectors/index.ts')).CONNECTORS)
  }

  manifests(): Promise<ReadonlyMap<string, Manifest>> {
    return this.#once('manifests', async () => {
      const connectors = await this.connectors()
      return new Map([...connectors].map(([name, entry]) => [name, entry.manifest]))
    })
  }

  /** What earlier runs found out about this project's texts. */
  get cache(): ProjectCache {
    return this.#once('cache', () => new ProjectCache(this.directory, this.env))
  }

  /** The project's texts as they are now. */
  files(): Promise<readonly ProjectFile[]> {
    return this.#once('files', async () => {
      const files = await readProjectFiles(this.directory)
      for (const file of files) this.#texts.set(file.path, file.text)
      return files
    })
  }

  /** Reads, parses and joins the project; mistakes are values here. */
  check(): Promise<CheckedProject> {
    return this.#once('check', async () => {
      const files = await this.files()
      const { parseKnownProject } = await import('../spec/known-files.ts')
      const { learned, ...parsed } = await parseKnownProject(this.directory, files, this.cache.files())
      if (learned !== undefined) this.cache.keepFiles(learned)
      if (parsed.project === undefined)
        return { directory: this.directory, ...parsed, project: undefined, graph: undefined }
      const { resolveDbtModels } = await import('./dbt-project.ts')
      const { project, errors } = resolveDbtModels(parsed.project, this.env)
      const { buildGraph } = await import('../graph/build-graph.ts')
      const built = buildGraph(project, await this.manifests())
      return {
        directory: this.directory,
        project,
        graph: errors.length > 0 ? undefined : built.graph,
        errors: [...parsed.errors, ...errors, ...built.errors],
        warnings: [...parsed.warnings, ...built.warnings],
      }
    })
  }

  /** The checked project. Throws ProjectErrors with all its mistakes. */
  async graph(): Promise<Graph> {
    const { graph, errors } = await this.check()
    if (errors.length > 0 || graph === undefined) throw new ProjectErrors(errors)
    return graph
  }

  async project(): Promise<Project> {
    return (await this.graph()).project
  }

  async target(): Promise<Target> {
    const project = await this.project()
    const targets = new Map<string, Target | ProfileTarget>([...project.targets, ...project.profileTargets])
    const [first] = targets.size === 1 ? targets.keys() : []
    const name = this.flags.target ?? project.defaultTarget?.value ?? first
    if (name === undefined)
      throw new SluiceError('SLU7007', {
        message: `expected a target, found no default_target among ${targets.size} targets`,
        hint: 'name one with -t, or set default_target in sluice.yml',
      })
    const target = targets.get(name)
    if (target !== undefined) return 'profile' in target ? this.#connection(target, project) : target
    throw new SluiceError('SLU7006', {
      message: `expected a target of the project, found "${name}"`,
      hint: nearestHint(name, targets.keys()),
    })
  }

  /** What dbt's profile says of the target; the file is read once. */
  #connection(target: ProfileTarget, project: Project): Promise<Target> {
    return this.#once(`connection.${target.name}`, async () => {
      const { readConnection } = await import('./dbt-project.ts')
      return readConnection(target, project, this.env)
    })
  }

  /** The SQL of `name`, else of the target. Throws SLU7008 for one that this version does not have. */
  async dialect(name?: string): Promise<Dialect> {
    const wanted = name ?? (await this.target()).type.value
    const { DIALECTS, dialectOf } = await import('../dialect/registry.ts')
    const dialect = dialectOf(wanted)
    if (dialect !== undefined) return dialect
    throw new SluiceError('SLU7008', {
      message: `expected one of the dialects ${Object.keys(DIALECTS).join(', ')}, found "${wanted}"`,
      hint: nearestHint(wanted, Object.keys(DIALECTS)) ?? 'this version cannot write its SQL yet',
    })
  }

  templates(dialect: Dialect): Promise<Templates> {
    return this.#once(`templates.${dialect.name}`, async () => {
      const { loadTemplates } = await import('../template/load.ts')
      return loadTemplates(dialect, this.directory)
    })
  }

  /** Opened once; `waitMs` is how long to wait for another process that has the database file. */
  warehouse(waitMs?: number): Promise<Warehouse> {
    return this.#once('warehouse', async () => {
      const { connectTarget } = await import('./connect.ts')
      await this.dialect()
      const { name } = await this.project()
      const warehouse = await connectTarget(await this.target(), this, name, waitMs)
      this.#toClose.push(() => warehouse.close())
      return warehouse
    })
  }

  /** A context of its own for one run of `serve`: reads the project again, opens the warehouse for itself. */
  fork(flags: Partial<GlobalFlags>): CommandContext {
    return new CommandContext({
      flags: { ...this.flags, ...flags },
      env: this.env,
      workingDirectory: this.workingDirectory,
      progress: this.progress,
      signal: this.signal,
    })
  }

  async close(): Promise<void> {
    this.progress.close()
    await this.closeWarehouse()
  }

  /** Ends what was opened; the progress line stays for whoever shares it. */
  async closeWarehouse(): Promise<void> {
    const closed = new AbortController()
    const closing = closeAll(this.#toClose.splice(0).reverse()).finally(() => closed.abort())
    await Promise.race([closing, this.clock.sleep(LONGEST_CLOSE_MS, closed.signal)])
  }

  #once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) this.#made.set(name, make())
    return this.#made.get(name) as T
  }
}

/** A server that no longer answers must not keep us once all is said; its session ends with the process. */
const LONGEST_CLOSE_MS = 10_000

async function closeAll(all: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of all) await close()
}

/** 64 bits: no two runs of one project meet. */
const RUN_ID_BYTES = 8
