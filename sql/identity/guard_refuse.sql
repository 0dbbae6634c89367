-- Identifiers whose clusters together are over a limit. Clusters only grow, so it is over for ever.
-- reads: guard_asks(n, c), guard_holds(c, t, w, weight)
-- writes: guard_refused(n, t)
-- grain: one row an identifier and limit
-- version: 1
select n, t
from (
  select k.n, h.t, h.w, max(h.weight) as weight
  from {{ asks }} as k
  join {{ holds }} as h on h.c = k.c
  group by k.n, h.t, h.w
) as united
group by n, t
having sum(weight) > {{ most }}
