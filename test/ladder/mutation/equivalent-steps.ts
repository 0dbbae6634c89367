export interface Equivalent {
  readonly kind: string
  readonly family: RegExp
  readonly shown: RegExp
  readonly reason: string
}

/** The same of identity, plans and the ledger: a step is printed by a template of its own, so that each entry is of few lines. */
export const EQUIVALENT_STEPS: readonly Equivalent[] = [
  {
    kind: 'union all to union',
    // Not where rows are counted or added up.
    family: /^identity\.\w+\.(?!.*(?:moved_values|refused)).+/,
    shown: /union all select/,
    reason:
      'the parts are of other sources, types, lists or runs, and a record holds a value of a type once; or they are asked for by `in`',
  },
  {
    kind: 'and to or',
    // Not where more conditions follow, which `or` would set free.
    family: /^identity\.\w+\.(?!.*(?:over_|guard_values)).+/,
    shown: /\.x = \w+\.x and \w+\.y = \w|\.h = n\.h and s\.h_second|\.x and \w+\.y = \w/,
    reason:
      'two hashes stand for a value, and one tells it unless it collides (test/identity/collisions.test.ts)',
  },
  {
    kind: 'nulls last to first',
    family: /^identity\./,
    shown: /(?:k\.first_run|k\.rank_hash|k\.r|i\.order_hash|i\.t|i\.value|k\.n) nulls last/,
    reason: 'rank, number, hash and value of a record are never null',
  },
  {
    kind: 'nulls last to first',
    family: /^(?:sync|ledger)\./,
    shown: /(?:seq|batch|stretch|large|place|lo|hi|name|"id"|"created_at")(?: asc)? nulls last/,
    reason: 'what is numbered has a number, and what is called by an id or a name has one',
  },
  {
    kind: '< to <=',
    family: /^identity\.\w+\.incremental\./,
    shown: /=> .*\b(?:s\.|b\.)?t <= 0/,
    reason: 'types are numbered from 1, ignored values from -1 downwards: none is 0',
  },
  {
    kind: '> to >=',
    family: /^identity\.\w+\.incremental\./,
    shown: /=> .*\b(?:s\.|b\.)?t >= 0/,
    reason: 'types are numbered from 1, ignored values from -1 downwards: none is 0',
  },
  {
    kind: 'a number more',
    family: /^identity\.\w+\.incremental\./,
    shown: /\b(?:s\.|b\.)?t < 0 .*=> .*\b(?:s\.|b\.)?t < 1 /,
    reason: 'types are numbered from 1, ignored values from -1 downwards: none is 0',
  },
  {
    kind: 'min to max',
    family: /^identity\.\w+\.(?:incremental\.)?(?:identity|identity_in)$/,
    shown: /min\([an]\.entity_id/,
    reason: 'a row of a source is of one node, and a node of one entity',
  },
  {
    kind: 'min to max',
    family: /^identity\.\w+\.incremental\.refused_in$/,
    shown: /min\(value\)/,
    reason: 'one value has these hashes',
  },
  {
    kind: '>= to >',
    family: /^(?:identity|sync)\./,
    shown: /when "id_\d" >= "id_\d" then "id_\d"|>= '!' then/,
    reason: 'of two that are equal either is taken; of a text that is only `!` the longer way gives the same',
  },
  {
    kind: '<= to <',
    family: /^(?:identity|sync)\./,
    shown: /when "id_\d" <= "id_\d" then "id_\d" else/,
    reason: 'of two that are equal either is taken',
  },
  {
    kind: 'join to left join',
    family:
      /^identity\.\w+\.(?:(?:incremental\.)?(?:holders|moved_entities|graph_links|edges|moves)|guard_N_edges|blocked)$/,
    shown:
      /moved_values" as v|nodes_in" as n|near" as n|touched" as a|stars" as s|anchors" as a|pace_\w+" as p|lows as b|join \( select/,
    reason: 'the condition that follows asks of the joined row what no row of nulls has',
  },
  {
    kind: 'a number more',
    family: /^(?:sync|ledger)\.(?!acknowledged)/,
    shown: /limit (?:500|1000) /,
    reason: 'how many rows are read at once, until none is left',
  },
]
