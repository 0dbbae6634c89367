-- Which identifiers still ask: not refused, and not inside one cluster.
-- reads: guard_asks(part, n, c), guard_refused(n), guard_moves(v, r)
-- writes: guard_asks(part, n, c)
-- grain: one row an identifier and cluster
-- version: 1
select part, n, c
from (
  select part, n, c, count(*) over (partition by n) as clusters
  from (
    select distinct k.part, k.n, coalesce(m.r, k.c) as c
    from {{ asks }} as k
    left join {{ moves }} as m on m.v = k.c
    where k.n not in (select n from {{ refused }})
  ) as moved
) as asking
where clusters > 1
