type Path = readonly (string | number)[]

/** How one of a kind is called in a message. */
const SINGULAR: Readonly<Record<string, string>> = {
  sources: 'source',
  entities: 'entity',
  traits: 'trait',
  segments: 'segment',
  destinations: 'destination',
  syncs: 'sync',
  targets: 'target',
}

/** Under these keys mappings are conditions, whatever `all`, `any` and numbers lie between. */
const CONDITION_KEYS: ReadonlySet<string | number> = new Set(['where', 'require', 'when'])

/** The mapping or list at `path`, for a message: `"guard" of sync "vips_to_crm"`. */
export function placeOf(path: Path, root: Readonly<Record<string, unknown>>): string {
  const [kind, which, ...inner] = path
  if (kind === undefined) return 'the project'
  const singular = SINGULAR[kind]
  if (singular === undefined || which === undefined) return `"${kind}"`
  const definition = definitionName(root[kind], which)
  const owner =
    definition === undefined ? `${singular} number ${Number(which) + 1}` : `${singular} ${definition}`
  const part = innerName(inner)
  return part === undefined ? owner : `${part} of ${owner}`
}

function definitionName(list: unknown, which: string | number): string | undefined {
  if (typeof which === 'string') return quoted(which)
  const definition: unknown = Array.isArray(list) ? list[which] : undefined
  if (typeof definition !== 'object' || definition === null || !Object.hasOwn(definition, 'name'))
    return undefined
  const { name } = definition as { readonly name: unknown }
  return typeof name === 'string' ? quoted(name) : undefined
}

function innerName(inner: Path): string | undefined {
  const names = inner.filter((part) => typeof part === 'string')
  const last = names.at(-1)
  if (last === undefined) return undefined
  const inCondition = names.some((name) => CONDITION_KEYS.has(name)) && CONDITION_PARTS.has(last)
  return inCondition ? 'a condition' : quoted(last)
}

const CONDITION_PARTS: ReadonlySet<string> = new Set([
  'where',
  'require',
  'when',
  'all',
  'any',
  'not',
  'sequence',
])

/** A found value, short, on one line, and without characters that a terminal would obey. */
export function describeFound(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping'
  if (typeof value !== 'string') return String(value)
  if (value === '') return 'an empty text'
  return quoted(value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}...` : value)
}

/** What fits on a line beside the rest of the message; the caret shows the whole. */
const LONGEST_QUOTE = 60

function quoted(text: string): string {
  return `"${text.replaceAll(/\s+/g, ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '?')}"`
}
