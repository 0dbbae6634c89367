-- Which identifier asks to join which clusters; at the start each record is a cluster.
-- reads: guard_values(r, c, n), guard_alone(r)
-- writes: guard_asks_0(part, n, c)
-- grain: one row an identifier and cluster
-- version: 1
select part, n, c
from (
  select i.c as part, i.n, i.r as c, count(*) over (partition by i.n) as clusters
  from {{ values }} as i
  where i.r not in (select r from {{ alone }})
) as asking
where clusters > 1
