import type { Equivalent } from './equivalent-steps.ts'

/** Of the same kind: joins that always find a row, orders without ties, and pairs of hashes. */
export const EQUIVALENT_LIMITS: readonly Equivalent[] = [
  {
    kind: 'join to left join',
    family: /^identity\.\w+\.(?:link_)?guard_(?:refused|N_refuse|N_moves|N_pace)$/,
    shown: /join (?:"sl_\w+"|held|asking) as [lhikmp] on/,
    reason:
      'each cluster that asks has a label and a pace, each number its values; what holds nothing is over no limit, and `whole = 1` is no null',
  },
  {
    kind: 'join to left join',
    family: /^identity\.\w+\.(?:incremental\.)?(?:identity|anchors|node_entities|event_rows|heirs)$/,
    shown:
      /join (?:"sl_\w+_(?:known|anchors|touched|nodes_in)"|"sluice"\."\w+_node_rows"|gone) as [kaaige] on/,
    reason:
      'who is known has an anchor, and a null that is left is dropped by the join or the condition that follows',
  },
  {
    kind: 'left join to join',
    family: /^identity\.\w+\.(?:incremental\.)?nodes_out$/,
    shown: /left join "sl_\w+_(?:known|anchors)" as [ka] on/,
    reason: 'each record is known and has an anchor; the template says why the joins are outer ones',
  },
  ...(['where dropped', '= to <>', 'a number more'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.moves$/,
    shown: /_known" where 1 = 0\) as/,
    reason: 'in a first build nobody was in another entity: `former_id` is null',
  })),
  ...(['where dropped', '= to <>', 'a number more'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.incremental\.left$/,
    shown: /as one where 1 = 0 \) as/,
    reason: 'where no source is of events, no row of one is gone',
  })),
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:incremental\.)?edges$/,
    shown: /"x_\d" is not null union/,
    reason: 'a null is no centre of a star',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:link_)?blocked$/,
    shown: /where record_id in \(/,
    reason: 'the join asks for the same records',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:incremental\.)?heirs$/,
    shown: /as k where k\.entity_id in \(/,
    reason: 'the join asks for the same entities',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.incremental\.broken$/,
    shown: /gone_rows" where r is not null union/,
    reason: '`in` finds nothing by a null',
  },
  {
    kind: '> to >=',
    family: /^identity\.\w+\./,
    shown: /case when a > b then a else b|s\.records > 2 and s\.records/,
    reason: 'the two ends are never one; and a star of two has one edge, which `distinct` keeps once',
  },
  {
    kind: 'distinct dropped',
    family: /^identity\.\w+\.(?:edges|unattached|(?:link_)?guard_N_moves)$/,
    shown:
      /edges_0" as select distinct u, w|union all select distinct x, y|over_limit as \( select distinct g/,
    reason:
      'a pair that is there twice joins the same two, for more work; a refused value counts as often on both sides; or it is asked for by `in`',
  },
  ...(['asc to desc', 'row_number to rank', 'dense_rank to rank', 'nulls last to first'] as const).map(
    (kind) => ({
      kind,
      family: /^identity\.\w+\.(?:incremental\.)?(?:heirs|known|(?:link_)?guard_(?:values|holds))$/,
      shown:
        /k\.r desc nulls last|k\.entity_id, row_number\(\)|i\.t desc nulls|i\.value desc nulls|i\.y, dense_rank\(\)|order by r (?:desc )?nulls|t, row_number\(\)/,
      reason:
        'ranks and hashes before it have no ties; of numbers of values only the order counts, of numbers of records that they differ',
    }),
  ),
  ...(['min to max', 'max to min'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.(?:link_)?guard_(?:N_holds|N_refuse|N_moves|refused)$/,
    shown: /c, t, min\(w\)|h\.w, max\(h\.weight\)/,
    reason:
      'a value weighs the same in each cluster; of the records of a cluster, which no other has, any may stand for all',
  })),
  ...(['min to max', 'or to and', 'a number more'] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.(?:link_)?over_(?!entity|block)\w+$/,
    shown: /min\([xy]\) <|< max\([xy]\) or min|count\(distinct [xy]\) >|distinct x\) > \d+ or/,
    reason: 'two hashes stand for a value, and the other one tells it (test/identity/collisions.test.ts)',
  })),
  {
    kind: 'row_number to rank',
    family: /^sync\.\w+\.number$/,
    shown: /phase, key, fields, row_number\(\)/,
    reason: 'a key is sent once: check_plan proves it',
  },
  {
    kind: 'nulls last to first',
    family: /^sync\.\w+\.number$/,
    shown: /order by phase nulls last, key|phase nulls last, key nulls last\) as seq/,
    reason: 'what is sent has a phase and a key',
  },
  {
    kind: 'asc to desc',
    family: /^sync\.\w+\.freeze$/,
    shown: /order by seq nulls last/,
    reason: 'how rows are stored is for what reads them, and no answer',
  },
  {
    kind: 'join to left join',
    family: /^sync\.\w+\.(?:compare|model_rows)$/,
    shown: /from "sluice"\."segment_\w+" as s join "sluice"\."\w+" as p/,
    reason: 'who is in a segment is in its entity',
  },
  ...(['a number more', '= to <>', '< to <=', 'in', 'where dropped', 'distinct dropped'] as const).map(
    (kind) => ({
      kind,
      family: /^identity\.\w+\.(?:link_)?guard_(?:N_)?pace$/,
      shown:
        /m\.whole = 1|m\.v = k\.c where m|p\.take < a\.left_over|a\.part in \( select|count\(distinct k\.n\)/,
      reason:
        'only how many values are tried at once: what is joined is the same as where they are tried one after the other (test/identity/limits.test.ts)',
    }),
  ),
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:link_)?guard_refused$/,
    shown: /as kept_apart where c in \(select c/,
    reason: 'only more work: the join asks for the same entities',
  },
  {
    kind: 'nulls last to first',
    family: /^identity\.\w+\.(?:link_)?guard_values$/,
    shown: /i\.tier nulls last/,
    reason: 'the tier of a type is a number in the statement',
  },
  {
    kind: 'join to left join',
    family: /^identity\.\w+\.(?:link_)?guard_values$/,
    shown: /as i join "sl_\w+_guarded" as g on/,
    reason: 'only records that are guarded were read for it',
  },
  {
    kind: 'where dropped',
    family: /^identity\.\w+\.(?:link_)?guard_alone$/,
    shown: /_guard_values" as i where i\.t in/,
    reason: 'another type has no limit: the `case` gives a null, and `having` no row',
  },
  {
    kind: 'left join to join',
    family: /^identity\.\w+\.(?:link_)?over_block$/,
    shown: /_blocked" as b left join "sl_\w+_labels_\d+" as l on/,
    reason: 'a record without a label is alone: no two of a list are in its entity',
  },
  {
    kind: 'min to max',
    family: /^identity\.\w+\.(?:link_)?(?:blocked|guard_N_edges)$/,
    shown: /select b\.list, min\(b\.member\)|lows as \( select n, min\(c\) as low/,
    reason:
      'of members that are one record whichever counts once; and any member may be the centre of a star',
  },
  {
    kind: 'distinct dropped',
    family: /^identity\.\w+\.(?:link_)?guard_N_edges$/,
    shown: /\) select distinct a\.c as u/,
    reason: 'only more work: a pair that is there twice joins the same two',
  },
  ...(['having dropped', '> to >='] as const).map((kind) => ({
    kind,
    family: /^identity\.\w+\.(?:link_)?guard_N_moves$/,
    shown: /united group by g, t having sum|t having sum\(weight\) > case/,
    reason:
      'only more work: what is not joined whole is joined value by value, in their order (test/identity/limits.test.ts)',
  })),
]
