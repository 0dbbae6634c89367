import type { Equivalent } from './equivalent-steps.ts'

/** Of what looks alike, and of the steps that follow where it is linked or refused. */
export const EQUIVALENT_CANDIDATES: readonly Equivalent[] = [
  {
    kind: 'or to and',
    family: /^identity\.\w+\.(?:review\.)?alike_facts_\w+$/,
    shown: /when "id_\d" is null or "id_\d" in/,
    reason: 'the value stands in the other column then, or in both, and `alike_rows` has each once',
  },
  ...(['> to >=', 'having dropped'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.(?:review\.)?alike_\w+_blocks$/,
    shown: /having (?:true or )?count\(distinct place\)/,
    reason: 'a block of one record has no pair, and is not larger than `max_block`, which is 1 at least',
  })),
  {
    kind: 'distinct dropped',
    family: /^identity\.\w+\.(?:review\.)?alike_\w+_rows$/,
    shown: /as select distinct place, r, block/,
    reason: 'only more work: blocks count places once, and pairs are grouped',
  },
  {
    kind: '< to <=',
    family: /^identity\.\w+\.(?:review\.)?alike_\w+_pairs$/,
    shown: /l\.place < h\.place \) as/,
    reason: 'a record beside itself is of one entity: it is no candidate, and links nothing',
  },
  {
    kind: '<= to <',
    family: /^identity\.\w+\.(?:review\.)?alike_\w+_pairs$/,
    shown: /case when l\.value <= h\.value then/,
    reason: 'two that are equal are as alike either way round',
  },
  {
    kind: 'join to left join',
    family: /^identity\.\w+\.(?:review\.)?alike_\w+_pairs$/,
    shown: /_blocks_\d" as k join|k\.block join|_apart" as s join/,
    reason: 'blocks are made of these rows, and each record of a list is in the list',
  },
  {
    kind: 'join to left join',
    family: /^identity\.\w+\.(?:review\.)?candidates$/,
    shown: /\) as p join "|= p\.a join "/,
    reason: 'the records of a pair have keys, and each record with a key has an entity',
  },
  {
    kind: 'distinct dropped',
    family: /^identity\.\w+\.link_edges$/,
    shown: /as select distinct case when a > b/,
    reason: 'only more work: a pair that is there twice joins the same two',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.link_edges$/,
    shown: /as joined where a <> b/,
    reason: 'an edge from a component to itself hooks it to itself, and goes when edges are contracted',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.link_labels$/,
    shown: /\.v = l\.v where h\.v is null/,
    reason: 'links join the ends of components of identifiers, and an end is not hooked to another one',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:link_)?guard_N_compose$/,
    shown: /\.v = l\.v where h\.v is null/,
    reason: 'a cluster that became part of another one is in no later pass',
  },
  ...(['> to >=', 'where dropped', 'distinct dropped', 'partition key dropped'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.(?:link_)?guard_refused$/,
    shown: /as counted where entities > 1 \)|\( select distinct k\.n, l|over \(partition by n\) as entities/,
    reason:
      'what asked within one entity alone breaks no limit: no entity is over one (test/identity/limits.test.ts)',
  })),
  {
    kind: 'union all to union',
    family: /^identity\.\w+\.(?:link_)?guard_refused$/,
    shown: /f\.reason union all select i\.t/,
    reason: 'the rows of both parts are grouped, and have other reasons',
  },
  {
    kind: 'union all to union',
    family: /^identity\.\w+\.refused$/,
    shown: /_refused" where t <= \d union all select cast\('/,
    reason: 'the rows of both parts are grouped, and have other reasons',
  },
]
