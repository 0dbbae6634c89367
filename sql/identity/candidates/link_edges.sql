-- These pairs as edges between the components that identifiers made.
-- reads: link_pairs(a_r, b_r), labels(v, r)
-- writes: edges(u, w)
-- grain: one row a pair of components that are joined, the higher first
-- version: 1
select distinct case when a > b then a else b end as u, case when a > b then b else a end as w
from (
  select coalesce(l.r, p.a_r) as a, coalesce(h.r, p.b_r) as b
  from {{ pairs }} as p
  left join {{ labels }} as l on l.v = p.a_r
  left join {{ labels }} as h on h.v = p.b_r
) as joined
where a <> b
