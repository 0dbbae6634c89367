import { createHash } from 'node:crypto'
import { type OracleLimits, stitchWithin } from './guard-oracle.ts'
import type { OracleSource } from './identity-oracle.ts'
import { editDistance, jaroWinkler } from './similarity-oracle.ts'

/** What rules of candidates mean, in plain TypeScript: every two records are looked at. */

export interface OracleRule {
  readonly name: string
  readonly compare: string
  readonly blockBy: readonly (string | readonly [name: string, prefix: number])[]
  readonly similarity: { readonly jaro_winkler: number } | { readonly edit_distance: number }
  readonly maxBlock: number
  readonly link: boolean
}

/** Facts and identifiers by name, normalised, of the records that may be compared. */
export interface ComparedRecord {
  readonly source: string
  readonly key: string
  readonly values: Readonly<Record<string, readonly string[]>>
}

interface Pair {
  readonly rule: OracleRule
  readonly a: ComparedRecord
  readonly b: ComparedRecord
  readonly score: number
}

export interface FoundCandidates {
  /** `source|record_id` -> a name of its entity. */
  readonly entities: ReadonlyMap<string, string>
  /** `rule contacts:1 contacts:2 0.9532 linked`, in order. */
  readonly candidates: readonly string[]
  /** `rule block records`, in order. */
  readonly skipped: readonly string[]
}

export function candidatesOf(
  sources: readonly OracleSource[],
  limits: OracleLimits,
  compared: readonly ComparedRecord[],
  rules: readonly OracleRule[],
): FoundCandidates {
  const exact = entitiesOf(sources, limits)
  const blocks = rules.map((rule) => ({ rule, blocks: blocksOf(rule, compared) }))
  const pairs = blocks.flatMap((one) => pairsOf(one.rule, one.blocks, limits))
  const wanted = pairs.filter(
    ({ rule, a, b }) => rule.link && exact.get(placeOf(a, '|')) !== exact.get(placeOf(b, '|')),
  )
  const entities = linked(sources, limits, rules, wanted)
  const candidates = pairs.flatMap((pair) => {
    const one = entities.get(placeOf(pair.a, '|')) === entities.get(placeOf(pair.b, '|'))
    if (one && !wanted.includes(pair)) return []
    const { rule, a, b, score } = pair
    return [`${rule.name} ${placeOf(a)} ${placeOf(b)} ${score.toFixed(6)}${one ? ' linked' : ''}`]
  })
  const skipped = blocks.flatMap(({ rule, blocks: all }) =>
    [...all]
      .filter(([, members]) => members.size > rule.maxBlock)
      .map(([block, members]) => `${rule.name} ${block} ${members.size}`),
  )
  return { entities, candidates: candidates.sort(), skipped: skipped.sort() }
}

function entitiesOf(sources: readonly OracleSource[], limits: OracleLimits): ReadonlyMap<string, string> {
  const { records, entities } = stitchWithin(sources, limits)
  return new Map([...records].map(([record, node]) => [record, entities.get(node) ?? '']))
}

/** Each pair is an identifier of a type of its own, believed after all others, the closest first. */
function linked(
  sources: readonly OracleSource[],
  limits: OracleLimits,
  rules: readonly OracleRule[],
  wanted: readonly Pair[],
): ReadonlyMap<string, string> {
  const order = wanted.toSorted((x, y) => {
    const [first, second] = [x, y].map((pair) => tryingKey(pair, rules)) as [string, string]
    return first < second ? -1 : 1
  })
  const held = new Map<string, string[]>()
  order.forEach(({ a, b }, index) => {
    for (const record of [a, b]) {
      const place = placeOf(record, '|')
      held.set(place, [...(held.get(place) ?? []), `pair${index}`])
    }
  })
  const withPairs = sources.map((source) => ({
    ...source,
    rows: source.rows.map((row) => {
      const types = held.get(`${source.name}|${row.key}`) ?? []
      return { ...row, ids: { ...row.ids, ...Object.fromEntries(types.map((type) => [type, ['x']])) } }
    }),
  }))
  const tiers = order.map((_, index) => [`pair${index}`, { priority: LAST + index }] as const)
  return entitiesOf(withPairs, { ...limits, types: { ...limits.types, ...Object.fromEntries(tiers) } })
}

/** After every priority, and after the types that have none. */
const LAST = 2e9

function tryingKey({ rule, a, b, score }: Pair, rules: readonly OracleRule[]): string {
  const apart = 'jaro_winkler' in rule.similarity ? Math.round((1 - score) * 1e9) : score
  const md5 = createHash('md5')
    .update(`${placeOf(a)} ${placeOf(b)}`)
    .digest('hex')
  return `${String(rules.indexOf(rule)).padStart(3, '0')}${1e9 + apart}${md5}`
}

function blocksOf(
  rule: OracleRule,
  compared: readonly ComparedRecord[],
): ReadonlyMap<string, ReadonlySet<ComparedRecord>> {
  const blocks = new Map<string, Set<ComparedRecord>>()
  for (const record of compared) {
    if ((record.values[rule.compare] ?? []).length === 0) continue
    for (const block of blocksOfRecord(rule, record))
      blocks.set(block, new Set([...(blocks.get(block) ?? []), record]))
  }
  return new Map([...blocks].filter(([, members]) => members.size > 1))
}

function blocksOfRecord(rule: OracleRule, record: ComparedRecord): readonly string[] {
  return rule.blockBy.reduce<readonly string[]>(
    (all, key, index) => {
      const [name, prefix] = typeof key === 'string' ? [key, undefined] : key
      const values = (record.values[name] ?? []).map((value) =>
        prefix === undefined ? value : [...value].slice(0, prefix).join(''),
      )
      return all.flatMap((start) => values.map((value) => (index === 0 ? value : `${start}|${value}`)))
    },
    [''],
  )
}

function pairsOf(
  rule: OracleRule,
  blocks: ReadonlyMap<string, ReadonlySet<ComparedRecord>>,
  limits: OracleLimits,
): readonly Pair[] {
  const best = new Map<string, Pair>()
  for (const members of blocks.values()) {
    if (members.size > rule.maxBlock) continue
    for (const a of members)
      for (const b of members) {
        if (!(placeOf(a) < placeOf(b)) || areKeptApart(a, b, limits)) continue
        const score = scoreOf(rule, a, b)
        if (score !== undefined) best.set(`${placeOf(a)} ${placeOf(b)}`, { rule, a, b, score })
      }
  }
  return [...best.values()]
}

/** The best of all values; undefined: not alike. */
function scoreOf(rule: OracleRule, a: ComparedRecord, b: ComparedRecord): number | undefined {
  const both = (a.values[rule.compare] ?? []).flatMap((one) =>
    (b.values[rule.compare] ?? []).map(
      (other) => (one < other ? [one, other] : [other, one]) as [string, string],
    ),
  )
  if ('jaro_winkler' in rule.similarity) {
    const score = Math.max(...both.map(([low, high]) => jaroWinkler(low, high)))
    return score >= rule.similarity.jaro_winkler ? score : undefined
  }
  const score = Math.min(...both.map(([low, high]) => editDistance(low, high)))
  return score <= rule.similarity.edit_distance ? score : undefined
}

function areKeptApart(a: ComparedRecord, b: ComparedRecord, { block = [] }: OracleLimits): boolean {
  return block.some((list) => list.includes(placeOf(a, '|')) && list.includes(placeOf(b, '|')))
}

function placeOf({ source, key }: ComparedRecord, between = ':'): string {
  return `${source}${between}${key}`
}
