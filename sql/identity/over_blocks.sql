-- Components that hold two records of one list of `block`.
-- reads: blocked(list, member, r), labels(v, r)
-- writes: over(c)
-- grain: one row a component over the limit
-- version: 1
select distinct c
from (
  select b.list, coalesce(l.r, b.r) as c
  from {{ blocked }} as b
  left join {{ labels }} as l on l.v = b.r
) as held
group by list, c
having count(*) > 1
