import type { Equivalent } from './equivalent-steps.ts'

/** Of the steps that read records and name refused values, and of those that find what is not as it was. */
export const EQUIVALENT_RECORDS: readonly Equivalent[] = [
  {
    kind: 'another text',
    family: /^(?:identity|sync)\./,
    shown: />= '!' then .*=> .*>= '!~' then/,
    reason: 'a text between the two goes the longer way, which gives the same',
  },
  {
    kind: 'another text',
    family: /^identity\.\w+\.ignored$/,
    shown: /<> '' then cast\('.*=> .*<> '~' then/,
    reason: 'the values of the list stand in the statement, and none of them is blank or `~`',
  },
  ...(['= to <>', 'another text'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.(?:refused|(?:link_)?guard_rows_\w+|alike_facts\w*)$/,
    shown: /typeof\("record_id"\) = 'VARCHAR'|\("record_id"\) = 'VARCHAR' then '\.'/,
    reason: 'these steps read records by the lines of others, and ask for no `content_hash`',
  })),
  {
    kind: 'min to max',
    family: /^identity\.\w+\.refused$/,
    shown: /end as identifier, min\(v\.value\)/,
    reason: 'one value has these hashes',
  },
  {
    kind: 'left join to join',
    family: /^identity\.\w+\.refused$/,
    shown: /_stars" as s left join \( select hash/,
    reason: 'the least record of a star is read, and holds its value',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:refused|incremental\.refused_in)$/,
    shown: /(?:\) as ids|as value from "sl_\w+_records_\d") where "id_\d" is not null union/,
    reason: 'the hash of no value is of no star, and names nothing',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.refused$/,
    shown: /where true\) as ids where case when record_id is not|_stars" as s where s\.records >/,
    reason: 'only more work: names are asked for by their hashes, by the stars that are refused',
  },
  {
    kind: 'union all to union',
    family: /^identity\.\w+\.(?:refused|incremental\.refused_in)$/,
    shown: /"id_\d" is not null union all select (?:hash\(|\(-\d|\d as t)/,
    reason: 'names of values: one that is there twice is named once',
  },
  {
    kind: 'another text',
    family: /^identity\.\w+\.refused$/,
    shown: /in \("id_\d"\) then '' else "id_\d" end.*then '~'|<> '' then "a_\d_\d" end/,
    reason: 'it would be one more name, of a value that no record holds',
  },
  {
    kind: 'or to and',
    family: /^identity\.\w+\.refused$/,
    shown: /when "id_\d" is null or "id_\d" in/,
    reason: 'the value stands in the other column then, or in both: it has its name',
  },
  {
    kind: 'union all to union',
    family: /^identity\.\w+\.refused$/,
    shown: /s\.y union all select cast\('/,
    reason: 'the rows of both parts are grouped, and have other reasons',
  },
  ...(['a number more', 'is not null', 'or to and'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.refused$/,
    shown:
      /_ignored" where t = 1 and value|where t = 1 and value is not null\)|and value is not null\) or regexp_matches/,
    reason: 'fewer values are ignored, and one that is ignored has no star that asks for its name',
  })),
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:incremental\.)?(?:anchors|former)$/,
    shown: /_groups_\d" where r not in \(select/,
    reason: 'a group that is nobody is not known, and the join with `known` or the state drops it',
  },
  {
    kind: 'distinct dropped',
    family: /^identity\.\w+\.(?:incremental\.)?(?:(?:link_)?guard_N_)?(?:round_N_contract|loose)$/,
    shown: /_edges_\d+" as select distinct case when a > b|_loose" as select distinct h\.r/,
    reason: 'only more work: a pair that is there twice joins the same two, and `loose` is asked for by `in`',
  },
  {
    kind: 'left join to join',
    family: /^identity\.\w+\.(?:incremental\.)?(?:(?:link_)?guard_N_)?round_N_contract$/,
    shown: /_edges_\d+" as e left join "sl_\w+_hooks_\d+" as h on/,
    reason: 'the higher end of every edge is hooked in each round',
  },
  {
    kind: 'and to or',
    family: /^identity\.\w+\.incremental\.(?:event_rows|left|remove_node_rows)$/,
    shown: /row_hash"? = (?:e|"\w+_node_rows")\."?row_hash"? and [gx]\."?content_hash"? = /,
    reason:
      'a key of an event has one content in the state, or the stitch is a full one; and a content is of one key, which is hashed with it',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.incremental\.check_rows$/,
    shown: /_node_rows" where row_hash in \(select row_hash/,
    reason: 'where another key stands twice in the state, the stitch is a full one before this is asked',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.incremental\.records_\w+$/,
    shown: /_found_\d+" where (?:stands|not was)\)/,
    reason: 'a row that is gone is not read, and one that changed stands in the list already',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.incremental\.left$/,
    shown: /_gone_rows" where r is not null\)/,
    reason: 'a null is in no list and `not in` gives no row for it',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.incremental\.came$/,
    shown: /_old_links" where t > 0\)/,
    reason: 'ignored values of events hang on rows, and no row has the hash of a node',
  },
  {
    kind: 'and to or',
    family: /^identity\.\w+\.incremental\.moved_values$/,
    shown: /t < 0 and r in \(select row_hash/,
    reason:
      'of the old links those of ignored values are of unlinked nodes or of rows that are gone, and no others are of rows',
  },
  {
    kind: 'join to left join',
    family: /^identity\.\w+\.incremental\.event_rows$/,
    shown: /\) as i join "sluice"\."\w+_node_rows" as e /,
    reason: 'the condition that follows asks of the joined row what no row of nulls has',
  },
  {
    kind: '= to <>',
    family: /^identity\.\w+\.incremental\.heirs$/,
    shown: /owned_id and k\.entity_id = s\.entity_id where s/,
    reason:
      'only more work: an anchor that is still there is the first of its entity, and inherits from itself',
  },
]
