-- The order of the records that are left is drawn anew, because it made the last rounds slow.
-- reads: edges(u, w)
-- writes: hooks(v, r)
-- grain: one row a record that is left
-- version: 1
select v, {{ hash }} as r
from (
  select u as v from {{ edges }}
  union
  select w as v from {{ edges }}
) as left_over
