-- What the clusters that are asked for hold now. Values are held once, records are counted.
-- reads: guard_holds(c, t, w, weight), guard_moves(v, r), guard_asks(c)
-- writes: guard_holds(c, t, w, weight)
-- grain: one row a cluster, limit and value
-- version: 1
select c, t, min(w) as w, {{ weight }} as weight
from (
  select coalesce(m.r, h.c) as c, h.t, h.w, h.weight, case when h.t = {{ records }} then {{ records }} else h.w end as kept
  from {{ holds }} as h
  left join {{ moves }} as m on m.v = h.c
) as moved
where c in (select c from {{ asks }})
group by c, t, kept
