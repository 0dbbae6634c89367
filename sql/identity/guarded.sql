-- The records of the components over a limit: only these are stitched again, and carefully.
-- reads: over(c) of each limit, labels(v, r)
-- writes: guarded(r, c)
-- grain: one row a record
-- version: 1
with over_limit as (
  select c
  from {{ over }} as o
)
select l.v as r, l.r as c
from {{ labels }} as l
where l.r in (select c from over_limit)
union
select c as r, c
from over_limit
