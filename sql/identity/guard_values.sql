-- The identifiers of these records in the order in which they are tried: by priority, then by a hash of type and value
-- that is the same on every warehouse. `n` is the place in that order.
-- reads: values of the guarded records(r, t, tier, order_hash, value, x, y), guarded(r, c)
-- writes: guard_values(r, c, t, n, value, x, y)
-- grain: one row a record and identifier value
-- version: 1
select i.r, g.c, i.t, i.value, i.x, i.y, dense_rank() over (
  order by i.tier nulls last, {{ order_hash }} nulls last, i.t nulls last, {{ value }} nulls last
) as n
from {{ values }} as i
join {{ guarded }} as g on g.r = i.r{{ trusted }}
