-- Both ends of each edge move to where they hooked; edges inside one group are gone.
-- reads: edges(u, w), hooks(v, r)
-- writes: edges(u, w)
-- grain: one row a pair of records that are joined, the higher first
-- version: 1
select distinct case when a > b then a else b end as u, case when a > b then b else a end as w
from (
  select coalesce(h.r, e.u) as a, coalesce(k.r, e.w) as b
  from {{ edges }} as e
  left join {{ hooks }} as h on h.v = e.u
  left join {{ hooks }} as k on k.v = e.w
) as moved
where a <> b
