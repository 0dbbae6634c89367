import { SluiceError } from '../../base/errors.ts'
import type { Position } from '../../base/position.ts'
import { isMapping } from '../mapping.ts'
import type { DbtModel } from '../project.ts'

/** What `manifest.json` says of what `ref()` finds: models, seeds and snapshots. */
export interface DbtManifest {
  /** By every name that means it: `orders`, `shop.orders`, `orders.v2`, `shop.orders.v2`. Several: ambiguous. */
  readonly nodes: ReadonlyMap<string, readonly DbtNode[]>
}

export interface DbtNode {
  readonly uniqueId: string
  readonly package: string
  /** Undefined: it has no table of its own, and why. */
  readonly model: DbtModel | undefined
  readonly without: 'disabled' | 'ephemeral' | undefined
}

/** A manifest's text, checked. `shown` is how messages call the file; `at` is where the project asks for it. */
export function readManifest(text: string, shown: string, at: Position | undefined): DbtManifest {
  const root = parsed(text, shown, at)
  const metadata = mappingAt(root, 'metadata')
  checkVersion(metadata.dbt_schema_version, shown, at)
  const project = textAt(metadata, 'project_name')
  const nodes = [
    ...Object.entries(mappingAt(root, 'nodes')).map(([id, node]) => nodeOf(id, node, project, true)),
    ...Object.entries(mappingAt(root, 'disabled')).flatMap(([id, list]) =>
      (Array.isArray(list) ? list : []).map((node) => nodeOf(id, node, project, false)),
    ),
  ].flatMap((node) => (node === undefined ? [] : [node]))
  return { nodes: byEveryName(nodes) }
}

/** The first with `alias` and `schema` where they are read here: dbt 1.0. */
const OLDEST_VERSION = 4

const VERSION = /\/dbt\/manifest\/v(\d+)(?:\.json)?$/

function parsed(text: string, shown: string, at: Position | undefined): Readonly<Record<string, unknown>> {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch (cause) {
    throw new SluiceError('SLU1030', {
      message: `expected ${shown} to be JSON, found a text that is not`,
      at,
      hint: 'is dbt writing it right now? else make it again: dbt parse',
      cause,
    })
  }
  if (isMapping(root)) return root
  throw new SluiceError('SLU1030', {
    message: `expected ${shown} to be the manifest of a dbt project, found no mapping`,
    at,
    hint: 'make it again: dbt parse',
  })
}

/** Newer ones are read too: dbt adds keys, and takes none of these away. */
function checkVersion(written: unknown, shown: string, at: Position | undefined): void {
  const version = Number(VERSION.exec(String(written ?? ''))?.[1] ?? Number.NaN)
  if (version >= OLDEST_VERSION) return
  const found = Number.isNaN(version) ? 'another file' : `v${version}`
  throw new SluiceError('SLU1031', {
    message: `expected ${shown} to be a dbt manifest of schema v${OLDEST_VERSION} or newer, found ${found}`,
    at,
    hint: 'name the manifest.json that dbt 1.0 or newer writes to its target folder',
  })
}

/** What `ref()` finds. */
const REFERABLE: ReadonlySet<unknown> = new Set(['model', 'seed', 'snapshot'])

interface NamedNode extends DbtNode {
  readonly names: readonly string[]
}

function nodeOf(id: string, node: unknown, project: string, isBuilt: boolean): NamedNode | undefined {
  if (!isMapping(node) || !REFERABLE.has(node.resource_type)) return undefined
  const config = mappingAt(node, 'config')
  const name = textAt(node, 'name')
  const owner = textAt(node, 'package_name')
  const version = versionAt(node, 'version')
  const isLatest = version === undefined || version === versionAt(node, 'latest_version')
  const without = !isBuilt || config.enabled === false ? 'disabled' : ephemeral(config)
  const base = version === undefined ? [] : [`${name}.v${version}`]
  const names = [...(isLatest ? [name] : []), ...base]
  return {
    uniqueId: id,
    package: owner,
    names: [...names, ...names.map((one) => `${owner}.${one}`)],
    without,
    model:
      without === undefined
        ? {
            table: tableOf(node, name),
            ref: {
              package: owner === project ? undefined : owner,
              name,
              version: isLatest ? undefined : version,
            },
          }
        : undefined,
  }
}

function ephemeral(config: Readonly<Record<string, unknown>>): 'ephemeral' | undefined {
  return config.materialized === 'ephemeral' ? 'ephemeral' : undefined
}

/**
 * Schema and name, quoted as dbt quotes them. The database is the target's: under which name a session has it is the
 * warehouse's matter.
 */
function tableOf(node: Readonly<Record<string, unknown>>, name: string): string {
  const pieces = [...textAt(node, 'relation_name').matchAll(/"(?:[^"]|"")*"|`[^`]*`|[^."`]+/g)].map(
    ([piece]) => (piece.startsWith('`') ? quoted(piece.slice(1, -1)) : piece),
  )
  const written = pieces.slice(-2)
  if (written.length === 2) return written.join('.')
  const alias = textAt(node, 'alias')
  return [textAt(node, 'schema'), alias === '' ? name : alias].map(quoted).join('.')
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

function byEveryName(nodes: readonly NamedNode[]): ReadonlyMap<string, readonly DbtNode[]> {
  const found = new Map<string, DbtNode[]>()
  for (const { names, ...node } of nodes)
    for (const name of names) found.set(name, [...(found.get(name) ?? []), node])
  return found
}

function mappingAt(value: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const inner = value[key]
  return isMapping(inner) ? inner : {}
}

function textAt(value: Readonly<Record<string, unknown>>, key: string): string {
  const inner = value[key]
  return typeof inner === 'string' ? inner : ''
}

/** dbt takes numbers and words. */
function versionAt(value: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const inner = value[key]
  return typeof inner === 'string' || typeof inner === 'number' ? String(inner) : undefined
}
