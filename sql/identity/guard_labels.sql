-- The cluster of each record, called by its least record.
-- reads: guarded(r), labels of clusters(v, r)
-- writes: guard_labels(v, r)
-- grain: one row a record
-- version: 1
select v, min(v) over (partition by c) as r
from (
  select g.r as v, coalesce(l.r, g.r) as c
  from {{ guarded }} as g
  left join {{ labels }} as l on l.v = g.r
) as clustered
