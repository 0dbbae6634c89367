-- Components that hold more values of one type than an entity may. A value that links nothing counts nowhere.
-- reads: identifiers of one type(r, x, y), labels(v, r)
-- writes: over(c)
-- grain: one row a component over the limit
-- version: 1
select c
from (
  select coalesce(l.r, i.r) as c, i.x, i.y
  from {{ identifiers }} as i
  left join {{ labels }} as l on l.v = i.r{{ trusted }}
) as held
group by c
having {{ over }}
