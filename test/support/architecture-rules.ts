import { posix } from 'node:path'
import { blank, lineOf } from './source-text.ts'

/**
 * Which module may import which: the table of docs/architecture.md as data. `x (types)` allows only
 * `import type`. A module may always import itself.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/base': [],
  'src/connector': ['src/base'],
  'src/dialect': ['src/base'],
  'src/spec': ['src/connector (types)', 'src/base'],
  'src/template': ['src/dialect', 'src/base'],
  'src/warehouse': ['src/dialect', 'src/base'],
  'src/graph': ['src/spec', 'src/connector (types)', 'src/base'],
  'src/compile': ['src/graph', 'src/spec', 'src/template', 'src/dialect', 'src/base'],
  'src/ledger': ['src/warehouse', 'src/template', 'src/dialect', 'src/base'],
  'src/build': [
    'src/ledger',
    'src/compile',
    'src/graph',
    'src/warehouse',
    'src/dialect',
    'src/template (types)',
    'src/spec (types)',
    'src/base',
  ],
  'src/inspect': [
    'src/build',
    'src/ledger',
    'src/compile',
    'src/graph',
    'src/warehouse',
    'src/spec (types)',
    'src/base',
  ],
  'src/sync': [
    'src/build',
    'src/ledger',
    'src/connector',
    'src/warehouse',
    'src/compile',
    'src/graph',
    'src/base',
  ],
  'src/schedule': ['src/build', 'src/sync', 'src/ledger', 'src/graph', 'src/base'],
  'src/cli': ['*'],
  connectors: ['src/connector'],
}

/** Which modules may import a package of npm. A package not listed may be imported nowhere. */
const PACKAGE_USERS: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['src/warehouse'],
  '@google-cloud/bigquery': ['src/warehouse'],
  pg: ['src/warehouse', 'connectors'],
  'snowflake-sdk': ['src/warehouse'],
  axios: ['src/connector'],
  undici: ['src/connector'],
  commander: ['src/cli'],
  kysely: ['src/dialect', 'src/ledger'],
  'node-cron': ['src/schedule', 'src/graph'],
  'p-limit': ['src/sync', 'src/schedule'],
  'temporal-polyfill': ['src/compile', 'src/spec', 'src/schedule'],
  yaml: ['src/spec'],
  zod: ['src/spec'],
}

/** Modules that take values and return values: of Node they may use only what computes. */
const PURE = ['src/spec', 'src/graph', 'src/compile', 'src/dialect']
const COMPUTING_BUILTINS = ['node:crypto', 'node:path', 'node:buffer', 'node:util']

/** Words that may stand only in some places. */
const PLACED_WORDS: readonly { readonly what: string; readonly pattern: RegExp; readonly allowed: RegExp }[] =
  [
    {
      what: 'the process, its environment and its output belong to src/cli',
      pattern: /\bprocess\s*\.\s*(?:env|stdout|stderr|stdin|argv|exit|exitCode|on|once)\b|\bconsole\s*\./g,
      allowed: /^src\/cli\//,
    },
    {
      what: 'customer rows (`.stream(`) are read by sync and inspect only',
      pattern: /\.\s*stream\s*\(/g,
      allowed: /^src\/(?:sync|inspect|warehouse)\//,
    },
    {
      what: 'only src/dialect may ask which dialect it is',
      pattern:
        /\bdialect\s*\.\s*name\s*[!=]==?|[!=]==?\s*(?:\w+\s*\.\s*)*dialect\s*\.\s*name\b|\bswitch\s*\(\s*(?:\w+\s*\.\s*)*dialect\s*\.\s*name\b/g,
      allowed: /^src\/dialect\//,
    },
    {
      what: 'time and chance come in through base/clock.ts and base/ids.ts',
      pattern:
        /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(]))|\bMath\s*\.\s*random\b|\bperformance\s*\.\s*now\b|\brandomUUID\b|\brandomBytes\b/g,
      allowed: /^src\/base\/(?:clock|ids)\.ts$/,
    },
  ]

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

interface ImportEdge {
  readonly from: string
  /** A path from the root for a file of ours, else the bare specifier. */
  readonly to: string
  readonly line: number
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

/** Every breach of the house rules, as `file:line: what is wrong`. */
export function breaches(files: readonly SourceFile[]): readonly string[] {
  const edges = files.flatMap(importsOf)
  return [
    ...edges.flatMap(forbiddenArrow),
    ...edges.flatMap(forbiddenPackage),
    ...cycles(edges),
    ...files.flatMap(misplacedWords),
  ]
}

/** Tests prove modules from outside, so the rules are about everything else. */
export function isRuled(path: string): boolean {
  return /^(?:src|connectors)\/.*\.ts$/.test(path) && !path.endsWith('.test.ts')
}

const IMPORT =
  /\b(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?(['"])([^'"\n]+)\2|\bimport\s*\(\s*(['"])([^'"\n]+)\4\s*\)/g

function importsOf(file: SourceFile): readonly ImportEdge[] {
  const { withoutComments: text, codeOnly } = blank(file.text)
  const statements = [...text.matchAll(IMPORT)].filter((match) => /\w/.test(codeOnly[match.index] ?? ''))
  return statements.map((match) => {
    const specifier = match[3] ?? match[5] ?? ''
    const own = specifier.startsWith('.')
    return {
      from: file.path,
      to: own ? posix.join(posix.dirname(file.path), specifier) : specifier,
      line: lineOf(text, match.index),
      typeOnly: match[1] !== undefined || isTypeQuery(text, match.index, match[5]),
      dynamic: match[5] !== undefined,
    }
  })
}

/** `import('./x.ts').Name` in a type position: told by the member that follows without a call or await. */
function isTypeQuery(text: string, offset: number, dynamicTarget: string | undefined): boolean {
  if (dynamicTarget === undefined) return false
  const before = text.slice(Math.max(0, offset - 30), offset)
  return /[:<|&]\s*$/.test(before) && /^import\s*\([^)]*\)\s*\.\s*[A-Z]/.test(text.slice(offset))
}

function forbiddenArrow(edge: ImportEdge): readonly string[] {
  const from = moduleOf(edge.from)
  const to = moduleOf(edge.to)
  if (to === undefined) return []
  if (from === undefined) return [`${edge.from}:${edge.line}: belongs to no module of the table`]
  if (from === to)
    return sameConnector(edge)
      ? []
      : [`${edge.from}:${edge.line}: a connector may not import another (${edge.to})`]
  const allowed = MAY_IMPORT[from] ?? []
  if (allowed.includes('*') || allowed.includes(to)) return []
  if (edge.typeOnly && allowed.includes(`${to} (types)`)) return []
  return [`${edge.from}:${edge.line}: ${from} may not import ${to} (${edge.to})`]
}

/** Inside connectors/, a folder sees only itself; the registry at the top sees all. */
function sameConnector(edge: ImportEdge): boolean {
  const folder = (path: string) => path.split('/').slice(1, -1)[0]
  if (!edge.from.startsWith('connectors/')) return true
  return folder(edge.from) === undefined || folder(edge.from) === folder(edge.to)
}

function forbiddenPackage(edge: ImportEdge): readonly string[] {
  if (moduleOf(edge.to) !== undefined) return []
  const from = moduleOf(edge.from) ?? edge.from
  if (edge.to.startsWith('node:')) {
    const computing = COMPUTING_BUILTINS.some((name) => edge.to === name || edge.to.startsWith(`${name}/`))
    if (!PURE.includes(from) || computing) return []
    return [`${edge.from}:${edge.line}: ${from} is pure and may not import ${edge.to}`]
  }
  if (edge.to.startsWith('.') || edge.to.includes('..'))
    return [`${edge.from}:${edge.line}: ${edge.to} is outside the house`]
  const users = PACKAGE_USERS[packageOf(edge.to)]
  if (users?.includes(from)) return []
  return [`${edge.from}:${edge.line}: ${from} may not import the package ${edge.to}`]
}

/** Files that import each other, types too: one line a cycle. A dynamic import ends a cycle at load time. */
function cycles(edges: readonly ImportEdge[]): readonly string[] {
  const next = new Map<string, ImportEdge[]>()
  for (const edge of edges)
    if (!edge.dynamic && moduleOf(edge.to) !== undefined)
      next.set(edge.from, [...(next.get(edge.from) ?? []), edge])
  const found: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    if (done.has(file)) return
    for (const edge of next.get(file) ?? []) {
      const start = [...path, file].indexOf(edge.to)
      if (start >= 0)
        found.push(
          `${edge.from}:${edge.line}: cycle ${[...path, file].slice(start).join(' -> ')} -> ${edge.to}`,
        )
      else visit(edge.to, [...path, file])
    }
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return found
}

function misplacedWords(file: SourceFile): readonly string[] {
  const code = blank(file.text).codeOnly
  return PLACED_WORDS.flatMap(({ what, pattern, allowed }) =>
    allowed.test(file.path)
      ? []
      : [...code.matchAll(pattern)].map((match) => `${file.path}:${lineOf(code, match.index)}: ${what}`),
  )
}

function moduleOf(path: string): string | undefined {
  if (path.startsWith('connectors/')) return 'connectors'
  return /^src\/[^/]+(?=\/)/.exec(path)?.[0]
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
