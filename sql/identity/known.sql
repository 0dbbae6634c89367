-- The component of each record, when it was first seen, which id it owns, which entity it was in, and the anchor of its
-- component: the member of the earliest run. A new record is of this run; an heir has the rank and id that it inherits.
-- reads: records of all sources(r), labels(v, r), former(r, first_run, rank_hash, owned_id, entity_id),
--   heirs(r, first_run, rank_hash, entity_id)
-- writes: known(r, first_run, rank_hash, owned_id, former_id, anchor)
-- grain: one row a record
-- version: 2
select k.r, k.first_run, k.rank_hash, k.owned_id, k.former_id, first_value(k.r) over (
  partition by k.c
  order by k.first_run nulls last, k.rank_hash nulls last, k.r nulls last
  rows between unbounded preceding and current row
) as anchor
from (
  select n.r, coalesce(l.r, n.r) as c, {{ first_run }} as first_run, {{ rank_hash }} as rank_hash,
    {{ owned_id }} as owned_id, {{ former_id }} as former_id
  from {{ records }} as n
  left join {{ labels }} as l on l.v = n.r{{ former }}
) as k
