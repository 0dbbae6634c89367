-- What each cluster holds of what is limited: `t` is the number of the limit, `w` the value.
-- reads: guard_values(r, t, n), guarded(r), blocked(list, member, r)
-- writes: guard_holds_0(c, t, w, weight)
-- grain: one row a cluster, limit and value
-- version: 1
select h.c, h.t, h.w, {{ one }} as weight
from {{ held }} as h
