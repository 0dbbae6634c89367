-- Each record hooks to its least smaller neighbour, then to where that one hooked. A local minimum stays.
-- reads: edges(u, w)
-- writes: hooks(v, r)
-- grain: one row a record that has a smaller neighbour
-- version: 1
with hooked as (
  select u as v, min(w) as r
  from {{ edges }}
  group by u
)
select a.v, coalesce(b.r, a.r) as r
from hooked as a
left join hooked as b on b.v = a.r
